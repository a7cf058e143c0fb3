import Foundation
import Glibc
import Synchronization

/// A PostgreSQL server of this test process, in a directory of its own.
///
/// A watcher starts it and waits for the end of its standard input, which the kernel brings when
/// this process ends in whatever way. Then it stops the server and deletes the directory.
public final class PostgreSQLCluster: Sendable {
    /// Where its socket is.
    public let directory: String
    /// Its port on loopback, and the number of its socket.
    public let port: Int
    private let input: Int32
    private let watcher: Process

    /// Why there is no server.
    public struct Failure: Error, CustomStringConvertible {
        /// What is missing.
        public let description: String
    }

    /// The server that tests share; its data may be lost in a crash of the machine.
    public static func shared() throws -> PostgreSQLCluster { try sharedResult.get() }

    private static let sharedResult = Result {
        try PostgreSQLCluster(settings: ["fsync=off", "max_connections=400"])
    }

    /// Starts a server.
    ///
    /// - Parameter settings: `name=value`, as in postgresql.conf.
    /// - Throws: `Failure`.
    public init(settings: [String] = []) throws {
        port = try freePort()
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Failure(description: "no pipe") }
        // Or a program that another test starts would keep the server.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        input = ends[1]
        let output = Pipe()
        watcher = Process()
        watcher.executableURL = URL(fileURLWithPath: "/bin/bash")
        watcher.arguments = ["-c", script, "cluster", "\(port)"] + settings
        watcher.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        watcher.standardOutput = output
        try watcher.run()
        var line = ""
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { break }
            line.unicodeScalars.append(Unicode.Scalar(byte))
        }
        guard line.hasPrefix("/") else {
            throw Failure(
                description: "PostgreSQL does not start here; run scripts/install-dependencies test"
            )
        }
        directory = line
    }

    deinit { close(input) }

    /// The address of its database, in a schema of a name.
    ///
    /// - Parameters:
    ///   - schema: the schema, which must exist before a store is opened there.
    ///   - overLoopback: whether the connection is TCP and not the socket.
    /// - Returns: what `--store` takes.
    public func uri(schema: String, overLoopback: Bool = false) -> String {
        let host = overLoopback ? "127.0.0.1" : directory
        return "postgresql:///postgres?host=\(host)&port=\(port)&user=elman"
            + "&options=-csearch_path%3D\(schema)"
    }

    /// Runs a statement as the owner of all.
    public func run(_ statement: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", #"psql -h "$0" -p "$1" -U elman -d postgres -qtAX -v ON_ERROR_STOP=1 -c "$2""#,
            directory, "\(port)", statement,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(statement) failed")
        }
    }

    /// Runs `pg_ctl`, such as `["restart", "-m", "immediate"]`, and waits for its end.
    public func control(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments =
            ["-c", prelude + #"apart pg_ctl -D "$0/data" -s -w -l "$0/log" "$@""#, directory]
            + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "pg_ctl \(arguments) failed")
        }
    }
}

/// PostgreSQL refuses to run as root, so there it runs as the user `postgres`.
private let prelude = #"""
    PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)
    run() {
        if ((EUID == 0)); then
            setpriv --reuid postgres --regid postgres --clear-groups "$@"
        else "$@"; fi
    }
    # Without what the server would keep open, so that nobody waits for its end.
    apart() (
        for descriptor in /proc/self/fd/*; do
            number=${descriptor##*/}
            ((number <= 2)) || eval "exec $number>&-"
        done
        run "$@"
    )

    """#

private let script =
    prelude + #"""
        port=$1
        shift
        directory=$(run mktemp -d /tmp/elman-postgresql-XXXXXX) || exit 1
        stop() {
            run pg_ctl -D "$directory/data" -s -m immediate -W stop >"$directory/stop" 2>&1
            sleep 0.2
            rm -rf "$directory"
        }
        trap '' INT TERM HUP
        {
            run initdb -D "$directory/data" -A trust -N -E UTF8 --no-locale -U elman \
                && printf "%s\n" "unix_socket_directories='$directory'" "port=$port" \
                    "listen_addresses='127.0.0.1'" "$@" >>"$directory/data/postgresql.conf" \
                && run pg_ctl -D "$directory/data" -s -w -l "$directory/log" start
        } >"$directory/start" 2>&1 </dev/null || { cat "$directory/start" >&2; stop; exit 1; }
        echo "$directory"
        exec >&-
        cat >/dev/null
        stop
        """#

/// A port that nobody uses now.
private func freePort() throws -> Int {
    let (descriptor, port) = try listen()
    close(descriptor)
    return port
}

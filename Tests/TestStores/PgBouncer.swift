import Foundation
import Glibc

/// A pooler in front of a server of a test: each transaction may get another session.
///
/// Like the server, it ends with this process in whatever way that ends.
public final class PgBouncer: Sendable {
    /// Its port on loopback.
    public let port: Int
    private let input: Int32
    private let process: Process

    /// Starts one that pools transactions.
    ///
    /// - Parameters:
    ///   - cluster: the server.
    ///   - sessions: how many sessions of a database its clients share.
    /// - Throws: `PostgreSQLCluster.Failure`.
    public init(of cluster: PostgreSQLCluster, sessions: Int) throws {
        let (descriptor, port) = try listen()
        close(descriptor)
        self.port = port
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw PostgreSQLCluster.Failure(description: "no pipe")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        input = ends[1]
        let output = Pipe()
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c", script, cluster.directory, "\(cluster.port)", "\(port)", "\(sessions)",
        ]
        process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        process.standardOutput = output
        try process.run()
        let said = try output.fileHandleForReading.read(upToCount: 5)
        guard said?.isEmpty == false else {
            throw PostgreSQLCluster.Failure(
                description: "PgBouncer does not start; run scripts/install-dependencies test"
            )
        }
    }

    deinit { close(input) }

    /// The address of a database through the pooler.
    public func uri(database: String) -> String {
        "postgresql://elman@127.0.0.1:\(port)/\(database)"
    }
}

private let script = #"""
    PATH=$PATH:/usr/sbin
    file=$0/pgbouncer-$2
    trap '' INT TERM HUP
    echo '"elman" ""' >"$file.users"
    cat >"$file.ini" <<END
    [databases]
    * = host=127.0.0.1 port=$1 user=elman
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = $2
    unix_socket_dir =
    auth_type = trust
    auth_file = $file.users
    pool_mode = transaction
    default_pool_size = $3
    max_client_conn = 500
    END
    run=()
    if ((EUID == 0)); then
        chmod 644 "$file".*
        run=(setpriv --reuid postgres --regid postgres --clear-groups)
    fi
    "${run[@]}" pgbouncer "$file.ini" >"$file.log" 2>&1 </dev/null &
    bouncer=$!
    for ((i = 0; i < 100; i++)); do
        (: >"/dev/tcp/127.0.0.1/$2") 2>/dev/null && { echo ready; exec >&-; break; }
        sleep 0.05
    done
    cat >/dev/null
    kill -KILL "$bouncer"
    """#

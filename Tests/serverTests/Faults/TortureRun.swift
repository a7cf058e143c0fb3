import Foundation
import HTTPTestClient
import Model
import SQLiteStore
import Synchronization

/// Rounds of load that each end in a disaster, and what was found afterwards.
///
/// Four clients write down what the server acknowledges. After the disaster a new server on the
/// same state directory is asked for all of it. Five rounds share one state directory, so that
/// young stores and older ones are hit; then every job must come to its end.
struct TortureRun {
    /// What happens at a random moment.
    protocol Disaster {
        /// Where the state directory is.
        var state: String { get }
        /// Whether the power goes while the server still runs.
        var cutsPower: Bool { get }
        /// Strikes, and leaves no program running.
        func strike(_ server: TestServer, _ random: inout SplitMix64) throws
        /// Makes the state directory usable again.
        func recover() throws
        /// Puts an empty state directory in the place of the old one.
        func startAnew() throws
    }

    /// What all rounds came to.
    struct Outcome: CustomStringConvertible {
        var acknowledgements = 0
        var jobs: [String: Int] = [:]
        var slowestStart = Duration.zero
        var complaints: [String] = []

        var description: String {
            let jobs = jobs.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            return "\(acknowledgements) acknowledgements, jobs: \(jobs.joined(separator: ", ")); "
                + "\(complaints.count) complaints; ready again within \(slowestStart)"
        }
    }

    let rounds: Int
    /// Round r draws from this number and r.
    let seed: UInt64
    let arguments: [String]
    let environment: [String: String]

    /// Reads the number of rounds and the seed from `name` and `name_SEED`.
    init(
        rounds name: String,
        default rounds: Int,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) {
        let variables = ProcessInfo.processInfo.environment
        self.rounds = variables[name].flatMap(Int.init) ?? rounds
        seed = variables[name + "_SEED"].flatMap(UInt64.init) ?? 1
        self.arguments = arguments
        self.environment = environment
    }

    /// Plays all rounds, and prints each one's seed first.
    func play(_ disaster: some Disaster) throws -> Outcome {
        var outcome = Outcome()
        for first in stride(from: 0, to: rounds, by: 5) {
            try disaster.startAnew()
            let directory = try TestDirectory()
            let clients = (0..<4).map { RecordingClient($0, seed: seed &+ UInt64(first)) }
            var server = try start(directory, disaster)
            for client in clients { try client.prepare(server) }
            for round in first..<min(first + 5, rounds) {
                print("round \(round + 1) of \(rounds), seed \(seed)")
                var random = SplitMix64(seed: seed ^ UInt64(round) << 20)
                try load(server, clients, disaster, &random)
                try disaster.recover()
                if random.next() % 4 == 0 {
                    // Killed again before it is ready.
                    let early = try start(directory, disaster, awaitsStart: false)
                    usleep(UInt32(random.next() % 60_000))
                    _ = try early.stop(SIGKILL)
                }
                let begin = ContinuousClock.now
                server = try start(directory, disaster)
                let status = try server.send("GET", "/readyz").status
                outcome.slowestStart = max(outcome.slowestStart, .now - begin)
                if status != 200 { outcome.complaints.append("not ready: \(status)") }
                for client in clients { try client.check(server) }
                outcome.complaints += try faults(of: disaster.state)
                // What was lost would be waited for in vain.
                outcome.complaints += clients.flatMap(\.complaints)
                if !outcome.complaints.isEmpty { return outcome }
            }
            for client in clients { try client.awaitEndings(server) }
            for client in clients { try client.check(server) }
            outcome.complaints += try faults(of: disaster.state)
            if try server.stop() != 0 { outcome.complaints.append("it did not stop well") }
            outcome.complaints += clients.flatMap(\.complaints)
            outcome.acknowledgements += clients.map(\.acknowledgements).reduce(0, +)
            for client in clients { outcome.jobs.merge(client.endings, uniquingKeysWith: +) }
        }
        return outcome
    }

    private func start(
        _ directory: TestDirectory,
        _ disaster: some Disaster,
        awaitsStart: Bool = true
    ) throws -> TestServer {
        // No version is to go by itself: each one that is missing counts as lost.
        let options = [
            "--state", disaster.state, "--queue-limit", "1000", "--keep-versions", "10000",
        ]
        return try TestServer(
            directory,
            options + arguments,
            environment: environment,
            awaitsStart: awaitsStart
        )
    }

    /// Has all clients work until the disaster, and then to their broken connections.
    private func load(
        _ server: TestServer,
        _ clients: [RecordingClient],
        _ disaster: some Disaster,
        _ random: inout SplitMix64
    ) throws {
        let port = server.port
        let working = DispatchGroup()
        for client in clients {
            working.enter()
            Thread.detachNewThread {
                client.work(port: port)
                working.leave()
            }
        }
        usleep(UInt32(20_000 + random.next() % 500_000))
        if disaster.cutsPower { for client in clients { client.distrustAnswers() } }
        try disaster.strike(server, &random)
        working.wait()
    }

    /// What is wrong with the files of a store that is in use.
    private func faults(of state: String) throws -> [String] {
        let known = ["elman.sqlite", "elman.sqlite-shm", "elman.sqlite-wal", "server.lock"]
        let files = try FileManager.default.contentsOfDirectory(atPath: state)
        var faults = files.filter { !known.contains($0) }.map { "left behind: \($0)" }
        let connection = try SQLConnection(path: state + "/elman.sqlite", purpose: .readOnly)
        for (check, column) in [
            ("integrity_check", "integrity_check"), ("foreign_key_check", "table"),
        ] {
            let found = try connection.rows("PRAGMA \(check)") { $0.text(column) }
            if !found.isEmpty && found != ["ok"] { faults.append("\(check): \(found)") }
        }
        return faults
    }
}

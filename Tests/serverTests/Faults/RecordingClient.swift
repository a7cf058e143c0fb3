import Digest
import Foundation
import HTTPTestClient
import Model
import Synchronization

/// A client that works until the server is gone and remembers every acknowledgement.
///
/// It has models of its own, so what it was told is all that can be true of them, but for the one
/// request that was under way when the server died: that one may have been carried out or not.
final class RecordingClient: Sendable {
    private struct SeenJob {
        let id: String
        let rows: Int
        /// Whether a cancel was acknowledged before the job had ended.
        var isCancelled = false
        /// State and version, once the job was seen to have ended.
        var ending: Ending?
    }

    private struct Ending: Equatable {
        let state: String
        let version: Int?

        /// Nil while the job has not ended.
        init?(_ job: [String: Any]) {
            guard let state = job["state"] as? String,
                ["succeeded", "failed", "cancelled"].contains(state)
            else { return nil }
            self.state = state
            version = job["version"] as? Int
        }
    }

    private struct Ledger {
        var jobs: [SeenJob] = []
        /// The job that was posted but not answered: its key, rows and body.
        var unanswered: (key: String, rows: Int, body: String)?
        /// What may be the labels of texts in the data set of the model that is switched; "" for a
        /// text that may not be there.
        var labels: [String: Set<String>] = [:]
        /// What may be live of the model that is switched by hand: one version, or two after a
        /// switch that was not answered.
        var live: Set<Int> = [1]
        var acknowledgements = 0
        var complaints: [String] = []
        var random: SplitMix64
    }

    /// Versions come to it from jobs.
    private let trained: String
    /// It has two versions, and is switched between them.
    private let switched: String
    private let ledger: Mutex<Ledger>
    /// Set before the power is cut.
    ///
    /// That takes the kernel a while, in which the disk may say of one write that it is done when
    /// it is not; a machine without power would not have passed that on.
    private let isPowerGoing = Atomic<Bool>(false)

    init(_ number: Int, seed: UInt64) {
        trained = "trained\(number)"
        switched = "switched\(number)"
        ledger = Mutex(Ledger(random: SplitMix64(seed: seed &+ UInt64(number) << 32)))
    }

    /// How many times the server has told this client that something is done.
    var acknowledgements: Int { ledger.withLock { $0.acknowledgements } }

    /// How many of its jobs ended in which state.
    var endings: [String: Int] {
        ledger.withLock { ledger in
            ledger.jobs.reduce(into: [:]) { $0[$1.ending?.state ?? "open", default: 0] += 1 }
        }
    }

    /// What the server did that it never may.
    var complaints: [String] { ledger.withLock { $0.complaints } }

    func distrustAnswers() { isPowerGoing.store(true, ordering: .relaxed) }

    /// Makes the two versions between which this client switches.
    func prepare(_ server: TestServer) throws {
        for version in 1...2 {
            let body = trainBody(switched, epochs: version, promote: "always")
            let answer = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
            guard answer.object["version"] as? Int == version else {
                throw TestServerError.unexpected("\(answer)")
            }
        }
        ledger.withLock { $0.live = [2] }
    }

    /// Sends one request after the other until a connection breaks.
    func work(port: UInt16) {
        guard let connection = try? TestConnection(port: port) else { return }
        while (try? step(connection)) != nil {}
    }

    private func step(_ connection: TestConnection) throws {
        let (choice, pending) = ledger.withLock { ledger in
            let open = ledger.jobs.filter { $0.ending == nil }
            return (ledger.random.next() % 100, open.randomElement(using: &ledger.random)?.id)
        }
        switch choice {
        case 0..<30: try submit(connection)
        case 30..<35: if let pending { try cancel(pending, connection) }
        case 35..<65: if let pending { try look(pending, connection) }
        case 65..<75: try switchLive(connection)
        case 75..<90: try changeExamples(connection)
        default: try classify(connection)
        }
    }

    private func submit(_ connection: TestConnection) throws {
        let (isFull, rows, epochs) = ledger.withLock { ledger in
            let isLong = ledger.random.next() % 8 == 0
            return (
                ledger.jobs.count { $0.ending == nil } >= 6,
                2 + Int(ledger.random.next() % 20),
                Int(ledger.random.next() % (isLong ? 3000 : 50)) + 1
            )
        }
        if isFull { return }
        let body = trainBody(trained, rows: rows, epochs: epochs, promote: "always")
        ledger.withLock { ledger in
            if ledger.unanswered == nil { ledger.unanswered = (UUID().uuidString, rows, body) }
        }
        try submitUnanswered(connection)
    }

    /// Posts the job that was not answered or refused, maybe once more: its key keeps it from being
    /// doubled.
    private func submitUnanswered(_ connection: TestConnection) throws {
        guard let (key, rows, body) = ledger.withLock({ $0.unanswered }) else { return }
        let headers = "Idempotency-Key: \"\(key)\"\r\n"
        let answer = try ask(connection, "POST", "/train", body, headers: headers, 202)
        guard let id = answer?.object["id"] as? String else { return }
        ledger.withLock { ledger in
            ledger.unanswered = nil
            ledger.jobs.append(SeenJob(id: id, rows: rows))
        }
    }

    private func cancel(_ id: String, _ connection: TestConnection) throws {
        guard let answer = try ask(connection, "DELETE", "/train/\(id)", nil, 200, 202) else {
            return
        }
        record(answer, of: id, isCancel: true)
    }

    private func look(_ id: String, _ connection: TestConnection) throws {
        guard let answer = try ask(connection, "GET", "/train/\(id)", nil, 200) else { return }
        record(answer, of: id, isCancel: false)
    }

    private func record(_ answer: TestResponse, of id: String, isCancel: Bool) {
        let job = answer.object
        let ending = Ending(job)
        ledger.withLock { ledger in
            guard let index = ledger.jobs.firstIndex(where: { $0.id == id }) else { return }
            ledger.jobs[index].ending = ending
            if isCancel && ending == nil { ledger.jobs[index].isCancelled = true }
        }
    }

    private func switchLive(_ connection: TestConnection) throws {
        let version = ledger.withLock { ledger in
            let version = 1 + Int(ledger.random.next() % 2)
            // From here on it may be either, until an answer says which.
            ledger.live.insert(version)
            return version
        }
        let target = "/models/\(switched)/live"
        let answer = try ask(connection, "PUT", target, #"{"version":\#(version)}"#, 200)
        if answer != nil { ledger.withLock { $0.live = [version] } }
    }

    /// Adds an example, gives it another label, or removes it.
    private func changeExamples(_ connection: TestConnection) throws {
        let (text, label) = ledger.withLock { ledger in
            let text = "example \(ledger.random.next() % 20)"
            let label = ["glad", "grumpy", ""][Int(ledger.random.next() % 3)]
            ledger.labels[text, default: [""]].insert(label)
            return (text, label)
        }
        let target = "/models/\(switched)/examples"
        let body =
            label.isEmpty
            ? #"{"remove":{"texts":["\#(text)"]}}"#
            : #"{"examples":[{"text":"\#(text)","label":"\#(label)"}]}"#
        let answer = try ask(connection, "POST", target, body, 200)
        if answer != nil { ledger.withLock { $0.labels[text] = [label] } }
    }

    private func classify(_ connection: TestConnection) throws {
        let body = #"{"text":"what a fine and sunny day","model":"\#(switched)"}"#
        let answer = try connection.exchange(request("POST", "/classify", body))
        let version = answer.object["version"] as? Int ?? 0
        let live = ledger.withLock { $0.live }
        // Classification goes on whatever happens to the disk.
        if answer.status != 200 || !live.contains(version) {
            complain("\(live) may be live of \(switched), but: \(answer)")
        }
    }

    /// Sends a request whose success is an acknowledgement.
    ///
    /// - Returns: the answer; nil if it is refused, which is a complaint, or if the power is going.
    private func ask(
        _ connection: TestConnection,
        _ method: String,
        _ target: String,
        _ body: String?,
        headers: String = "",
        _ expected: Int...
    ) throws -> TestResponse? {
        let request = request(method, target, body, headers: headers)
        let answer = try connection.exchange(request, timeout: .seconds(60))
        if isPowerGoing.load(ordering: .relaxed) { return nil }
        if expected.contains(answer.status) {
            ledger.withLock { $0.acknowledgements += 1 }
            return answer
        }
        complain("\(method) \(target): \(answer)")
        return nil
    }

    private func request(
        _ method: String,
        _ target: String,
        _ body: String?,
        headers: String = ""
    ) -> String {
        let content =
            body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" }
        return "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(headers)"
            + "\(content ?? "")\r\n\(body ?? "")"
    }

    private func complain(_ text: String) { ledger.withLock { $0.complaints.append(text) } }
}

extension RecordingClient {
    /// Asks a restarted server for everything that was acknowledged, and complains of what is not
    /// as it was said.
    func check(_ server: TestServer) throws {
        isPowerGoing.store(false, ordering: .relaxed)
        let connection = try TestConnection(port: server.port)
        try submitUnanswered(connection)
        try checkCount(connection)
        for job in ledger.withLock({ $0.jobs }) {
            let answer = try connection.exchange(request("GET", "/train/\(job.id)", nil))
            let now = Ending(answer.object)
            if answer.status != 200 || answer.object["model"] as? String != trained
                || answer.object["examples"] as? Int != job.rows
            {
                complain("lost: a job of \(job.rows) rows: \(answer)")
            } else if let ending = job.ending, ending != now {
                complain("it had ended as \(ending): \(answer)")
            } else if job.isCancelled, now != nil, now?.state != "cancelled" {
                complain("it was to be cancelled: \(answer)")
            }
        }
        try checkVersions(connection)
        try checkLive(connection)
        try checkExamples(connection)
    }

    /// No job was done twice, and none is there that nobody posted.
    private func checkCount(_ connection: TestConnection) throws {
        var ids: Set<String> = []
        var target: String? = "/train?limit=100"
        while let page = target {
            let answer = try connection.exchange(request("GET", page, nil)).object
            for job in answer["jobs"] as? [[String: Any]] ?? [] {
                if job["model"] as? String == trained, let id = job["id"] as? String {
                    ids.insert(id)
                }
            }
            target = (answer["next"] as? String).map { "/train?limit=100&before=\($0)" }
        }
        let known = Set(ledger.withLock { $0.jobs.map(\.id) })
        if ids != known {
            complain("\(known.count) jobs were acknowledged, there are \(ids.count)")
        }
    }

    private func checkExamples(_ connection: TestConnection) throws {
        let target = "/models/\(switched)/examples?limit=1000"
        let page = try connection.exchange(request("GET", target, nil)).object
        let examples = page["examples"] as? [[String: Any]] ?? []
        var there: [String: [String]] = [:]
        for example in examples {
            let (text, label) = (example["text"] as? String, example["label"] as? String)
            there[text ?? "", default: []].append(label ?? "")
        }
        for (text, allowed) in ledger.withLock({ $0.labels }) {
            let found = there[text] ?? [""]
            if found.count != 1 || !allowed.contains(found[0]) {
                complain("lost: \(text) may be \(allowed), but is \(found)")
            }
            ledger.withLock { $0.labels[text] = Set(found) }
        }
    }

    /// Waits until each job has ended, now that nobody disturbs it.
    func awaitEndings(_ server: TestServer) throws {
        for job in ledger.withLock({ $0.jobs }) where job.ending == nil {
            let last = try server.job(job.id) { Ending($0) != nil }
            let ending = Ending(last)
            if job.isCancelled && ending?.state != "cancelled" {
                complain("it was to be cancelled: \(last)")
            }
            ledger.withLock { ledger in
                guard let index = ledger.jobs.firstIndex(where: { $0.id == job.id }) else { return }
                ledger.jobs[index].ending = ending
            }
        }
        try checkTaught(server)
    }

    /// The data set is that of the last job that succeeded: jobs run in order, and each replaces
    /// it.
    private func checkTaught(_ server: TestServer) throws {
        let taught = ledger.withLock { $0.jobs.last { $0.ending?.state == "succeeded" }?.rows }
        guard let taught else { return }
        let page = try server.send("GET", "/models/\(trained)/examples").object
        if page["total"] as? Int != taught {
            complain("\(taught) rows were learnt last of \(trained), but: \(page)")
        }
    }

    /// Every version that a job was seen to make is there, and its bytes are those of its digest.
    private func checkVersions(_ connection: TestConnection) throws {
        let made = Set(ledger.withLock { $0.jobs.compactMap(\.ending?.version) })
        let card = try connection.exchange(request("GET", "/models/\(trained)", nil)).object
        let history = card["history"] as? [[String: Any]] ?? []
        let there = Set(history.compactMap { $0["version"] as? Int })
        if !made.isSubset(of: there) { complain("lost: versions \(made.subtracting(there))") }
        if let last = made.max(), (card["live_version"] as? Int ?? 0) < last {
            complain("version \(last) was promoted, but the card says \(card)")
        }
        for version in history {
            let number = version["version"] as? Int ?? 0
            let target = "/models/\(trained)/versions/\(number)/checkpoint"
            let checkpoint = try connection.exchange(request("GET", target, nil))
            let digest = SHA256.hexadecimal(of: checkpoint.body)
            if checkpoint.status != 200 || digest != version["digest"] as? String {
                complain("torn: version \(number) of \(trained): \(checkpoint.status), \(digest)")
            }
        }
    }

    private func checkLive(_ connection: TestConnection) throws {
        let card = try connection.exchange(request("GET", "/models/\(switched)", nil)).object
        let live = card["live_version"] as? Int ?? 0
        let allowed = ledger.withLock { ledger in
            defer { ledger.live = [live] }
            return ledger.live
        }
        if !allowed.contains(live) || card["serving_version"] as? Int != live {
            complain("lost: \(allowed) may be live of \(switched), but the card says \(card)")
        }
        try classify(connection)
    }
}

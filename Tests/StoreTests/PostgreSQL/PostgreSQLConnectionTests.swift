import Examples
import Foundation
import PostgreSQLStore
import SQLStore
import Store
import TestStores
import Testing

@Suite struct PostgreSQLConnectionTests {
    @Test(
        "texts come back byte for byte, those too that PostgreSQL itself cannot keep",
        arguments: [
            "", "a", "\0", "a\0\0b", "\u{10FFFE}", "\u{10FFFE}0", "\0\u{10FFFE}1\0", "\u{10FFFF}",
            "\u{10FFFE}\u{10FFFE}", "ü\0😀", "'; DROP TABLE jobs; --", "$1 ? ?2", "\\x00", "\\",
        ]
    )
    func texts(_ text: String) throws {
        let place = try PostgreSQLPlace()
        let store = try place.open()
        let cases = [Example(label: "l" + text, text: text)]
        try store.setGolden(cases, of: "m")
        let found = try #require(try store.golden(of: "m").cases.first)
        #expect(found.text.utf8.elementsEqual(cases[0].text.utf8))
        #expect(found.label.utf8.elementsEqual(cases[0].label.utf8))
        #expect(try store.setGolden(cases, of: "m") == 1)
    }

    @Test("long texts are stored, found and replaced")
    func longTexts() throws {
        let place = try PostgreSQLPlace()
        let store = try place.open()
        // More than an entry of a B-tree may have, also when it is compressed.
        let text = String(
            decoding: (0..<200_000).map { _ in UInt8.random(in: 97...122) },
            as: UTF8.self
        )
        for label in ["a", "b"] {
            let row = Example(label: label, text: text)
            _ = try store.changeExamples(ExampleChange(model: "m", added: [row]))
        }
        let page = try #require(try store.examples(of: "m", limit: 10))
        #expect(page.rows.map(\.example.label) == ["b"])
        #expect(page.rows.first?.example.text == text)
    }

    @Test("numbers come back whole", arguments: [0, 1, -1, 255, 256, -256, .max, .min])
    func integers(_ number: Int) throws {
        let connection = try PostgreSQLPlace().connect()
        let found = try connection.row("SELECT ? AS number", .integer(number)) { $0.int("number") }
        #expect(found == number)
    }

    @Test("truth values, doubles, bytes and NULL come back")
    func values() throws {
        let connection = try PostgreSQLPlace().connect()
        let found = try connection.row(
            """
            SELECT true AS yes, false AS no, ? AS real, ? AS bytes, ? AS empty, ? AS absent,
                CAST(-2 AS int) AS small
            """,
            .real(-1.5e-300),
            .blob([0, 255, 0]),
            .blob([]),
            .text(nil)
        ) { row in
            row.int("yes") == 1 && row.int("no") == 0 && row.double("real") == -1.5e-300
                && row.blob("bytes") == [0, 255, 0] && row.optionalBlob("empty") == []
                && row.optionalText("absent") == nil && row.int("small") == -2
        }
        #expect(found == true)
    }

    @Test("a statement that runs for too long is given up, and the connection goes on")
    func slowStatements() throws {
        let place = try PostgreSQLPlace()
        var timeouts = Timeouts()
        timeouts.statement = .milliseconds(300)
        let store = place.makeStore(timeouts: timeouts)
        try store.prepare()
        let start = ContinuousClock.now
        #expect(throws: StoreError.busy) {
            try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
                _ = try connection.run("SELECT pg_sleep(60)")
            }
        }
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try store.submit(job: newJob()).isReplay == false)
    }

    @Test("a server that falls silent costs one caller the patience, and the next ones nothing")
    func silence() throws {
        let place = try PostgreSQLPlace()
        let proxy = try SilentProxy(toPort: place.cluster.port)
        var timeouts = Timeouts()
        timeouts.statement = .milliseconds(500)
        timeouts.connect = .seconds(2)
        let address = place.cluster.uri(schema: place.schema, overLoopback: true)
            .replacing("port=\(place.cluster.port)", with: "port=\(proxy.port)")
        let store = PostgreSQLStore(PostgreSQLAddress(uri: address), timeouts: timeouts)
        try store.prepare()
        _ = try store.submit(job: newJob())
        proxy.isSilent = true
        for limit in [Duration.seconds(6), .seconds(1)] {
            let start = ContinuousClock.now
            let error = #expect(throws: StoreError.self) { try store.submit(job: newJob()) }
            guard case .unreachable = error else {
                Issue.record("\(error as Any)")
                return
            }
            #expect(ContinuousClock.now - start < limit)
        }
        proxy.isSilent = false
        let deadline = ContinuousClock.now + .seconds(5)
        while (try? store.submit(job: newJob())) == nil && ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(ContinuousClock.now < deadline)
    }

    @Test("a database in another encoding, or that is not there, is refused with the way out")
    func unsuitable() throws {
        let cluster = try PostgreSQLCluster.shared()
        let database = "l" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        try cluster.run(
            "CREATE DATABASE \(database) ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' "
                + "TEMPLATE template0"
        )
        for (name, words) in [
            (database, ["its encoding is LATIN1", "ENCODING 'UTF8' TEMPLATE template0"]),
            ("none", ["\"none\" does not exist"]),
        ] {
            let address = PostgreSQLAddress(
                uri: "postgresql://elman@127.0.0.1:\(cluster.port)/\(name)"
            )
            let error = #expect(throws: StoreError.self) {
                try PostgreSQLStore(address, timeouts: .patient).prepare()
            }
            let sentence = error?.description ?? ""
            #expect(words.allSatisfy { sentence.contains($0) }, "\(sentence)")
            #expect(!sentence.contains("directory"))
        }
        try cluster.run("DROP DATABASE \(database)")
    }
}

import Foundation
import HTTPServer
import Store
import Testing

@testable import ClassificationService

@Suite struct PageTests {
    let service: TestService

    init() throws { service = try TestService() }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test(
        "who prefers HTML to JSON gets the page, everybody else the index",
        arguments: [
            ("text/html", true), ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("application/json;q=0.9, Text/HTML", true), ("*/*", false), ("", false),
            ("application/json", false), ("text/html;q=0", false),
            ("text/html;q=0.4, application/json;q=0.5", false), ("text/*", false),
        ]
    )
    func negotiates(accept: String, isPage: Bool) {
        let answer = service.send(.get, "/", headers: [("Accept", accept)])
        #expect(answer.status == 200)
        #expect(answer.headers["Vary"] == "Accept")
        let type = isPage ? "text/html; charset=utf-8" : "application/json"
        #expect(answer.contentType == type)
        #expect(answer.headers["Cache-Control"] == (isPage ? "no-cache" : "no-store"))
    }

    @Test("the program holds every file of Sources/Page, and no other; 150 kB in all")
    func holdsFiles() throws {
        let directory = Self.root.appending(path: "Sources/Page").path
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(Set(names) == Set(PageFile.all.keys))
        for name in names {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name))
            #expect(PageFile.all[name]?.bytes == Array(bytes), "\(name)")
        }
        #expect(PageFile.all.values.reduce(0) { $0 + $1.bytes.count } <= 150_000)
    }

    @Test("a file is sent with its type and tag, and not again to who has it")
    func sendsFiles() {
        let types = [
            "main.js": "text/javascript; charset=utf-8", "base.css": "text/css; charset=utf-8",
            "icon.svg": "image/svg+xml",
        ]
        for (name, type) in types {
            let answer = service.get("/page/\(name)")
            #expect(answer.status == 200 && answer.contentType == type)
            let tag = answer.headers["ETag"] ?? ""
            let again = service.send(.get, "/page/\(name)", headers: [("If-None-Match", tag)])
            #expect(again.status == 304 && again.body.isEmpty && again.headers["ETag"] == tag)
        }
        for name in ["nothing.js", "..%2fopenapi.yaml", "main.js%00", "."] {
            #expect(service.get("/page/\(name)").status == 404, "\(name)")
        }
    }

    @Test("the policy lets nothing in from elsewhere, and no script or style from the markup")
    func policy() {
        let answer = service.send(.get, "/", headers: [("Accept", "text/html")])
        let policy = answer.headers["Content-Security-Policy"] ?? ""
        for rule in [
            "default-src 'none'", "script-src 'self';", "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ] { #expect(policy.contains(rule), "\(rule)") }
        #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http"))
    }

    @Test("a browser gets a version's report as a page, if there is one")
    func report() throws {
        let body =
            #"{"model":"m","examples":[{"text":"a","label":"x"},{"text":"b","label":"y"}]}"#
        #expect(service.post("/train", body).status == 202)
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        try service.publish(claimed, report: #"{"network":{"held_out":{"accuracy":0.5}}}"#)
        for (version, accept, type) in [
            ("m/versions/1", "text/html", "text/html; charset=utf-8"),
            ("m/versions/1", "*/*", "application/json"),
            ("mood/versions/1", "text/html", "application/json"),
        ] {
            let answer = service.send(.get, "/models/\(version)", headers: [("Accept", accept)])
            #expect(answer.status == 200 && answer.contentType == type, "\(version) \(accept)")
            #expect(answer.headers["Vary"] == "Accept")
        }
    }
}

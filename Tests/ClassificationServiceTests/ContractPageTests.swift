import Digest
import Foundation
import HTTPServer
import Testing

@testable import ClassificationService

/// The page at /docs.
@Suite struct ContractPageTests {
    private let page = String(decoding: ContractPage.bytes, as: UTF8.self)

    private func names(_ attribute: String) -> [String] {
        page.components(separatedBy: attribute + "=\"").dropFirst().map {
            String($0.prefix { $0 != "\"" })
        }
    }

    @Test("docs/api.html is made of today's openapi.yaml; scripts/api makes it anew")
    func isCurrent() {
        let digest = SHA256.hexadecimal(of: ClassificationService.contractBytes)
        #expect(page.contains("<meta name=openapi-sha256 content=\(digest)>"))
    }

    @Test("each operation and each schema has its place, and every link leads somewhere")
    func links() {
        let places = Set(names("id"))
        let contract = String(decoding: ClassificationService.contractBytes, as: UTF8.self)
        let operations = contract.components(separatedBy: "operationId: ").dropFirst()
            .map { String($0.prefix { $0 != "\n" }) }
        #expect(operations.count > 40)
        for name in operations { #expect(places.contains(name), "\(name)") }
        for link in names("href") where link.hasPrefix("#") {
            let place = String(link.dropFirst())
            #expect(places.contains(place) || place == "schemas", "\(link)")
        }
    }

    @Test("it has no script and loads nothing, and the policy allows its one style alone")
    func policy() throws {
        let service = try TestService()
        let answer = service.get("/docs")
        #expect(answer.status == 200 && answer.contentType == "text/html; charset=utf-8")
        #expect(answer.text == page)
        let policy = try #require(answer.headers["Content-Security-Policy"])
        let style = page.components(separatedBy: "<style>").last?
            .components(separatedBy: "</style>").first
        var digest = SHA256()
        digest.update(try #require(style))
        #expect(policy.contains("style-src 'sha256-\(Base64.encoded(digest.digest()))'"))
        #expect(policy.hasPrefix("default-src 'none'"))
        for part in ["<script", "<link", "<img", "<iframe", " style=", " onclick", "src="] {
            #expect(!page.contains(part), "\(part)")
        }
        let tag = try #require(answer.headers["ETag"])
        let again = service.send(.get, "/docs", headers: [("If-None-Match", tag)])
        #expect(again.status == 304 && again.body.isEmpty)
    }
}

import Foundation
import Testing

@Suite struct DocumentTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    }

    @Test("a page that a document links to is there")
    func links() throws {
        let docs = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "docs").path
        ).map { "docs/\($0)" }
        for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] + docs {
            let page = Self.root.appending(path: name)
            let text = try String(contentsOf: page, encoding: .utf8)
            for link in text.matches(of: /\]\(([^():#]+)(?:#[^()]*)?\)/) {
                let target = page.deletingLastPathComponent().appending(path: String(link.1))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(name): \(link.1)")
            }
        }
    }

    @Test("the arrows of ARCHITECTURE.md are those of Package.swift")
    func arrows() throws {
        let rooms = try arrowsOfPackage()
        #expect(rooms.count > 15)
        let shown = try arrowsOfMap()
        for (room, arrows) in rooms where !arrows.isEmpty {
            #expect(shown[room] == arrows, "\(room)")
        }
        for room in shown.keys { #expect(rooms[room] != nil, "\(room)") }
    }

    /// The targets below Sources/, each with the targets that it depends on.
    private func arrowsOfPackage() throws -> [String: Set<String>] {
        var rooms: [String: Set<String>] = [:]
        let targets = try text("Package.swift").matches(
            of: /\.(target|executableTarget|systemLibrary)\(([\s\S]*?)(?=\n        \.|\n    \])/
        )
        for target in targets where !target.2.contains("path: \"Tests") {
            guard let name = target.2.firstMatch(of: /name: "(\w+)"/)?.1 else { continue }
            let list = target.2.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
            let own = list.replacing(/\.product\([^)]*\)/, with: "")
            rooms[String(name)] = Set(own.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        return rooms
    }

    /// The arrows that begin at each room of the map; what a C room links is no room.
    private func arrowsOfMap() throws -> [String: Set<String>] {
        let page = try text("ARCHITECTURE.md")
        let map = try #require(page.firstMatch(of: /## Rooms and arrows\n\n```\n([\s\S]*?)```/)?.1)
        var rooms: [String: Set<String>] = [:]
        for line in map.replacing(/,\n +/, with: ", ").split(separator: "\n") {
            let parts = line.split(separator: "──►").map {
                $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            }
            guard let room = parts.first?.first, parts.count > 1 else { continue }
            rooms[room] = Set(parts[1])
        }
        return rooms
    }
}

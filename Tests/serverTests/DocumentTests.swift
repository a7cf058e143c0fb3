import Foundation
import Testing

@Suite struct DocumentTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    }

    @Test("a page or heading that a document links to is there")
    func links() throws {
        let pages = try ["", "docs/", "examples/", "models/"].flatMap { folder in
            try FileManager.default.contentsOfDirectory(
                atPath: Self.root.appending(path: folder).path
            ).filter { $0.hasSuffix(".md") }.map { folder + $0 }
        }
        #expect(pages.count > 10)
        for name in pages {
            let page = Self.root.appending(path: name)
            for link in try text(name).matches(of: /\]\(([^():#]*)(?:#([^()]*))?\)/) {
                let target =
                    link.1.isEmpty
                    ? page : page.deletingLastPathComponent().appending(path: String(link.1))
                let found = FileManager.default.fileExists(atPath: target.path)
                #expect(found, "\(name): \(link.1)")
                guard found, let heading = link.2 else { continue }
                let linked = try String(contentsOf: target, encoding: .utf8)
                #expect(anchors(linked).contains(String(heading)), "\(name): #\(heading)")
            }
        }
    }

    /// The names of a page's headings in links.
    private func anchors(_ page: String) -> Set<String> {
        Set(
            page.matches(of: /(?m)^#+ (.+)$/).map { heading in
                heading.1.lowercased().replacing(/[^\w \-]/, with: "")
                    .replacing(" ", with: "-")
            }
        )
    }

    @Test("the arrows of ARCHITECTURE.md are those of Package.swift")
    func arrows() throws {
        let rooms = try arrowsOfPackage()
        #expect(rooms.count > 15)
        let shown = try arrowsOfMap()
        for (room, arrows) in rooms { #expect(shown[room] == arrows, "\(room)") }
        for room in shown.keys { #expect(rooms[room] != nil, "\(room)") }
    }

    @Test("the table of rooms in ARCHITECTURE.md has every target of Package.swift")
    func rooms() throws {
        let page = try text("ARCHITECTURE.md")
        let table = try #require(page.firstMatch(of: /\n\| Room \|[\s\S]*?\n\n/)).0
        let names = table.split(separator: "\n").dropFirst(2).flatMap { line in
            line.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.1) }
        }
        #expect(names.sorted() == (try arrowsOfPackage().keys.sorted()))
    }

    /// The service shows reports; it never trains.
    @Test("no arrow leads from Report to Training or the store")
    func reportStandsAlone() throws {
        let rooms = try arrowsOfPackage()
        var reached: Set = ["Report"]
        while case let more = reached.union(reached.flatMap { rooms[$0] ?? [] }), more != reached {
            reached = more
        }
        #expect(reached.contains("Evaluation"))
        #expect(reached.isDisjoint(with: ["Training", "Store", "HTTPServer"]))
    }

    /// SwiftPM compiles an import of a target that is only reached through another one.
    @Test("a room imports only what its arrows in Package.swift lead to")
    func imports() throws {
        let rooms = try arrowsOfPackage()
        var checked = 0
        for (room, arrows) in rooms {
            let folder = Self.root.appending(path: "Sources/\(room)")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files) where file.pathExtension == "swift" {
                checked += 1
                let source = try String(contentsOf: file, encoding: .utf8)
                for name in source.matches(of: /(?m)^ *(?:@\w+ )*(?:\w+ )?import (\w+)/) {
                    let name = String(name.1)
                    guard rooms[name] != nil else { continue }
                    #expect(arrows.contains(name), "\(file.lastPathComponent) imports \(name)")
                }
            }
        }
        #expect(checked > 200)
    }

    @Test("only the programs reach a backend of the store, and nothing above it names one")
    func storeSeam() throws {
        let rooms = try arrowsOfPackage()
        let backends = ["PostgreSQLStore", "SQLiteStore"]
        for backend in backends {
            #expect(rooms.filter { $1.contains(backend) }.keys.sorted() == ["Stores"])
        }
        #expect(rooms.filter { $1.contains("SQLStore") }.keys.sorted() == backends + ["Stores"])
        #expect(rooms.filter { $1.contains("Stores") }.keys.sorted() == ["server", "trainer"])
        let own = backends + ["CPostgreSQL", "CSQLite", "SQLStore", "Stores"]
        var checked = 0
        for room in rooms.keys where !own.contains(room) {
            let folder = Self.root.appending(path: "Sources/\(room)")
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files) where file.pathExtension == "swift" {
                checked += 1
                let source = try String(contentsOf: file, encoding: .utf8).lowercased()
                // The programs tell people what an address looks like.
                let isProgram = ["server", "trainer"].contains(room)
                let names = ["sqlite", "data_version"] + (isProgram ? [] : ["postgres"])
                for name in names where source.contains(name) {
                    Issue.record("\(file.lastPathComponent) names \(name)")
                }
            }
        }
        #expect(checked > 200)
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

    /// The arrows that begin at each room of the map.
    private func arrowsOfMap() throws -> [String: Set<String>] {
        let page = try text("ARCHITECTURE.md")
        let map = try #require(page.firstMatch(of: /## Rooms and arrows\n\n```\n([\s\S]*?)```/)?.1)
        var rooms: [String: Set<String>] = [:]
        for line in map.replacing(/,\n +/, with: ", ").split(separator: "\n") {
            let parts = line.split(separator: "──►").map {
                $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            }
            guard let room = parts.first?.first else { continue }
            let arrows = parts.dropFirst().first ?? []
            // What a C room links is no room, and has no capital letter.
            rooms[room] = Set(arrows.filter { $0.first?.isUppercase == true })
        }
        return rooms
    }
}

import Foundation
import FuzzTargets
import Testing

/// Replays what `scripts/fuzz` found to lead somewhere new, and what it once found wrong.
@Suite struct CorpusTests {
    @Test("what was made up before is read or refused", arguments: FuzzTarget.allCases)
    func corpus(target: FuzzTarget) throws {
        let directory = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent()
            .appendingPathComponent("Corpus/\(target.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(
            at: directory,
            includingPropertiesForKeys: nil
        )
        #expect(files.count >= 5)
        let finding = try target.subject()
        for file in files {
            let bytes = try [UInt8](Data(contentsOf: file))
            if let found = finding(bytes) { Issue.record("\(file.lastPathComponent): \(found)") }
        }
    }
}

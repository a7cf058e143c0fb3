// Trains a model, classifies, corrects and trains again. usage: elman [URL]
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

let url = CommandLine.arguments.dropFirst().first ?? "http://localhost:8080"

/// What the service says of an error.
struct Problem: Error, CustomStringConvertible {
    var description: String
}

/// The answer to a JSON body.
func post(_ path: String, _ body: [String: Any]) async throws -> [String: Any] {
    guard let target = URL(string: url + path) else { throw Problem(description: url) }
    var request = URLRequest(url: target)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.setValue("wait=60", forHTTPHeaderField: "Prefer")
    request.httpBody = try JSONSerialization.data(withJSONObject: body)
    let (data, response) = try await URLSession.shared.data(for: request)
    let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    guard let status = (response as? HTTPURLResponse)?.statusCode, status < 300 else {
        throw Problem(description: "\(path): \(answer["detail"] ?? response)")
    }
    return answer
}

/// Waits for the end of a job, 60 seconds at most.
func train(_ members: [String: Any]) async throws {
    let job = try await post("/train", members.merging(["model": "desk"]) { $1 })
    print("training", job["state"] ?? "")
}

func classify(_ text: String) async throws {
    let answer = try await post("/classify", ["model": "desk", "text": text])
    print("\(text): \(answer["label"] ?? "")")
}

let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("rows.json")
let rows = try JSONSerialization.jsonObject(with: Data(contentsOf: file))

try await train(["examples": rows, "replace": true])
try await classify("a crash when I log in")
let correction = ["model": "desk", "text": "where is my parcel", "label": "shipping"]
let corrected = try await post("/feedback", correction)
print("corrected, \(corrected["total"] ?? "") rows")
try await train(["extend": true])
try await classify("where is my parcel")

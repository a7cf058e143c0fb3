import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

/// What openapi.yaml says of one operation.
private struct DescribedOperation: Equatable {
    var statuses: Set<Int> = []
    var scope = ""
    var needsToken = true
    var query: Set<String> = []
}

/// The operations of each path of openapi.yaml by method, read by its indentation.
private func operations(of contract: String) -> [String: [String: DescribedOperation]] {
    var found: [String: [String: DescribedOperation]] = [:]
    var (isInPaths, path, method, isInResponses) = (false, "", "", false)
    let shared = sharedParameters(of: contract)
    var parameter = ""
    for line in contract.split(separator: "\n", omittingEmptySubsequences: false) {
        let indentation = line.prefix { $0 == " " }.count
        let text = line.dropFirst(indentation)
        guard !text.isEmpty else { continue }
        let name = String(text.prefix { $0 != ":" })
        switch indentation {
        case 0: isInPaths = text == "paths:"
        case 2 where isInPaths:
            (path, method) = (name, "")
            found[path] = [:]
        case 4 where isInPaths:
            method = name
            if name != "parameters" { found[path]?[method] = DescribedOperation() }
        case 6 where isInPaths:
            isInResponses = text == "responses:"
            if name == "x-scope" {
                found[path]?[method]?.scope = String(text.dropFirst("x-scope: ".count))
            }
            if text == "security: []" { found[path]?[method]?.needsToken = false }
            if name == "x-query" {
                let names = text.drop { $0 != "[" }.filter { !"[ ]".contains($0) }
                found[path]?[method]?.query.formUnion(names.split(separator: ",").map(String.init))
            }
        case 8 where isInPaths && isInResponses:
            guard let status = Int(name.filter { $0 != "'" }) else { continue }
            found[path]?[method]?.statuses.insert(status)
        case 8 where isInPaths:
            if let place = text.firstRange(of: "#/components/parameters/") {
                let name = String(text[place.upperBound...].prefix { $0.isLetter })
                if shared.contains(name) { found[path]?[method]?.query.insert(name.lowercased()) }
            }
            if text.hasPrefix("- name: ") { parameter = String(text.dropFirst("- name: ".count)) }
        case 10 where isInPaths && text == "in: query":
            found[path]?[method]?.query.insert(parameter)
        default: break
        }
    }
    return found
}

/// The parameters of queries that several operations share.
private func sharedParameters(of contract: String) -> Set<String> {
    let lines = contract.split(separator: "\n")
    let start = lines.firstIndex { $0 == "  parameters:" } ?? lines.endIndex
    var found: Set<String> = []
    var name = ""
    for line in lines[start...].dropFirst().prefix(while: { $0.hasPrefix("    ") }) {
        if line.prefix(6).last != " " { name = String(line.dropFirst(4).dropLast()) }
        if line == "      in: query" { found.insert(name) }
    }
    return found
}

@Suite struct ContractTests {
    let contract = String(decoding: ClassificationService.contractBytes, as: UTF8.self)

    @Test("the program holds the repository's openapi.yaml")
    func isEmbedded() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = try String(contentsOf: root.appending(path: "openapi.yaml"), encoding: .utf8)
        #expect(contract == file)
    }

    @Test(
        "openapi.yaml and the route table agree on paths, methods, scopes, statuses and queries"
    )
    func matchesRoutes() {
        let described = operations(of: contract)
        #expect(Set(described.keys) == Set(EveryPath.all.map(\.template)))
        for place in EveryPath.all {
            var table: [String: DescribedOperation] = [:]
            for operation in place.rows {
                let method = operation.method.rawValue.lowercased()
                var described = DescribedOperation(
                    statuses: Set(operation.statuses),
                    scope: operation.access.name,
                    needsToken: operation.access != .everyone,
                    query: Set(operation.query)
                )
                // Rows that share a method of a path are described together.
                described.statuses.formUnion(table[method]?.statuses ?? [])
                described.query.formUnion(table[method]?.query ?? [])
                table[method] = described
            }
            #expect(described[place.template] == table, "\(place.template)")
        }
    }

    @Test("openapi.yaml states the recipes and the ranges of training options")
    func statesOptions() {
        let recipes = TrainingOptions.Recipe.allCases.map(\.rawValue).joined(separator: ", ")
        #expect(contract.contains("enum: [\(recipes)]\n"))
        #expect(contract.contains("default: \(TrainingOptions().recipe.rawValue)\n"))
        let ranges: [(String, ClosedRange<Double>)] = [
            ("seed", Self.range(TrainingOptions.allowedSeeds)),
            ("epochs", Self.range(TrainingOptions.allowedEpochs)),
            ("hidden", Self.range(Architecture.allowedHiddenSizes)),
            ("learning_rate", TrainingOptions.allowedLearningRates),
            ("threads", Self.range(TrainingOptions.allowedThreads)),
        ]
        for (name, range) in ranges {
            let option = optionText(name)
            #expect(Self.number("minimum", in: option) == range.lowerBound, "\(name)")
            #expect(Self.number("maximum", in: option) == range.upperBound, "\(name)")
        }
    }

    @Test("openapi.yaml states the defaults of every recipe")
    func statesDefaults() {
        let article = TrainingOptions(recipe: .article)
        let auto = TrainingOptions(recipe: .auto)
        for recipe in TrainingOptions.Recipe.allCases where recipe != .article {
            let options = TrainingOptions(recipe: recipe)
            #expect(options.epochs == auto.epochs && options.hidden == auto.hidden, "\(recipe)")
            #expect(options.learningRate == auto.learningRate, "\(recipe)")
        }
        func states(_ name: String, _ articleDefault: any Numeric, _ otherDefault: any Numeric) {
            let sentence =
                "\(articleDefault) by default in the article's recipe, \(otherDefault) in"
            #expect(optionText(name).contains(sentence), "\(name)")
        }
        states("epochs", article.epochs, auto.epochs)
        states("hidden", article.hidden, auto.hidden)
        states("learning_rate", article.learningRate, auto.learningRate)
        #expect(Self.number("default", in: optionText("seed")) == Double(auto.seed))
    }

    /// What openapi.yaml says of one training option.
    private func optionText(_ name: String) -> String {
        let lines = contract.split(separator: "\n")
        let start = lines.firstIndex { $0 == "    TrainOptions:" } ?? 0
        let options = lines[start...].dropFirst().prefix { $0.hasPrefix("     ") }
        let found = options.drop { !$0.hasPrefix("        \(name):") }
        guard let first = found.first else { return "" }
        let rest = found.dropFirst().prefix { $0.hasPrefix("          ") }
        return ([first] + rest).joined(separator: "\n")
    }

    private static func number(_ key: String, in text: String) -> Double? {
        guard let place = text.firstRange(of: "\(key): ") else { return nil }
        return Double(text[place.upperBound...].prefix { !",}\n".contains($0) })
    }

    private static func range(_ integers: ClosedRange<Int>) -> ClosedRange<Double> {
        Double(integers.lowerBound)...Double(integers.upperBound)
    }

    @Test("openapi.yaml states the default limits")
    func statesLimits() {
        let limits = Limits()
        #expect(contract.contains("maxItems: \(limits.texts)\n"))
        #expect(contract.contains("For at most \(limits.explainedTexts) texts.\n"))
        #expect(contract.contains("Of more than \(limits.textBytes / 1024) KiB (`--text-bytes`)"))
        #expect(contract.contains("maxItems: \(limits.examples)\n"))
        #expect(contract.contains("maxLength: \(limits.labelLength)\n"))
        #expect(contract.contains("\(limits.classifyBodyBytes / 1024) KiB"))
        #expect(contract.contains("\(limits.trainBodyBytes >> 20) MiB"))
    }
}

// Microseconds per text of a checkpoint, from bytes to probabilities, on each instruction set: one
// thread, best of several passes over the texts of a TSV file (label, tab, text).
//
//     swift run -c release --package-path Benchmarks ForwardBenchmark TEXTS.tsv CHECKPOINT…
//
// With --mix, the recurrent path of the second checkpoint is put beside the linear path of the
// first, both trained on the same rows.
import Glibc
import Model

var arguments = Array(CommandLine.arguments.dropFirst())
let isMixing = arguments.first == "--mix"
if isMixing { arguments.removeFirst() }
guard arguments.count >= 2, let file = try? CheckpointFile.read(arguments[0]) else {
    print("usage: ForwardBenchmark [--mix] TEXTS.tsv CHECKPOINT…")
    exit(64)
}
let texts = file.split(separator: UInt8(ascii: "\n")).map { line in
    Array(line[line.index(after: line.firstIndex(of: UInt8(ascii: "\t")) ?? line.startIndex)...])
}

/// The shortest time of a pass, in microseconds per text.
func microseconds(_ classifier: TextClassifier) -> Double {
    let scratch = classifier.makeScratch()
    let clock = ContinuousClock()
    let best =
        (0..<15).map { _ in
            clock.measure {
                for text in texts {
                    text.withUnsafeBufferPointer {
                        _ = classifier.classify(utf8: $0, scratch: scratch)
                    }
                }
            }
        }.min() ?? .zero
    let (seconds, attoseconds) = best.components
    return (Double(seconds) * 1e6 + Double(attoseconds) / 1e12) / Double(texts.count)
}

/// The first checkpoint with the recurrent path of the second.
func mixed(_ first: Checkpoint, _ second: Checkpoint) -> Checkpoint {
    guard case .mixed(let linear) = first.architecture.network,
        case .mixed(let recurrent) = second.architecture.network, let lists = second.features,
        first.vocabulary == second.vocabulary
    else {
        print("--mix needs two mixed networks that were trained on the same rows")
        exit(65)
    }
    var result = first
    result.architecture = Architecture(
        network: .mixed(
            MixedShape(recurrent: recurrent.recurrent, featureCount: linear.featureCount)
        )
    )
    result.features?.subwords = lists.subwords
    result.tensors = second.tensors.merging(
        ["linear": first.tensors["linear"]].compactMapValues(\.self)
    ) { $1 }
    result.calibration.recurrent = max(first.calibration.recurrent, 0.3)
    return result
}

do {
    var checkpoints = try arguments.dropFirst().map {
        (name: $0, checkpoint: try Checkpoint(contentsOf: $0))
    }
    if isMixing && checkpoints.count == 2 {
        checkpoints.append(
            ("mixed", mixed(checkpoints[0].checkpoint, checkpoints[1].checkpoint))
        )
    }
    print("\(texts.count) texts; microseconds per text, tokenising and features included")
    for (name, checkpoint) in checkpoints {
        let classifier = try TextClassifier(checkpoint)
        var line = "\(checkpoint.architecture)"
        for set in InstructionSet.allCases.reversed() where set.force() {
            line += "  \(set.rawValue) \((microseconds(classifier) * 10).rounded() / 10)"
        }
        print("\(name): \(line)")
    }
} catch {
    print("\(error)")
    exit(1)
}

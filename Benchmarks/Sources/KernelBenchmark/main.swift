// Nanoseconds per token of the kernels on each instruction set, beside the plain Swift reference,
// and of a whole classification. Best of several rounds, one thread.
//
//     swift run -c release --package-path Benchmarks KernelBenchmark [hidden size]
import CKernels
import Model

let hiddenSize = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 64
let checkpoint = SyntheticCheckpoint(hiddenSize: hiddenSize).checkpoint
let tokenCount = 64
let words = (0..<tokenCount).map { UInt32($0 * 7 % SyntheticCheckpoint.words.count) }

/// The shortest of `rounds` times of one call of `body`, in nanoseconds.
func nanoseconds(rounds: Int = 7, calls: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    return (0..<rounds).map { _ in
        let elapsed = clock.measure { for _ in 0..<calls { body() } }
        return Double(elapsed.components.attoseconds) / 1e9 / Double(calls)
            + Double(elapsed.components.seconds) * 1e9 / Double(calls)
    }.min() ?? 0
}

func text(_ value: Double) -> String { String((value * 10).rounded() / 10) }

let reference = ElmanReference(tensors: checkpoint.tensors)
let plain = nanoseconds(rounds: 3, calls: 20) { _ = reference.states(of: words) }
print("hidden size \(hiddenSize), \(tokenCount) tokens a text; ns per token, best of 7")
print("plain Swift reference (double)  forward \(text(plain / Double(tokenCount)))")

var model = KernelModel(checkpoint.tensors)
let stride = model.kernel.stride
var states = [Float](repeating: 0, count: tokenCount * stride)
var deltas = states
var workspace = [Float](repeating: 0, count: 2 * stride)
var logits: [Float] = [0, 0]
var dLogits = logits
var dState = [Float](repeating: 0, count: stride)

guard let classifier = try? TextClassifier(checkpoint) else {
    preconditionFailure("The synthetic checkpoint is valid")
}
let scratch = classifier.makeScratch()
let sentence = Array(
    "Word1 word2, word3 word4 word5 unheard word7 word8 word9 word10 word11 word12!".utf8
)

for set in InstructionSet.allCases where set.force() {
    let forward = nanoseconds(calls: 500) {
        _ = ck_elman_last_state(&model.kernel, words, tokenCount, &workspace)
    }
    ck_elman_states(&model.kernel, words, tokenCount, &states)
    let last = Array(states.suffix(stride))
    let backward = nanoseconds(calls: 500) {
        ck_elman_logits(&model.kernel, last, &logits)
        _ = ck_cross_entropy(logits, 2, 1, &dLogits)
        ck_elman_logits_backward(&model.kernel, dLogits, &dState)
        ck_elman_deltas(&model.kernel, states, tokenCount, &dState, &deltas)
    }
    let step = nanoseconds(calls: 500) {
        ck_elman_clipped_step(
            &model.kernel,
            words,
            tokenCount,
            states,
            deltas,
            dLogits,
            1e-9,
            1,
            &workspace
        )
    }
    let whole = sentence.withUnsafeBufferPointer { utf8 in
        nanoseconds(calls: 5000) { _ = classifier.classify(utf8: utf8, scratch: scratch) }
    }
    let perToken = [forward, backward, step].map { text($0 / Double(tokenCount)) }
    print(
        "\(set.rawValue): forward \(perToken[0])  backward \(perToken[1])  step \(perToken[2]);"
            + "  a text of 13 words and marks, tokenized to probabilities: \(text(whole)) ns"
    )
}

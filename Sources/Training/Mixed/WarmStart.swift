public import Examples
public import Model

/// The weights of an earlier version, from which training goes on.
public struct WarmStart: Sendable {
    /// The number of that version.
    public var version: Int
    /// Its checkpoint.
    public var checkpoint: Checkpoint
    /// The rows that its weights were fitted on, so that none of them is scored as if it were new;
    /// nil if they are not known.
    public var learnt: [Example]?

    /// Describes the version.
    public init(version: Int, checkpoint: Checkpoint, learnt: [Example]?) {
        self.version = version
        self.checkpoint = checkpoint
        self.learnt = learnt
    }

    /// The learning rate of a run that goes on, against that of one from the start, unless it is
    /// given.
    static let rateFactor = 0.5
}

extension WarmStart {
    /// Whether training is to begin with an earlier version.
    public enum Request: Sendable {
        /// It is not: all rows may be learnt in the end.
        case notAsked
        /// It is, but there is no version to begin with; held-out rows stay apart for the next one.
        case impossible(reason: String)
        /// It is to begin with this version, where that is of use: a mixed network with many rows.
        case from(WarmStart)

        /// Whether a warm start is asked for.
        var isAsked: Bool {
            if case .notAsked = self { false } else { true }
        }

        /// The version to begin with, if there is one.
        var version: WarmStart? {
            if case .from(let start) = self { start } else { nil }
        }
    }

    /// What became of a warm start that was asked for.
    public enum Outcome: Sendable, Equatable, CustomStringConvertible {
        /// Training began with the weights of this version.
        case from(version: Int)
        /// It began anew; the version is nil if there was none.
        case cold(version: Int?, reason: String)

        /// Such as `from version 3`.
        public var description: String {
            switch self {
            case .from(let version): "from version \(version)"
            case .cold(nil, let reason): "not used: \(reason)"
            case .cold(let version?, let reason): "not from version \(version): \(reason)"
            }
        }
    }
}

/// Carries the weights of a checkpoint over to a network with another dictionary and other labels.
///
/// A word, sub-word, feature or label that both have keeps its weights; what is new starts as it
/// would without. Tensors of another size start anew.
struct WeightTransfer {
    private let source: Checkpoint
    private let shape: MixedShape
    /// For each label, its place in the source.
    private let labels: [Int?]

    /// - Returns: nil if the source is no mixed network.
    init?(from source: Checkpoint, labels: [String]) {
        guard case .mixed(let shape) = source.architecture.network else { return nil }
        self.source = source
        self.shape = shape
        let places = Dictionary(uniqueKeysWithValues: zip(source.labels, source.labels.indices))
        self.labels = labels.map { places[$0] }
    }

    /// Overwrites the parameters of a recurrent path of this shape with what the source has.
    func fill(
        recurrent parameters: UnsafeMutablePointer<Float>,
        shape target: RecurrentShape,
        lookup: FeatureLookup
    ) {
        guard shape.recurrent != nil else { return }
        for slot in RecurrentLayout(target).slots {
            guard let tensor = source.tensors[slot.name], tensor.shape.count == 2 else { continue }
            let rows = tensor.shape[0]
            let values = parameters + slot.offset
            switch slot.name {
            case "words":
                copyRows(tensor, to: values, slot) { row in
                    let word = row == 0 ? 0 : source.vocabulary.index(of: lookup.vocabulary[row])
                    return (row == 0 || word > 0) && Int(word) < rows ? Int(word) : nil
                }
            case "subwords":
                let places = WeightTransfer.places(source.features?.subwords ?? [])
                copyRows(tensor, to: values, slot) { places[lookup.lists.subwords[$0]] }
            case "vectors.w" where source.vectors?.source != lookup.vectors?.source:
                // Another file's dimensions mean something else.
                continue
            case "output.w", "output.b":
                guard rows == slot.rows else { continue }
                copyLabels(tensor, to: values, rows: slot.rows) { $0 }
            default:
                guard tensor.shape == [slot.rows, slot.columns] else { continue }
                copyRows(tensor, to: values, slot) { $0 }
            }
        }
    }

    /// Overwrites the parameters of a linear path, (features × labels), with what the source has.
    func fill(linear parameters: UnsafeMutablePointer<Float>, lookup: FeatureLookup) {
        guard let tensor = source.tensors["linear"], let lists = source.features else { return }
        let old = WeightTransfer.places(
            WeightTransfer.names(lists, source.vocabulary)
        )
        let names = WeightTransfer.names(lookup.lists, lookup.vocabulary)
        copyLabels(tensor, to: parameters, rows: names.count) { old[names[$0]] }
    }

    /// Copies the rows that `place` finds in the source, if they are as wide.
    private func copyRows(
        _ tensor: Tensor,
        to values: UnsafeMutablePointer<Float>,
        _ slot: ParameterSlot,
        place: (Int) -> Int?
    ) {
        guard tensor.shape[1] == slot.columns else { return }
        for row in 0..<slot.rows {
            guard let old = place(row) else { continue }
            for column in 0..<slot.columns {
                values[row * slot.columns + column] = tensor.values[old * slot.columns + column]
            }
        }
    }

    /// Copies, of the rows that `place` finds, the columns of the labels that the source has.
    private func copyLabels(
        _ tensor: Tensor,
        to values: UnsafeMutablePointer<Float>,
        rows: Int,
        place: (Int) -> Int?
    ) {
        let width = source.labels.count
        for row in 0..<rows {
            guard let old = place(row) else { continue }
            for (column, label) in labels.enumerated() {
                guard let label else { continue }
                values[row * labels.count + column] = tensor.values[old * width + label]
            }
        }
    }

    private static func places(_ names: [String]) -> [String: Int] {
        Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }

    /// A name for each feature that does not depend on the numbers of words; no token has a blank
    /// or a line feed.
    private static func names(_ lists: FeatureLists, _ vocabulary: Vocabulary) -> [String] {
        func word(_ index: Int32) -> String {
            index == FeatureLists.Bigram.boundary ? "" : vocabulary[Int(index)]
        }
        return lists.unigrams.map { word($0) }
            + lists.bigrams.map { "\(word($0.first)) \(word($0.second))" }
            + lists.ngrams.map { "\n\($0)" }
            + lists.runs.map { "\n\n\($0)" }
            + lists.skipBigrams.map { "\n\(word($0.first)) \(word($0.second))" }
            + lists.openings.map { "\n \($0.words.map(word).joined(separator: " "))" }
    }
}

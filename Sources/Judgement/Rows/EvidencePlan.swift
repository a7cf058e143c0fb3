package import Model

/// How the rows of a data set become evidence: some are held out, or all are answered in turn.
package enum EvidencePlan: Sendable {
    /// One network learns most rows; the others choose its epochs and its mix, each part for the
    /// rest.
    case heldOut(RowSplit)
    /// The network learns all rows; others of its kind answer each row that they have not learnt.
    case crossValidation([RowSplit])

    /// The share of many rows that is held out.
    package static let heldOutShare = 0.1
    /// Fewer rows say too little: an accuracy of 90 % on 200 rows has a standard error of 2 points.
    package static let leastHeldOutRows = 200
    /// The share of the labels that may have no row held out.
    private static let mostMissedLabels = 0.1
    /// Parts of a cross-validation, and of rows that are held out.
    package static let folds = 5

    /// Cross-validates where a tenth would be fewer than 200 rows or would miss more than a tenth
    /// of the labels; else holds a tenth out.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to learn from and to score.
    ///   - model: the model's name. All its versions are asked the same rows, whatever their seeds;
    ///     another model is asked others, so that no set of rows is always the lucky one.
    package init(texts: TokenizedTexts, labels: [Int], rows: [Int], model: String) {
        let partition = Partition(
            texts: texts,
            labels: labels,
            rows: rows,
            salt: EvidencePlan.salt(model: model)
        )
        let split = partition.heldOut(EvidencePlan.heldOutShare)
        let known = Set(rows.map { labels[$0] }).count
        let missed = known - Set(split.heldOut.map { labels[$0] }).count
        let isEnough =
            split.heldOut.count >= EvidencePlan.leastHeldOutRows
            && Double(missed) <= EvidencePlan.mostMissedLabels * Double(known)
        self = isEnough ? .heldOut(split) : .crossValidation(partition.folds(EvidencePlan.folds))
    }

    /// Another way to part the rows of a model, or the first one, 0.
    package static func salt(model: String, cut: Int = 0) -> UInt64 {
        model.utf8.reduce(UInt64(cut)) { SplitMix64.mixed($0 ^ UInt64($1)) }
    }
}

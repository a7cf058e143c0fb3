package import Evaluation
package import Model

/// Chooses from which certainty on a text is better given a label than told to be none of these.
///
/// The proposal catches as large a share of the texts of none as it can for the share of right
/// answers that it loses: the difference of both shares is greatest (Youden 1950). What it catches
/// and loses is counted in five parts, each by the threshold that the other parts choose.
package struct OutOfScopeProposal {
    /// The certainties of right answers, and those of texts of none of the labels.
    private let right: [Float]
    private let strangers: [Float]
    private let inScope: [Float]

    private static let parts = 5

    /// Takes certainties.
    ///
    /// - Parameters:
    ///   - inScope: how sure networks were of rows with a label that they had not learnt.
    ///   - outOfScope: the certainties of texts of none, which no network learns.
    package init(inScope: Confidence, outOfScope: [Float]) {
        self.inScope = inScope.certainties
        right = zip(inScope.certainties, inScope.isRight).filter(\.1).map(\.0)
        strangers = outOfScope
    }

    /// The figures for a record; nil where one of the two kinds of texts is missing.
    ///
    /// - Complexity: O(n log n) for n texts.
    package var figures: TrainingRecord.OutOfScope? {
        guard !right.isEmpty,
            let report = OutOfScopeReport(inScope: inScope, outOfScope: strangers)
        else { return nil }
        let threshold = Self.threshold(right, strangers)
        let parts = min(right.count, strangers.count) < Self.parts ? 1 : Self.parts
        var (caught, lost) = (0, 0)
        for part in 0..<parts {
            let own = parts == 1 ? threshold : self.threshold(without: part, of: parts)
            caught += strangers.indices.count { $0 % parts == part && strangers[$0] < own }
            lost += right.indices.count { $0 % parts == part && right[$0] < own }
        }
        return TrainingRecord.OutOfScope(
            rows: strangers.count,
            auroc: report.auroc,
            aurocBounds: report.aurocBounds,
            threshold: rounded(Double(threshold)),
            caught: caught,
            rightAnswers: right.count,
            lost: lost,
            isCrossFitted: parts > 1
        )
    }

    private func threshold(without part: Int, of parts: Int) -> Float {
        func others(_ scores: [Float]) -> [Float] {
            scores.indices.filter { $0 % parts != part }.map { scores[$0] }
        }
        return Self.threshold(others(right), others(strangers))
    }

    /// The threshold with the greatest difference of shares, of equals the lowest; 0 if there is
    /// none above 0.
    private static func threshold(_ right: [Float], _ strangers: [Float]) -> Float {
        let scores = (right.map { ($0, true) } + strangers.map { ($0, false) })
            .sorted { $0.0 < $1.0 }
        var (caught, lost) = (0, 0)
        var best: (gain: Double, threshold: Float) = (0, 0)
        for (place, (score, isRight)) in scores.enumerated() {
            if isRight { lost += 1 } else { caught += 1 }
            // Texts with the same score are taken together.
            guard place + 1 == scores.count || scores[place + 1].0 > score else { continue }
            let next = place + 1 < scores.count ? scores[place + 1].0 : 1
            let gain =
                Double(caught) / Double(strangers.count) - Double(lost) / Double(right.count)
            guard gain > best.gain + 1e-12 else { continue }
            best = (gain, Float(rounded(Double((score + next) / 2))))
        }
        return best.threshold
    }
}

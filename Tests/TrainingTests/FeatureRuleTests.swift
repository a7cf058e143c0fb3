import Evaluation
import Examples
import Judgement
import Model
import Optimization
import TestClassifiers
import Testing

@testable import Training

/// Which features the linear path learns, how many of them, and how fast.
@Suite struct FeatureRuleTests {
    @Test(
        "words apart, first words and naive Bayes by rows and labels",
        arguments: [
            (1999, 2, false, false, true), (2000, 2, false, true, true),
            (2000, 20, false, true, true), (2000, 21, false, true, false),
            (300, 21, false, false, false), (90_000, 3, true, false, false),
        ]
    )
    func rule(rows: Int, classes: Int, isMulti: Bool, apart: Bool, first: Bool) {
        let rule = FeatureRule(rows: rows, classes: classes, isMulti: isMulti)
        #expect(rule.runs && rule.skipBigrams == apart)
        #expect(rule.openings == first && rule.scalesSteps == (first && apart))
    }

    @Test(
        "features at most by the mean length of texts and the number of labels",
        arguments: [
            (20.0, 2, 60_000), (64, 2, 60_000), (20, 77, 25_974), (128, 2, 120_000),
            (128, 77, 51_948), (1000, 20, 240_000), (1000, 77, 64_935), (1000, 1000, 5000),
        ]
    )
    func cap(length: Double, classes: Int, most: Int) {
        let builder = DictionaryBuilder(
            textCount: 5000,
            meanLength: length,
            classCount: classes
        )
        #expect(builder.maximumFeatures == most)
    }

    @Test("scales of steps are those of naive Bayes, by hand")
    func bayes() {
        // Three features, two labels: texts of each label that have them.
        let counts = [[5, 0], [1, 1], [0, 200]]
        var rates = BayesRates(featureCount: 3, classCount: 2)
        for (feature, row) in counts.enumerated() {
            for (label, count) in row.enumerated() {
                for _ in 0..<count { rates.count(Int32(feature), label: label) }
            }
        }
        // Each plus 1, over the sums 6 + 2 + 1 and 1 + 2 + 201.
        let ratios = [(6.0 / 9) / (1.0 / 204), (2.0 / 9) / (2.0 / 204), (1.0 / 9) / (201.0 / 204)]
        let expected = ratios.flatMap { ratio in
            let scale = (abs(ratio.naturalLogarithm).naturalLogarithm * 0.7).exponential
            return [min(scale, 3), min(scale, 3)]
        }
        #expect(zip(rates.scales, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
        #expect(rates.scales.contains(3))
    }

    @Test("a scaled step is as many times as long, and so is its average")
    func scaledSteps() {
        let (plain, scaled) = (
            AdamTable(rows: 3, columns: 3), AdamTable(rows: 3, columns: 3, isScaled: true)
        )
        let scales: [Float] = [0, 0.5, 3, 1, 1, 1]
        scaled.scaleSteps(scales)
        let (rows, weights): ([Int32], [Float]) = ([0, 1, 2], [1, 0.5, 2])
        var gradient: [Float] = [0.25, -1, 0.5, 0]
        for _ in 0..<7 {
            for table in [plain, scaled] {
                table.beginStep()
                rows.withUnsafeBufferPointer { rows in
                    weights.withUnsafeBufferPointer { weights in
                        table.addGradient(rows, weights: weights, scale: 1, gradient)
                    }
                }
                table.endStep(learningRate: 0.01)
            }
            gradient[1] += 0.25
        }
        let all = scales + [1, 1, 1]
        for (index, pair) in zip(plain.averages(), scaled.averages()).enumerated() {
            #expect(abs(pair.0 * all[index] - pair.1) < 1e-6)
        }
    }

    @Test("of too many features those are kept that change the logits most, with their weights")
    func mostImportant() throws {
        let data = try TrainingData(
            TrainingPlan(
                model: "m",
                examples: SyntheticTexts(60, labels: 2).examples,
                options: TrainingOptions()
            )
        )
        let trainer = MixedTrainer(
            texts: data.texts,
            labels: data.labelOfRow,
            strata: data.strata,
            classCount: 2,
            options: MixedOptions(TrainingOptions(), keepsBest: false, repeatsMeasuring: false),
            monitor: RunMonitor(observer: { _ in .proceed })
        )
        let fold = Fold(trainer, training: Array(0..<60), heldOut: [])
        let lists = fold.lookup.lists
        // Two dimensions of word vectors stand behind.
        let linear =
            (0..<(2 * lists.featureCount)).map { Float(($0 * 7919) % 1000) } + [1, 2, 3, 4]
        let weights = MixedWeights(
            lookup: fold.lookup,
            shape: fold.shape,
            recurrent: [],
            linear: linear,
            mix: Mix(recurrent: 0, linear: 1),
            recurrentEpochs: 0,
            linearEpochs: 1,
            fittedRows: Array(0..<60),
            evidence: nil,
            curves: []
        )
        let all = weights.mostImportant(lists.featureCount)
        #expect(all.lists == lists && all.linear == linear)
        let (kept, rows) = weights.mostImportant(50)
        #expect(kept.featureCount == 50 && rows.count == 104 && rows.suffix(4) == [1, 2, 3, 4])
        #expect(kept.subwords == lists.subwords)
        func importance(_ lists: FeatureLists, _ rows: [Float], _ feature: Int) -> Double {
            let idf = Double(lists.inverseFrequencies[feature])
            let square = rows[(2 * feature)..<(2 * feature + 2)].reduce(0) { $0 + $1 * $1 }
            return Double(square) * idf * idf * (-idf).exponential
        }
        let least = (0..<50).map { importance(kept, rows, $0) }.min() ?? 0
        let more = (0..<lists.featureCount).count { importance(lists, linear, $0) > least }
        #expect(more < 50)
        let words = kept.unigrams.map { fold.lookup.vocabulary[Int($0)] }
        for (row, word) in words.enumerated() {
            let old = try #require(
                lists.unigrams.firstIndex { fold.lookup.vocabulary[Int($0)] == word }
            )
            #expect(rows[2 * row] == linear[2 * old])
        }
    }
}

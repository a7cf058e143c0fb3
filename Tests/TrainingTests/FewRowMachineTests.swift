import Evaluation
import Examples
import Judgement
import Model
import Optimization
import TestClassifiers
import Testing

@testable import Training

/// Support vector machines, and their average with the paths of a mixed network.
@Suite struct FewRowMachineTests {
    private func fold(_ examples: [Example], heldOut: Int = 0) throws -> Fold {
        var options = TrainingOptions()
        (options.epochs, options.hidden) = (2, 4)
        let data = try TrainingData(TrainingPlan(model: "m", examples: examples, options: options))
        let trainer = MixedTrainer(
            texts: data.texts,
            labels: data.labelOfRow,
            strata: data.strata,
            classCount: data.labels.count,
            options: MixedOptions(options, keepsBest: false, repeatsMeasuring: false),
            monitor: RunMonitor(observer: { _ in .proceed })
        )
        return Fold(
            trainer,
            training: Array(0..<(examples.count - heldOut)),
            heldOut: Array((examples.count - heldOut)..<examples.count)
        )
    }

    private func machine(_ fold: Fold, hasBias: Bool) -> SupportVectorMachine {
        SupportVectorMachine(
            fold.trained,
            labels: fold.trainedLabels,
            classCount: fold.trainer.classCount,
            featureCount: fold.lookup.lists.featureCount,
            hasBias: hasBias
        ) {}
    }

    @Test("the gradient of every machine's objective vanishes", arguments: [false, true])
    func isOptimum(hasBias: Bool) throws {
        let fold = try fold(SyntheticTexts(120, labels: 4, noise: 0.3).examples)
        let machine = machine(fold, hasBias: hasBias)
        let classes = fold.trainer.classCount
        let margins = machine.margins(fold.trained)
        // w - 2C·Σ y·max(0, 1 - y·m)·x, by hand.
        var gradient = machine.weights.map(Double.init)
        var biasGradient = machine.bias.map(Double.init)
        var memory = EncodedTexts.Features()
        let first = fold.lookup.lists.firstNGram
        for (row, label) in fold.trainedLabels.enumerated() {
            for machine in 0..<classes {
                let sign = machine == label ? 1.0 : -1.0
                let slack = max(0, 1 - sign * Double(margins[row * classes + machine]))
                biasGradient[machine] -= 2 * sign * slack
                fold.trained.withFeatures(of: row, in: &memory) { features, values in
                    for (feature, value) in zip(features, values) {
                        let scale = Int(feature) < first ? 1 : 1 / 0.7
                        gradient[Int(feature) * classes + machine] -=
                            2 * sign * slack * Double(value) * scale
                    }
                }
            }
        }
        #expect(gradient.map(abs).max() ?? 1 < 1e-2)
        if hasBias {
            #expect(biasGradient.map(abs).max() ?? 1 < 0.12)
        } else {
            #expect(machine.bias.allSatisfy { $0 == 0 })
        }
        #expect(machine.passes < 300)
    }

    @Test("what is folded into the linear path answers as the average does", arguments: [0, 0.3])
    func folds(recurrent: Float) throws {
        let examples = SyntheticTexts(160, labels: 3, noise: 0.2).examples
        let fold = try fold(examples, heldOut: 40)
        let team = WorkerTeam(threads: 2)
        let machines = try FewRowMachines([fold, fold], team: team) {}
        let schedule = Schedule(batchSize: 4, epochs: 2, learningRate: 0.003)
        let paths = try NetworkPath.allCases.map { path in
            let trainer = try #require(fold.trainer(path, schedule: schedule, team: team))
            _ = try trainer.trainEpoch(1) { _ in }
            return trainer
        }
        let labels = fold.trainer.labels.suffix(40)
        let fit = CommitteeFit(
            paths: MixFit(
                recurrent: paths[.recurrent].logits(fold.heldOut),
                linear: paths[.linear].logits(fold.heldOut),
                labels: Array(labels),
                classCount: 3
            ),
            margins: machines.margins(of: 0..<1, hasBias: false)
        )
        let committee = Committee(paths: Mix(recurrent: 2 * recurrent, linear: 0.8), machines: 1.6)
        var weights = MixedWeights(
            lookup: fold.lookup,
            shape: fold.shape,
            recurrent: paths[.recurrent].averagedParameters(),
            linear: paths[.linear].averagedParameters(),
            mix: committee.mix,
            recurrentEpochs: 1,
            linearEpochs: 1,
            fittedRows: Array(0..<120),
            evidence: nil,
            curves: []
        )
        weights.fold(machines, committee)
        var options = TrainingOptions()
        (options.epochs, options.hidden) = (2, 4)
        let plan = TrainingPlan(
            model: "m",
            examples: Array(examples.prefix(120)),
            options: options
        )
        let data = try TrainingData(plan)
        let run = MixedRun(plan: plan, data: data, observer: { _ in .proceed })
        let network = try run.network(weights, .crossValidation([]))
        let classifier = try network.checkpoint(plan, data).classifier
        let own = fit.probabilities(committee, rows: 0..<40)
        let served = examples.suffix(40).flatMap { classifier.classify($0.text).probabilities }
        #expect(zip(own, served).allSatisfy { abs($0 - $1) < 5e-3 })
        #expect(network.calibration.linear == 1)
    }

    @Test("an average always has a part of the machines, and says nothing only where nothing helps")
    func weights() throws {
        let right: [Float] = [1, -1, -1, 1, 1, -1, -1, 1]
        let wrong = right.map { -$0 }
        func best(_ path: [Float], _ margins: [Float]) throws -> Committee {
            try #require(
                CommitteeFit(
                    paths: MixFit(
                        recurrent: nil,
                        linear: path,
                        labels: [0, 1, 0, 1],
                        classCount: 2
                    ),
                    margins: margins
                ).best(rows: [0, 1, 2, 3])
            )
        }
        let both = try best(right, right)
        #expect(both.margin > 0 && abs(both.margin - both.mix.linear) < 1e-3)
        let onlyMachines = try best(wrong, right)
        #expect(onlyMachines.margin > 10 * onlyMachines.mix.linear)
        let neither = try best(wrong, wrong)
        #expect(neither.margin > 0 && neither.mix.linear > 0)
        #expect(neither.folded == Mix(recurrent: 0, linear: 1))
    }

    @Test("a constant feature is tried only where labels are skewed, and goes into the output bias")
    func bias() throws {
        // Nine of ten rows are of one label, and the words say little.
        let examples = (0..<150).map { row in
            Example(label: row % 10 == 0 ? "rare" : "usual", text: "w\(row * 7 % 50) v\(row % 23)")
        }
        let skewed = try fold(examples, heldOut: 50)
        let machines = try FewRowMachines([skewed, skewed], team: WorkerTeam(threads: 1)) {}
        #expect(machines.margins(of: 0..<1, hasBias: true).count == 100)
        #expect(machines.machine(hasBias: true).bias.contains { $0 != 0 })
        let even = try fold(SyntheticTexts(90, labels: 3).examples, heldOut: 30)
        let plain = try FewRowMachines([even, even], team: WorkerTeam(threads: 1)) {}
        #expect(plain.margins(of: 0..<1, hasBias: true).isEmpty)
    }
}

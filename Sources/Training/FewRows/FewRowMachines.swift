internal import Model
internal import Optimization

/// The support vector machines of a run with few rows: of all rows, and of each fold.
struct FewRowMachines {
    /// Of all rows; first without a constant feature, then with one where that was tried.
    private let whole: [SupportVectorMachine]
    /// What those of each fold say of its held-out rows, by kind and fold.
    private let margins: [[[Float]]]

    /// From so many rows on the network needs none.
    static let mostRows = 1999
    /// A constant feature is tried where the largest label has more than so many times the rows of
    /// the smallest: elsewhere it can only harm.
    private static let leastImbalance = 2

    /// Fits the machines of all folds, side by side.
    ///
    /// - Parameters:
    ///   - folds: first all rows, then the folds.
    ///   - team: the threads.
    ///   - check: called now and then.
    /// - Throws: What `check` throws.
    init(_ folds: [Fold], team: WorkerTeam, check: @escaping () throws -> Void) throws {
        let labels = folds[0].trainedLabels
        let counts = Dictionary(grouping: labels) { $0 }.values.map(\.count)
        let isSkewed =
            counts.max() ?? 0 > FewRowMachines.leastImbalance * (counts.min() ?? 0)
        let kinds = isSkewed ? [false, true] : [false]
        let fitted = try team.map(count: folds.count * kinds.count) { task in
            let fold = folds[task / kinds.count]
            let machine = try SupportVectorMachine(
                fold.linearTexts,
                labels: fold.linearLabels,
                rowWeights: fold.linearWeights,
                classCount: fold.trainer.classCount,
                featureCount: fold.trained.inputCount,
                hasBias: kinds[task % kinds.count],
                check: check
            )
            // Of a fold only its answers are kept.
            return task < kinds.count ? (machine, []) : (nil, machine.margins(fold.heldOut))
        }
        whole = fitted.compactMap(\.0)
        margins = kinds.indices.map { kind in
            (1..<folds.count).map { fitted[$0 * kinds.count + kind].1 }
        }
    }

    /// The margins of the held-out rows of some folds, counted from 0, with or without a constant
    /// feature; empty where those were not fitted.
    func margins(of folds: Range<Int>, hasBias: Bool) -> [Float] {
        let kind = hasBias ? 1 : 0
        return margins.indices.contains(kind) ? Array(margins[kind][folds].joined()) : []
    }

    /// The machines of all rows.
    func machine(hasBias: Bool) -> SupportVectorMachine { whole[hasBias ? 1 : 0] }
}

extension MixedTrainer {
    /// The machines of a run whose folds begin with all its rows; nil where it needs none.
    func machines(_ folds: [Fold], _ team: WorkerTeam) throws -> FewRowMachines? {
        // Machines with several labels a text have not been measured.
        guard options.addsMachines, !options.isMulti,
            folds[0].trained.count <= FewRowMachines.mostRows
        else {
            return nil
        }
        return try FewRowMachines(folds, team: team) { try monitor.check(0, share: 0) }
    }
}

extension MixedWeights {
    /// Adds the machines to the linear path, where they lose nothing: the mean of logarithms is
    /// one sum of weights.
    mutating func fold(_ machines: FewRowMachines, _ committee: Committee) {
        self.committee = committee
        guard committee.margin > 0 else { return }
        let machine = machines.machine(hasBias: committee.hasBias)
        var sum = machine.linearWeights(lookup.lists, scale: committee.margin)
        if committee.mix.linear > 0 {
            for index in sum.indices { sum[index] += committee.mix.linear * linear[index] }
        }
        linear = sum
        if committee.hasBias, let slot = RecurrentLayout(shape).slots.last {
            // The last tensor is the output's bias, and the recurrent path is in the mix.
            let scale = committee.margin / committee.mix.recurrent
            for (place, bias) in machine.bias.enumerated() {
                recurrent[slot.offset + place] += scale * bias
            }
        }
        mix = committee.folded
    }
}

internal import Model

/// How the paths of a mixed network and support vector machines are averaged.
struct Committee: Equatable {
    /// What the logits of each path are multiplied by.
    var mix: Mix
    /// What the margins are multiplied by; 0 without them.
    var margin: Float = 0
    /// Whether the machines have a constant feature.
    var hasBias = false

    /// The weights of the network that a checkpoint holds, where the machines stand in the rows of
    /// its linear path.
    var folded: Mix {
        margin > 0 ? Mix(recurrent: mix.recurrent, linear: 1) : mix
    }
}

/// What the paths and the machines say of rows that neither has learnt, and the average that suits
/// them best.
///
/// With few rows each errs in its own way, and the mean of the logarithms of their probabilities is
/// right more often than either (RECIPE). Each is calibrated by itself, then their mean.
struct CommitteeFit {
    /// The paths alone.
    let paths: MixFit
    /// (rows × classes); empty without machines.
    let margins: [Float]
    /// The same of machines with a constant feature; empty where none were fitted.
    let biasedMargins: [Float]

    init(paths: MixFit, margins: [Float] = [], biasedMargins: [Float] = []) {
        self.paths = paths
        self.margins = margins
        self.biasedMargins = biasedMargins
    }

    /// The least share of a recurrent path that carries the constant feature in its output bias:
    /// linear paths have none.
    private static let leastCarrier: Float = 0.02

    /// The average with the least cross-entropy on `rows`; nil if none has one that is a number.
    func best(rows: [Int]) -> Committee? {
        guard let mix = paths.best(rows: rows) else { return nil }
        guard !margins.isEmpty else { return Committee(mix: mix) }
        guard var best = average(mix, margins, hasBias: false, rows: rows) else { return nil }
        if !biasedMargins.isEmpty,
            let biased = average(mix, biasedMargins, hasBias: true, rows: rows),
            biased.loss < best.loss,
            biased.committee.mix.recurrent >= CommitteeFit.leastCarrier
        {
            best = biased
        }
        return best.committee
    }

    /// The average of the paths with one kind of machines, and the loss of the latter alone.
    private func average(
        _ mix: Mix,
        _ margins: [Float],
        hasBias: Bool,
        rows: [Int]
    ) -> (committee: Committee, loss: Double)? {
        let alone = single(margins)
        guard let own = alone.best(rows: rows) else { return nil }
        var committee = Committee(
            mix: Mix(recurrent: mix.recurrent / 2, linear: mix.linear / 2),
            margin: own.linear / 2,
            hasBias: hasBias
        )
        var together = [Float](repeating: 0, count: margins.count)
        var logits = [Float](repeating: 0, count: paths.classCount)
        for row in rows {
            add(row, committee, into: &logits)
            together.replaceSubrange(range(row), with: logits)
        }
        guard let scale = single(together).best(rows: rows)?.linear else { return nil }
        committee.mix.recurrent *= scale
        committee.mix.linear *= scale
        committee.margin *= scale
        return (committee, alone.smoothedLoss(own, rows: rows))
    }

    /// The rows of probabilities, (rows × classes).
    func probabilities(_ committee: Committee, rows: some Sequence<Int>) -> [Float] {
        guard committee.margin > 0 else {
            return paths.probabilities(committee.mix, rows: rows)
        }
        var all: [Float] = []
        var logits = [Float](repeating: 0, count: paths.classCount)
        for row in rows {
            add(row, committee, into: &logits)
            all += Head.softmax.probabilities(of: logits)
        }
        return all
    }

    private func add(_ row: Int, _ committee: Committee, into logits: inout [Float]) {
        paths.mixed(row, committee.mix, into: &logits)
        let margins = committee.hasBias ? biasedMargins : margins
        for (place, index) in range(row).enumerated() {
            logits[place] += committee.margin * margins[index]
        }
    }

    private func range(_ row: Int) -> Range<Int> {
        (row * paths.classCount)..<((row + 1) * paths.classCount)
    }

    private func single(_ logits: [Float]) -> MixFit {
        MixFit(
            recurrent: nil,
            linear: logits,
            labels: paths.labels,
            classCount: paths.classCount
        )
    }
}

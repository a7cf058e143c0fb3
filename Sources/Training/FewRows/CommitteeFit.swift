internal import Model

/// How the paths of a mixed network and support vector machines are averaged.
struct Committee: Equatable {
    /// The paths, calibrated by themselves.
    let paths: Mix
    /// What the margins are multiplied by where they stand alone; nil without them.
    let machines: Float?
    /// What the mean of both is multiplied by.
    let scale: Float
    /// Whether the machines have a constant feature.
    let hasBias: Bool

    /// The paths alone, or averaged with machines.
    init(paths: Mix, machines: Float? = nil, scale: Float = 1, hasBias: Bool = false) {
        self.paths = paths
        self.machines = machines
        self.scale = scale
        self.hasBias = hasBias
    }

    /// What the logits of each path are multiplied by.
    var mix: Mix {
        guard machines != nil else { return paths }
        return Mix(recurrent: paths.recurrent / 2 * scale, linear: paths.linear / 2 * scale)
    }

    /// What the margins are multiplied by; 0 without them.
    var margin: Float { machines.map { $0 / 2 * scale } ?? 0 }

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

    /// The average with the least cross-entropy on some rows.
    ///
    /// - Parameters:
    ///   - rows: the rows that choose.
    ///   - start: an average that suits much the same rows, where the search begins.
    /// - Returns: nil if none has a cross-entropy that is a number.
    func best(rows: [Int], from start: Committee? = nil) -> Committee? {
        guard let mix = paths.best(rows: rows, from: start?.paths) else { return nil }
        guard !margins.isEmpty else { return Committee(paths: mix) }
        func average(_ hasBias: Bool) -> (committee: Committee, loss: Double)? {
            let start = start?.hasBias == hasBias ? start : nil
            return self.average(mix, hasBias: hasBias, rows: rows, from: start)
        }
        guard let best = average(false) else { return nil }
        if !biasedMargins.isEmpty, let biased = average(true), biased.loss < best.loss,
            biased.committee.mix.recurrent >= CommitteeFit.leastCarrier
        {
            return biased.committee
        }
        return best.committee
    }

    /// The average of the paths with one kind of machines, and the loss of the latter alone.
    private func average(
        _ mix: Mix,
        hasBias: Bool,
        rows: [Int],
        from start: Committee?
    ) -> (committee: Committee, loss: Double)? {
        let alone = single(hasBias ? biasedMargins : margins)
        let machines = start?.machines.map { Mix(recurrent: 0, linear: $0) }
        guard let own = alone.best(rows: rows, from: machines) else { return nil }
        let plain = Committee(paths: mix, machines: own.linear, hasBias: hasBias)
        var together = [Float](repeating: 0, count: margins.count)
        var logits = [Float](repeating: 0, count: paths.classCount)
        for row in rows {
            add(row, plain, into: &logits)
            together.replaceSubrange(range(row), with: logits)
        }
        let before = start.map { Mix(recurrent: 0, linear: $0.scale) }
        guard let scale = single(together).best(rows: rows, from: before)?.linear else {
            return nil
        }
        let committee = Committee(
            paths: mix,
            machines: own.linear,
            scale: scale,
            hasBias: hasBias
        )
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

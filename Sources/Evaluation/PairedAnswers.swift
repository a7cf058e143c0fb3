public import JSON

/// Whether one model finds more labels than another, on the same rows.
///
/// Only rows tell that one model has right and the other wrong: if both were equally good, each of
/// these would be a fair toss (the exact form of McNemar 1947, which is a sign test).
public struct PairedAnswers: Sendable, Equatable {
    /// The rows that both have right.
    public private(set) var bothRight = 0
    /// The rows that both have wrong.
    public private(set) var bothWrong = 0
    /// The rows that only the candidate has right.
    public private(set) var candidateOnly = 0
    /// The rows that only the other model, the one that it is to replace, has right.
    public private(set) var incumbentOnly = 0

    /// Starts with no rows.
    public init() {}

    /// Adds a row: whether each model finds its label.
    public mutating func append(candidate: Bool, incumbent: Bool) {
        switch (candidate, incumbent) {
        case (true, true): bothRight += 1
        case (true, false): candidateOnly += 1
        case (false, true): incumbentOnly += 1
        case (false, false): bothWrong += 1
        }
    }

    /// Adds the rows of another comparison of the same models.
    public mutating func append(_ more: PairedAnswers) {
        bothRight += more.bothRight
        bothWrong += more.bothWrong
        candidateOnly += more.candidateOnly
        incumbentOnly += more.incumbentOnly
    }

    /// The number of rows.
    public var rows: Int { bothRight + bothWrong + differing }

    /// The rows that one has right and the other wrong.
    public var differing: Int { candidateOnly + incumbentOnly }

    /// The candidate's share of rows whose label it finds, rounded to six digits; 0 without rows.
    public var candidateAccuracy: Double { share(bothRight + candidateOnly) }

    /// The other model's share of rows whose label it finds, rounded to six digits; 0 without rows.
    public var incumbentAccuracy: Double { share(bothRight + incumbentOnly) }

    /// How likely at least so many of the differing rows would speak for the candidate if both were
    /// equally good: the one-sided p, rounded to six digits; 1 where no row differs.
    public var pBetter: Double { rounded(upperTail(candidateOnly, of: differing)) }

    /// The same for the other side: small if the candidate is worse.
    public var pWorse: Double { rounded(upperTail(incumbentOnly, of: differing)) }

    private func share(_ right: Int) -> Double {
        rows == 0 ? 0 : rounded(Double(right) / Double(rows))
    }

    /// Writes an object: `rows`, `accuracy`, `incumbent_accuracy`, `candidate_only`,
    /// `incumbent_only`, `p_better` and `p_worse`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        encodeMembers(to: &writer)
        writer.endObject()
    }

    /// Writes the members of `encode(to:)` into an object that is open.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("rows", int: rows)
        writer.member("accuracy", double: candidateAccuracy)
        writer.member("incumbent_accuracy", double: incumbentAccuracy)
        writer.member("candidate_only", int: candidateOnly)
        writer.member("incumbent_only", int: incumbentOnly)
        writer.member("p_better", double: pBetter)
        writer.member("p_worse", double: pWorse)
    }
}

/// The probability that `count` fair tosses give heads at least `heads` times.
///
/// Sums the binomial coefficients by their ratios, from the middle outwards and relative to the
/// largest, so that nothing overflows and no logarithm rounds.
///
/// - Complexity: O(count).
private func upperTail(_ heads: Int, of count: Int) -> Double {
    if heads <= 0 { return 1 }
    let middle = count / 2
    var (all, tail) = (0.0, 0.0)
    var weight = 1.0
    for index in middle...count {
        all += weight
        if index >= heads { tail += weight }
        weight *= Double(count - index) / Double(index + 1)
    }
    weight = 1.0
    for index in stride(from: middle, to: 0, by: -1) {
        weight *= Double(index) / Double(count - index + 1)
        all += weight
        if index - 1 >= heads { tail += weight }
    }
    return min(tail / all, 1)
}

/// Decides which traces are recorded, as OpenTelemetry names it (`OTEL_TRACES_SAMPLER`).
public struct Sampler: Sendable, Equatable {
    /// Whether a trace that others began is recorded if they record it, and else not.
    public let followsParent: Bool
    /// The share of the other traces that is recorded, 0 to 1.
    public let ratio: Double

    /// Records everything, but what others began and do not record.
    public static let standard = Sampler(followsParent: true, ratio: 1)

    /// - Parameters:
    ///   - followsParent: whether others decide of what they began.
    ///   - ratio: the share of the rest, 0 to 1.
    public init(followsParent: Bool, ratio: Double) {
        self.followsParent = followsParent
        self.ratio = ratio
    }

    /// Reads a name and its argument; nil for what is unknown.
    init?(named name: String, argument: String?) {
        let prefix = "parentbased_"
        followsParent = name.hasPrefix(prefix)
        switch followsParent ? String(name.dropFirst(prefix.count)) : name {
        case "always_on": ratio = 1
        case "always_off": ratio = 0
        case "traceidratio":
            guard let share = argument.map({ Double($0) }) ?? 1, (0...1).contains(share) else {
                return nil
            }
            ratio = share
        default: return nil
        }
    }

    /// Whether a trace is recorded.
    ///
    /// All services that use the same share decide alike: the last 56 bits of the trace's name are
    /// random.
    ///
    /// - Parameters:
    ///   - trace: the trace.
    ///   - parent: where it came from; nil if it begins here.
    /// - Returns: the decision.
    public func records(_ trace: TraceIdentifier, parent: TraceContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        if ratio >= 1 { return true }
        let bits = 56
        return Double(trace.low & (1 << bits - 1)) < ratio * Double(1 << bits)
    }
}

/// How the loss of one path of a network fell, epoch by epoch.
public struct LossCurve: Sendable, Equatable {
    /// One epoch.
    public struct Point: Sendable, Equatable {
        /// The epoch, from 1.
        public var epoch: Int
        /// The mean cross-entropy of its rows, each before the step on it, in nats.
        public var loss: Double
        /// The mean cross-entropy of the held-out rows after it, in nats, at its best temperature;
        /// nil where none are held out.
        public var heldOutLoss: Double?
    }

    /// The path: `recurrent`, `linear`, or `article`.
    public var path: String
    /// The epochs, at most `LossCurve.longest`, evenly spaced and with the last.
    public private(set) var points: [Point] = []

    /// The most points that are kept.
    public static let longest = 100

    /// Creates a curve; of many points some are left out.
    init(path: String, points: [Point]) {
        self.path = path
        let stride = (points.count + LossCurve.longest - 1) / LossCurve.longest
        // Counted from the end, so that the last is kept.
        self.points = points.enumerated()
            .filter { stride <= 1 || (points.count - 1 - $0.offset) % stride == 0 }.map(\.element)
    }
}

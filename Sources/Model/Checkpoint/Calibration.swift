/// How the logits of a network's paths become those that softmax takes.
///
/// `logits = recurrent · y_recurrent + linear · y_linear`, both weights fitted on rows that the
/// paths were not trained on, which calibrates the probabilities as a temperature would. The
/// article's network is a recurrent path alone.
public struct Calibration: Sendable, Equatable {
    /// The weight of the recurrent path.
    public var recurrent: Double
    /// The weight of the linear path.
    public var linear: Double
    /// What each label's logit begins with, in the order of the labels.
    ///
    /// Empty where a text has one label.
    public var bias: [Double]
    /// The least probability with which a text gets each label, in the order of the labels.
    ///
    /// Empty where a text has one label.
    public var thresholds: [Double]

    /// Weights that are accepted.
    public static let allowedWeights = 0.0...100.0
    /// Where the logit of a label may begin.
    public static let allowedBiases = -10_000.0...10_000.0

    /// What leaves the logits of the recurrent path as they are.
    public static let none = Calibration(recurrent: 1, linear: 0)

    /// Creates a calibration.
    public init(
        recurrent: Double,
        linear: Double,
        bias: [Double] = [],
        thresholds: [Double] = []
    ) {
        self.recurrent = recurrent
        self.linear = linear
        self.bias = bias
        self.thresholds = thresholds
    }
}

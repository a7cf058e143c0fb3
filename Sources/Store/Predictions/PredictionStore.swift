/// Answers that an operator lets the store remember, so that any server can be told what was wrong.
///
/// They hold texts of people who may not know of it. So there is none unless a server was told to,
/// the oldest go when newer ones come, and a server that was told otherwise deletes all.
public protocol PredictionStore: Sendable {
    /// Remembers answers, and forgets the oldest beyond a number.
    ///
    /// One transaction. Its effect may be lost in a power cut. An identifier that is there already
    /// stays what it is.
    ///
    /// - Parameters:
    ///   - predictions: the answers, the oldest first.
    ///   - limit: how many answers of all servers and models stay.
    /// - Throws: an outage.
    func remember(_ predictions: [StoredPrediction], atMost limit: Int) throws(StoreError)

    /// The answer of an identifier; nil if it is forgotten or never was.
    func prediction(_ id: String) throws(StoreError) -> StoredPrediction?

    /// Answers that nobody has looked at yet.
    ///
    /// - Parameters:
    ///   - order: which come first.
    ///   - models: of which models; nil for all.
    ///   - limit: the most that are returned.
    /// - Returns: the answers.
    /// - Throws: an outage.
    /// - Complexity: O(answers that are remembered) where few are of those models, or in random
    ///   order.
    func predictions(
        _ order: PredictionOrder,
        of models: [String]?,
        limit: Int
    ) throws(StoreError) -> [StoredPrediction]

    /// Takes an answer off `predictions`, because somebody has looked at it; its identifier stays
    /// good. Of one that is not there nothing happens.
    func setReviewed(prediction id: String) throws(StoreError)

    /// Forgets an answer.
    ///
    /// - Returns: whether it was there.
    /// - Throws: an outage.
    @discardableResult
    func forgetPrediction(_ id: String) throws(StoreError) -> Bool

    /// Forgets all answers; writes nothing if there are none.
    ///
    /// - Throws: an outage.
    func forgetAllPredictions() throws(StoreError)
}

/// Which answers come first where people look them through.
public enum PredictionOrder: String, Sendable, CaseIterable {
    /// Those with the lowest score.
    case uncertain
    /// Those whose two best labels are closest.
    case margin
    /// Any, each as likely as another.
    case random
}

/// An answer with its text.
public struct StoredPrediction: Sendable, Equatable {
    /// The name under which the client knows it.
    public var id: String
    /// The model that answered.
    public var model: String
    /// Its version.
    public var version: Int
    /// What was asked, as it was read.
    public var text: String
    /// The label that the text got.
    public var label: String
    /// The probability of that label, from 0 to 1.
    public var score: Double
    /// How much less likely the second label was, from 0 to 1.
    public var margin: Double
    /// When it was asked, in milliseconds since 1970; for people.
    public var createdAt: Int

    /// Describes an answer.
    public init(
        id: String,
        model: String,
        version: Int,
        text: String,
        label: String,
        score: Double,
        margin: Double,
        createdAt: Int
    ) {
        self.id = id
        self.model = model
        self.version = version
        self.text = text
        self.label = label
        self.score = score
        self.margin = margin
        self.createdAt = createdAt
    }
}

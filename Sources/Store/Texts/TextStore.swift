/// Texts without labels, by model: jobs learn from them where that helps, and people label those
/// that would help most.
public protocol TextStore: Sendable {
    /// Adds texts to those of a model; one that is there already stays.
    ///
    /// The model need not exist yet. Where the texts would be more than `limit`, nothing is added.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - model: whose.
    ///   - limit: how many a model has at most.
    ///   - actor: who adds them.
    /// - Returns: what was done.
    /// - Throws: an outage.
    func addTexts(
        _ texts: [String],
        to model: String,
        atMost limit: Int,
        actor: String?
    ) throws(StoreError) -> TextsChange

    /// The texts of a model in the order in which they came.
    ///
    /// - Parameters:
    ///   - model: whose.
    ///   - after: only those with a greater number.
    ///   - limit: the most that are returned.
    ///   - withoutRow: whether those are left out that are rows of the data set by now.
    /// - Returns: the texts.
    /// - Throws: an outage.
    func texts(
        of model: String,
        after: Int,
        limit: Int,
        withoutRow: Bool
    ) throws(StoreError) -> [StoredText]

    /// How many texts a model has.
    func textCount(of model: String) throws(StoreError) -> Int

    /// Removes texts of a model.
    ///
    /// - Parameters:
    ///   - ids: their numbers; nil for all.
    ///   - model: whose.
    /// - Returns: how many were there.
    /// - Throws: an outage.
    @discardableResult
    func removeTexts(_ ids: [Int]?, of model: String) throws(StoreError) -> Int
}

extension TextStore {
    /// All texts of a model in the order in which they came, whether they are rows or not.
    public func texts(
        of model: String,
        after: Int,
        limit: Int
    ) throws(StoreError) -> [StoredText] {
        try texts(of: model, after: after, limit: limit, withoutRow: false)
    }
}

/// A text without a label.
public struct StoredText: Sendable, Equatable {
    /// Its number among all, which no other text gets.
    public let id: Int
    /// The text.
    public let text: String
    /// Who added it.
    public let actor: String?
    /// When it came, in milliseconds since 1970; for people.
    public let createdAt: Int

    package init(id: Int, text: String, actor: String?, createdAt: Int) {
        self.id = id
        self.text = text
        self.actor = actor
        self.createdAt = createdAt
    }
}

/// What became of texts that were to be added.
public struct TextsChange: Sendable, Equatable {
    /// How many are new.
    public let added: Int
    /// How many were there.
    public let known: Int
    /// How many the model has now.
    public let total: Int
    /// Whether there were too many, so that none was added.
    public let isRefused: Bool

    package init(added: Int, known: Int, total: Int, isRefused: Bool = false) {
        self.added = added
        self.known = known
        self.total = total
        self.isRefused = isRefused
    }
}

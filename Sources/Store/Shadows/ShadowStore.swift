/// Versions in shadow: each is also asked what the live version of its model is asked.
///
/// A model has one at a time. It ends when it is removed or replaced, when it becomes live, or with
/// its version. What was counted of it stays as long as the version.
public protocol ShadowStore: Sendable {
    /// The versions that run in shadow, one a model.
    func runningShadows() throws(StoreError) -> [ShadowRecord]

    /// A model's versions that run in shadow or did, the newest version first.
    func shadows(of model: String) throws(StoreError) -> [ShadowRecord]

    /// How live version and shadow differed, the most frequent first.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - version: the version in shadow.
    ///   - limit: the most pairs that are returned.
    /// - Returns: the pairs; none where there is no such shadow.
    /// - Throws: an outage.
    func shadowPairs(
        of model: String,
        _ version: Int,
        limit: Int
    ) throws(StoreError) -> [ShadowPair]

    /// Lets a version run in shadow, in the place of another one of the model.
    ///
    /// One transaction. One that runs already gets the share and goes on counting; another one
    /// begins at zero.
    ///
    /// - Parameters:
    ///   - version: the version's number.
    ///   - model: the model's name.
    ///   - share: of the texts, above 0 and at most 1.
    ///   - actor: who asks for it; nil where nobody is known.
    /// - Throws: `unknownModel`, `unknownVersion`, `versionIsLive`; `nothingLive` when the model
    ///   has no version to compare with.
    func setShadow(
        _ version: Int,
        of model: String,
        share: Double,
        actor: String?
    ) throws(StoreError)

    /// Ends the shadow of a model.
    ///
    /// One transaction.
    ///
    /// - Returns: whether one ran.
    /// - Throws: an outage.
    func removeShadow(of model: String) throws(StoreError) -> Bool

    /// Adds what was counted of a shadow.
    ///
    /// One transaction, which may be lost in a power cut. Counts against another live version than
    /// the shadow's record names are left out. Of each shadow so many pairs are kept
    /// (`Retention.shadowPairs`); further ones count in the total only.
    ///
    /// - Throws: an outage.
    func add(_ counts: ShadowCounts) throws(StoreError)
}

/// Why a shadow ended.
public enum ShadowEnd: String, Sendable {
    /// Somebody ended it.
    case removed
    /// Another version took its place.
    case replaced
    /// It became live.
    case live
}

/// A version in shadow, and what was counted.
public struct ShadowRecord: Sendable, Equatable {
    /// The model's name.
    public let model: String
    /// The version in shadow.
    public let version: Int
    /// The live version that it was compared with; with another one counts begin at zero.
    public let liveVersion: Int
    /// The share of the live version's texts that it is asked.
    public let share: Double
    /// Who asked for it.
    public let actor: String?
    /// When it began, in milliseconds since 1970.
    public let startedAt: Int
    /// Why it ended; nil while it runs.
    public let end: ShadowEnd?
    /// Texts that both versions have answered.
    public let texts: Int
    /// Those that both gave the same answer.
    public let agreed: Int
    /// Texts that the shadow was to be asked, and that it had no time for.
    public let dropped: Int

    package init(
        model: String,
        version: Int,
        liveVersion: Int,
        share: Double,
        actor: String?,
        startedAt: Int,
        end: ShadowEnd?,
        texts: Int,
        agreed: Int,
        dropped: Int
    ) {
        self.model = model
        self.version = version
        self.liveVersion = liveVersion
        self.share = share
        self.actor = actor
        self.startedAt = startedAt
        self.end = end
        self.texts = texts
        self.agreed = agreed
        self.dropped = dropped
    }
}

/// How a live version and one in shadow answered some texts: each by a label or what stands for a
/// set of labels, or by nothing, which is an abstention.
public struct ShadowPair: Sendable, Equatable {
    /// The answer of the live version.
    public let live: String?
    /// The answer of the version in shadow.
    public let shadow: String?
    /// How many texts.
    public let texts: Int

    /// Counts texts.
    public init(live: String?, shadow: String?, texts: Int) {
        self.live = live
        self.shadow = shadow
        self.texts = texts
    }
}

/// What a server has counted of a shadow.
public struct ShadowCounts: Sendable {
    /// The model's name.
    public let model: String
    /// The version in shadow.
    public let version: Int
    /// The live version that it was compared with.
    public let liveVersion: Int
    /// Texts that both have answered.
    public var texts = 0
    /// Those that both gave the same answer.
    public var agreed = 0
    /// Texts that the shadow had no time for.
    public var dropped = 0
    /// The different answers.
    public var pairs: [ShadowPair] = []

    /// Counts nothing yet.
    public init(model: String, version: Int, liveVersion: Int) {
        self.model = model
        self.version = version
        self.liveVersion = liveVersion
    }
}

/// How far a model has come.
public enum ModelState: String, Sendable {
    /// One of its versions is served.
    case live
    /// It has versions, and none is served.
    case candidate
    /// It has rows and no version.
    case untrained
}

/// A model's card.
public struct ModelRecord: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The version that is served; nil when none is.
    public let liveVersion: Int?
    /// How many versions there are.
    public let versionCount: Int
    /// The newest version's number.
    public let latestVersion: Int?
    /// When its first version came, or its first row, in milliseconds since 1970.
    public let createdAt: Int

    /// How far it has come.
    public var state: ModelState {
        if liveVersion != nil { return .live }
        return versionCount > 0 ? .candidate : .untrained
    }

    package init(
        name: String,
        liveVersion: Int?,
        versionCount: Int,
        latestVersion: Int?,
        createdAt: Int
    ) {
        self.name = name
        self.liveVersion = liveVersion
        self.versionCount = versionCount
        self.latestVersion = latestVersion
        self.createdAt = createdAt
    }
}

/// Where a version came from.
public enum VersionOrigin: String, Sendable {
    /// A file that the server found at its start.
    case file
    /// A client's request.
    case upload
    /// A training job.
    case job
}

/// Everything about a version but its bytes.
public struct VersionRecord: Sendable, Equatable {
    /// The model's name.
    public let model: String
    /// The number, from 1; numbers are never used again.
    public let version: Int
    /// Whether it is the one that is served.
    public let isLive: Bool
    /// The SHA-256 of its checkpoint.
    public let digest: String
    /// The size of its checkpoint in bytes.
    public let byteCount: Int
    /// Where it came from.
    public let origin: VersionOrigin
    /// The job that made it.
    public let job: String?
    /// Who asked for it.
    public let actor: String?
    /// Whether it is kept when older versions go.
    public let isPinned: Bool
    /// The version that was live when this one came.
    public let parent: Int?
    /// The digest of the rows it was trained on.
    public let dataDigest: String?
    /// The options it was trained with, a JSON document.
    public let options: [UInt8]?
    /// The program that made it.
    public let toolVersion: String?
    /// What was measured, a JSON document.
    public let metrics: [UInt8]
    /// Why it became live or stayed a candidate.
    public let reason: String
    /// When it came, in milliseconds since 1970.
    public let createdAt: Int

    package init(
        model: String,
        version: Int,
        isLive: Bool,
        digest: String,
        byteCount: Int,
        origin: VersionOrigin,
        job: String?,
        actor: String?,
        isPinned: Bool,
        parent: Int?,
        dataDigest: String?,
        options: [UInt8]?,
        toolVersion: String?,
        metrics: [UInt8],
        reason: String,
        createdAt: Int
    ) {
        self.model = model
        self.version = version
        self.isLive = isLive
        self.digest = digest
        self.byteCount = byteCount
        self.origin = origin
        self.job = job
        self.actor = actor
        self.isPinned = isPinned
        self.parent = parent
        self.dataDigest = dataDigest
        self.options = options
        self.toolVersion = toolVersion
        self.metrics = metrics
        self.reason = reason
        self.createdAt = createdAt
    }
}

/// What is served for one model.
public struct LiveVersion: Sendable, Hashable {
    /// The model's name.
    public let model: String
    /// The version's number.
    public let version: Int
    /// The SHA-256 of its checkpoint.
    public let digest: String

    package init(model: String, version: Int, digest: String) {
        self.model = model
        self.version = version
        self.digest = digest
    }
}

/// What became of an import.
public enum ImportResult: Sendable, Equatable {
    /// The checkpoint is a new version.
    case new(version: Int, isLive: Bool)
    /// The store had it already.
    case known(version: Int, isLive: Bool)
}

/// A checkpoint that comes from outside, and what is known of it.
public struct ImportedCheckpoint: Sendable {
    /// The checkpoint.
    public var bytes: [UInt8]
    /// Its SHA-256 as hexadecimal digits.
    public var digest: String
    /// `file` or `upload`.
    public var origin: VersionOrigin
    /// Who brings it; nil where nobody is known.
    public var actor: String?
    /// False for one that is to be a candidate, whatever else is there.
    public var mayBecomeLive: Bool
    /// The digest of the rows that it was trained on, if known.
    public var dataDigest: String?
    /// The options that it was trained with, a JSON document.
    public var options: [UInt8]?
    /// The program that made it.
    public var toolVersion: String?
    /// What was measured, a JSON document.
    public var metrics: [UInt8]

    /// Describes a checkpoint.
    public init(
        bytes: [UInt8],
        digest: String,
        origin: VersionOrigin,
        actor: String? = nil,
        mayBecomeLive: Bool = true,
        dataDigest: String? = nil,
        options: [UInt8]? = nil,
        toolVersion: String? = nil,
        metrics: [UInt8]
    ) {
        self.bytes = bytes
        self.digest = digest
        self.origin = origin
        self.actor = actor
        self.mayBecomeLive = mayBecomeLive
        self.dataDigest = dataDigest
        self.options = options
        self.toolVersion = toolVersion
        self.metrics = metrics
    }
}

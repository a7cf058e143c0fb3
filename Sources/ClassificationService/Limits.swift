internal import Examples
internal import HTTPServer
internal import TextForm

/// What a client may ask for at most; `server --help` names the option that sets each.
public struct Limits: Sendable, Equatable {
    /// The body of `POST /classify`, in bytes.
    public var classifyBodyBytes = 256 * 1024
    /// A body of lines of `POST /classify`, in bytes; it is kept on the disk.
    public var streamBodyBytes = 1 << 30
    /// Texts in one `POST /classify`.
    public var texts = 64
    /// Texts in one `POST /classify` that asks for explanations.
    public var explainedTexts = 8
    /// What is read of one text, to classify or to learn from, in bytes.
    public var textBytes = 64 * 1024
    /// The body of `POST /train`, in bytes.
    public var trainBodyBytes = 64 * 1024 * 1024
    /// Rows in one `POST /train`.
    public var examples = 100_000
    /// Rows in the data set of one model.
    public var storedExamples = 200_000
    /// Models that clients may make, those from files counted too; the store refuses further ones.
    public var models = 200
    /// Different labels in one `POST /train`.
    public var labels = 1000
    /// One label, in characters (code points).
    public var labelLength = LabelRule.greatestLength
    /// Jobs that may wait for a trainer.
    public var queuedJobs = 8
    /// Jobs of one token that may wait.
    public var queuedJobsOfToken = 2
    /// Clients that may follow jobs by `GET /train/{id}/events`.
    public var followers = 256
    /// Texts that come in pieces and are kept between requests.
    public var sessions = 1000
    /// How long such a text is kept that gets no piece, in seconds.
    public var sessionIdleSeconds = 300
    /// The longest wait that `Prefer` can ask for, in seconds.
    public var waitSeconds = 60

    /// Open connections; the transport holds to it, and a dialect tells it.
    public var connections = HTTPServer.Configuration().connectionLimit

    /// The defaults.
    public init() {}

    /// One answer of `POST /classify`, in bytes.
    static let answerBytes = 16 << 20
    /// One line of a body of lines, in bytes.
    static let lineBytes = 256 << 10
    /// Bodies of lines that are under way.
    static let streams = 8
    /// The body of any other request that has one, in bytes.
    static let smallBodyBytes = 4 * 1024
    /// Bad members that one answer names.
    static let namedErrors = 20
    /// Golden cases of one model.
    static let goldenCases = 1000
    /// Requests that wait for the store, for the end of a job or for a model to be loaded.
    static let waitingRequests = 256
    /// The bytes of bodies that wait for models to be loaded.
    static let waitingBytes = 16 << 20
    /// Requests for explanations that wait or are under way.
    static let waitingExplanations = 32
    /// Requests for evaluations and comparisons that wait or are under way.
    static let waitingEvaluations = 16
    /// Exports of data sets that are under way.
    static let exports = 4
    /// Texts that one comparison of versions lists.
    static let listedChanges = 1000

    /// What labelled texts must look like.
    var exampleRules: ExampleRules {
        ExampleRules(maximumLabelLength: labelLength, maximumTextBytes: textBytes)
    }
}

internal import HTTPServer
internal import JSON
internal import Memory

/// What outlives the call that lends a request: for work on another thread.
struct RequestCopy: Sendable {
    let operation: Operation
    let method: HTTPMethod
    let path: PathValues
    let id: RequestID
    let principal: Principal
    private(set) var queryItems: [(name: String, value: String)]
    private(set) var content: RequestContent
    let ifNoneMatch: String?
    /// The media types that the client wants, as it wrote them.
    let accept: String?
    /// Whether a browser sends it for a page.
    let isFromWebPage: Bool
    /// What the client calls the request.
    let idempotencyKey: String?
    /// The event that a client got last before it lost its connection.
    let lastEventID: String?
    /// The seconds of `Prefer: wait=N`.
    let wait: Int?
    private(set) var body: [UInt8]
    /// What the parts are called, where a form brought all this.
    private(set) var form: FormParts?
    /// What all that is made of the body takes memory from.
    let memory: MemoryBudget
    /// What the body has taken of it.
    private var taken: [MemoryReservation] = []

    /// - Throws: when there is no memory for the body.
    init(
        _ request: borrowing HTTPRequest,
        _ operation: Operation,
        _ path: PathValues,
        _ principal: Principal,
        memory: MemoryBudget
    ) throws(ServiceError) {
        self.memory = memory
        if let bytes = try memory.take(request.body.count, for: .work) { taken.append(bytes) }
        self.principal = principal
        self.operation = operation
        self.path = path
        id = RequestID(of: request)
        method = request.method
        queryItems = request.queryItems
        content = RequestContent(of: request)
        lastEventID = request.header("last-event-id")
        isFromWebPage = request.header("origin") != nil
        ifNoneMatch = request.header("if-none-match")
        accept = request.header("accept")
        idempotencyKey = request.header("idempotency-key")
        wait = request.header("prefer").flatMap(Self.wait)
        body = Array(request.body)
    }

    /// The name of the model in the path, which the token is for.
    ///
    /// - Precondition: the operation has the model in its path.
    var model: String { value(of: .model) }

    /// The number of the version in the path, as it stands there.
    ///
    /// - Precondition: the operation has a version in its path.
    var version: String { value(of: .version) }

    /// The identifier of the job in the path, as it stands there.
    ///
    /// - Precondition: the operation has a job in its path.
    var job: String { value(of: .job) }

    /// The identifier of the prediction in the path, as it stands there.
    ///
    /// - Precondition: the operation has a prediction in its path.
    var prediction: String { value(of: .prediction) }

    /// The name of the word vectors in the path, as it stands there.
    ///
    /// - Precondition: the operation has vectors in its path.
    var vectors: String { value(of: .vectors) }

    private func value(of variable: PathTemplate.Variable) -> String {
        guard let value = path[variable] else {
            preconditionFailure("\(operation.path.text) has no {\(variable.rawValue)}")
        }
        return value
    }

    /// A JSON body, parsed.
    func json() throws(ServiceError) -> JSONValue {
        guard case .json = content else {
            throw .unsupportedMediaType(expected: "application/json", found: content.name)
        }
        return try memory.parse(body)
    }

    /// The request without the form in which a command line sent it.
    ///
    /// What `curl -d` sends is JSON if it parses as an object; what `curl -F` sends is the one file
    /// of the form, the other fields being settings. A page of another site can send forms unasked,
    /// so those of web pages stay what they are, and are refused.
    func withoutForm() throws(ServiceError) -> RequestCopy {
        guard !isFromWebPage else { return self }
        var request = self
        switch content {
        case .form where body.withUnsafeBytes({ isJSONObject($0, memory: memory) }):
            request.content = .json
        case .multipart(let boundary):
            if let file = try memory.take(body.count, for: .work) { request.taken.append(file) }
            let form = try MultipartForm(body, boundary: boundary, memory: memory)
            request.content = form.content
            request.body = form.file
            for (name, _) in form.fields where queryItems.contains(where: { $0.name == name }) {
                throw .invalidParameter("\"\(name)\" stands in the query and in the form.")
            }
            request.queryItems += form.fields
            request.form = form.parts
        default: break
        }
        return request
    }

    /// The seconds in a `Prefer` field (RFC 7240); nil if it names none.
    static func wait(in field: String) -> Int? {
        for preference in field.split(separator: ",") {
            let pair = trimmed(preference.prefix { $0 != ";" }).split(separator: "=", maxSplits: 1)
                .map { trimmed($0) }
            guard pair.count == 2, pair[0].lowercased() == "wait" else { continue }
            let digits = pair[1].filter { $0 != "\"" }
            guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            // More digits than this are a long wait, however many.
            return digits.utf8.count > 9 ? 1_000_000_000 : Int(digits)
        }
        return nil
    }
}

/// Whether bytes are one JSON object.
func isJSONObject(_ bytes: UnsafeRawBufferPointer, memory: MemoryBudget) -> Bool {
    // No field of a form begins so.
    guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return false }
    return (try? JSONParser(memory: memory).parse(bytes))?.kind == .object
}

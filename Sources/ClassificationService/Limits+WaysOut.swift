/// What a message says of a limit: the option that sets it, and the other way.
extension Limits {
    /// Why a body is too large for an operation; the sentence has no full stop.
    func tooLarge(_ body: Route.Operation.Body, _ route: Route) -> String {
        let bytes = bodyBytes(body)
        let size = bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
        let wayOut =
            switch body {
            case .nothing, .small: ""
            case .classify: "; send it in parts, or raise --classify-body-bytes"
            case .train: "; \(Self.rest(route)), or raise --train-body-bytes"
            case .checkpoint: "; trainer shrink makes checkpoints smaller"
            }
        return "The body is larger than \(size), which is the limit of this route\(wayOut)"
    }

    /// What to do with more rows than one request may bring.
    static func rest(_ route: Route) -> String {
        switch route {
        case .train:
            "post the rest to /models/{model}/examples, then train with \"extend\" and no rows"
        case .examples: "post the rest in further requests"
        default: "send them in parts"
        }
    }
}

package import HTTPServer

/// Every path that the service answers; openapi.yaml is the authority, a test compares the two.
package enum Route: Int, CaseIterable, Sendable {
    case classify
    case train
    case job
    case events
    case models
    case model
    case live
    case versions
    case version
    case pin
    case checkpoint
    case examples
    case revision
    case versionExamples
    case golden
    case evaluate
    case diff
    case feedback
    case livez
    case readyz
    case metrics
    case contract
    case index

    /// The path as openapi.yaml writes it; also the route's name in metrics and logs.
    package var template: String {
        switch self {
        case .classify: "/classify"
        case .train: "/train"
        case .job: "/train/{id}"
        case .events: "/train/{id}/events"
        case .models: "/models"
        case .model: "/models/{model}"
        case .live: "/models/{model}/live"
        case .versions: "/models/{model}/versions"
        case .version: "/models/{model}/versions/{version}"
        case .pin: "/models/{model}/versions/{version}/pin"
        case .checkpoint: "/models/{model}/versions/{version}/checkpoint"
        case .examples: "/models/{model}/examples"
        case .revision: "/models/{model}/examples/revision"
        case .versionExamples: "/models/{model}/versions/{version}/examples"
        case .golden: "/models/{model}/golden"
        case .evaluate: "/models/{model}/evaluate"
        case .diff: "/models/{model}/diff"
        case .feedback: "/feedback"
        case .livez: "/livez"
        case .readyz: "/readyz"
        case .metrics: "/metrics"
        case .contract: "/openapi.yaml"
        case .index: "/"
        }
    }

    /// What can be done there, by whom, and with which statuses it can end.
    package var operations: [Operation] {
        switch self {
        case .classify:
            [
                Operation(
                    .post,
                    .scope(.classify),
                    .classify,
                    [200, 404, 413, 415, 422, 503],
                    query: ClassifyRequest.parameters
                )
            ]
        case .train:
            [
                Operation(
                    .get,
                    .scope(.train),
                    .nothing,
                    [200, 404, 503],
                    query: ["limit", "before"]
                ),
                Operation(
                    .post,
                    .scope(.train),
                    .train,
                    [200, 202, 409, 413, 415, 422, 429, 503, 507],
                    query: TrainRequest.parameters.query
                ),
            ]
        case .job:
            [
                Operation(.get, .scope(.train), .nothing, [200, 404, 503]),
                Operation(.delete, .scope(.train), .nothing, [200, 202, 404, 503, 507]),
            ]
        case .events:
            [Operation(.get, .scope(.train), .nothing, [200, 204, 404, 503])]
        case .models:
            [Operation(.get, .anyToken, .nothing, [200, 503])]
        case .model:
            [
                Operation(.get, .anyToken, .nothing, [200, 404, 503]),
                Operation(.delete, .scope(.admin), .nothing, [204, 404, 503, 507]),
            ]
        case .live:
            [
                Operation(
                    .put,
                    .scope(.promote),
                    .small,
                    [200, 404, 409, 413, 415, 422, 503, 507]
                )
            ]
        case .versions:
            [
                Operation(
                    .post,
                    .scope(.train),
                    .checkpoint,
                    [200, 201, 404, 413, 415, 422, 503, 507]
                )
            ]
        case .version:
            [
                Operation(.get, .anyToken, .nothing, [200, 404, 503]),
                Operation(.delete, .scope(.promote), .nothing, [204, 404, 409, 503, 507]),
            ]
        case .pin:
            [
                Operation(.put, .scope(.promote), .nothing, [200, 404, 503, 507]),
                Operation(.delete, .scope(.promote), .nothing, [200, 404, 503, 507]),
            ]
        case .examples:
            [
                Operation(
                    .get,
                    .scope(.train),
                    .nothing,
                    [200, 404, 503],
                    query: ExampleQuery.parameters
                ),
                Operation(
                    .post,
                    .scope(.train),
                    .train,
                    [200, 404, 413, 415, 422, 503, 507],
                    query: LabelledBody.Parameters().query
                ),
                Operation(
                    .delete,
                    .scope(.train),
                    .nothing,
                    [200, 404, 422, 503, 507],
                    lists: ["id", "text"]
                ),
            ]
        case .revision:
            [
                Operation(.get, .scope(.train), .nothing, [200, 404, 503]),
                Operation(
                    .put,
                    .scope(.train),
                    .small,
                    [200, 404, 409, 413, 415, 422, 503, 507]
                ),
            ]
        case .versionExamples:
            [
                Operation(
                    .get,
                    .scope(.train),
                    .nothing,
                    [200, 404, 503],
                    query: ExampleQuery.parameters
                )
            ]
        case .golden:
            [
                Operation(.get, .scope(.train), .nothing, [200, 404, 503]),
                Operation(
                    .put,
                    .scope(.promote),
                    .train,
                    [200, 404, 413, 415, 422, 503, 507]
                ),
            ]
        case .evaluate:
            [
                Operation(
                    .post,
                    .scope(.train),
                    .train,
                    [200, 404, 413, 415, 422, 503],
                    query: ClassificationService.evaluationParameters.query
                )
            ]
        case .diff:
            [
                Operation(
                    .get,
                    .scope(.train),
                    .nothing,
                    [200, 404, 422, 503],
                    query: ["from", "to"]
                ),
                Operation(.post, .scope(.train), .train, [200, 404, 413, 415, 422, 503]),
            ]
        case .feedback:
            [
                Operation(
                    .post,
                    .scope(.train),
                    .classify,
                    [200, 404, 413, 415, 422, 503, 507]
                )
            ]
        case .checkpoint:
            [Operation(.get, .scope(.train), .nothing, [200, 304, 404, 503])]
        case .readyz:
            [Operation(.get, .everyone, .nothing, [200, 503])]
        case .metrics:
            [Operation(.get, .scope(.admin), .nothing, [200])]
        case .livez:
            [Operation(.get, .everyone, .nothing, [200])]
        case .contract, .index:
            [Operation(.get, .everyone, .nothing, [200, 421])]
        }
    }

    /// The model that the path names.
    func model(in parts: [String]) -> String? {
        template.hasPrefix("/models/{model}") ? parts.first : nil
    }

    /// One method of a route.
    package struct Operation: Sendable {
        /// How large the body may be.
        package enum Body: Sendable {
            /// None is taken.
            case nothing
            /// A few members.
            case small
            /// As `Limits.classifyBodyBytes` says.
            case classify
            /// As `Limits.trainBodyBytes` says.
            case train
            /// A checkpoint file.
            case checkpoint
        }

        package let method: HTTPMethod
        package let access: Access
        package let body: Body
        package let statuses: [Int]
        /// The parameters that a query may have.
        package let query: [String]
        /// Those among them that may stand there several times.
        package let lists: [String]

        init(
            _ method: HTTPMethod,
            _ access: Access,
            _ body: Body,
            _ statuses: [Int],
            query: [String] = [],
            lists: [String] = []
        ) {
            self.method = method
            self.access = access
            self.body = body
            // Any query can be wrong, so 400 is always there.
            self.statuses = [400] + (access == .everyone ? statuses : statuses + [401, 403, 421])
            self.query = query + lists
            self.lists = lists
        }
    }

    /// The operation that answers `method`; `HEAD` is answered as `GET`.
    func operation(_ method: HTTPMethod) -> Operation? {
        let wanted = method == .head ? HTTPMethod.get : method
        return operations.first { $0.method == wanted }
    }

    /// The value of `Allow`.
    var allow: String {
        var names: [String] = []
        for operation in operations {
            names.append(operation.method.rawValue)
            if operation.method == .get { names.append("HEAD") }
        }
        return (names + ["OPTIONS"]).joined(separator: ", ")
    }
}

internal import HTTPServer

extension Handlers {
    /// Every operation; openapi.yaml is the authority, and a test compares the two.
    ///
    /// - Parameter dialects: further ways to ask for classifications.
    /// - Returns: the rows of the table.
    func operations(_ dialects: [any Dialect]) -> [Operation] {
        let own =
            NativeDialect().operations(classify) + [stream.operation, inspect] + trainOperations
            + modelOperations
            + versionOperations
            + exampleOperations + textOperations + vectorOperations
            + judgementOperations + feedbackOperations + statusOperations
            + [pageFile] + labelStudio.operations
        var others = dialects.flatMap { $0.operations(classify) }
        for case let dialect as SageMakerDialect in dialects {
            others += dialect.vertexOperations(classify, beside: own + others)
        }
        var paths: [String] = []
        for path in (own + others).map(\.path.text) where path != "/" && !paths.contains(path) {
            paths.append(path)
        }
        paths.append("/")
        return own + [
            Operation(
                .get,
                "/",
                .everyone,
                [200, 304, 308],
                .atOnce { [status, page, paths] request, _, principal throws(ServiceError) in
                    if let answer = page.start(request) { return .answer(answer) }
                    return .answer(status.index(paths, for: principal))
                }
            )
        ] + others
    }

    private var trainOperations: [Operation] {
        [
            Operation(
                .get,
                "/train",
                .scope(.train),
                [200, 404, 503],
                query: ["limit", "before"],
                store(jobs.list)
            ),
            Operation(
                .post,
                "/train",
                model: .body,
                .scope(.train),
                body: .rows(
                    limits,
                    rest:
                        "post the rest to /models/{model}/examples, then train with \"extend\" and "
                        + "no rows"
                ),
                [200, 202, 409, 413, 415, 422, 429, 503, 507],
                query: TrainRequest.parameters.query,
                .later(on: background, jobs.post)
            ),
            Operation(
                .get,
                "/train/{id}",
                .scope(.train),
                [200, 404, 503],
                store(jobs.show)
            ),
            Operation(
                .delete,
                "/train/{id}",
                .scope(.train),
                [200, 202, 404, 503, 507],
                store(jobs.cancel)
            ),
            Operation(
                .get,
                "/train/{id}/events",
                .scope(.train),
                [200, 204, 404, 503],
                .later(on: background, jobs.follow)
            ),
            Operation(.get, "/workers", .scope(.admin), [200, 503], store(workers.list)),
        ]
    }

    private var modelOperations: [Operation] {
        [
            Operation(.get, "/models", .anyToken, [200, 503], store(models.list)),
            Operation(
                .get,
                "/models/{model}",
                model: .path,
                .anyToken,
                [200, 404, 503],
                store(models.show)
            ),
            Operation(
                .delete,
                "/models/{model}",
                model: .path,
                .scope(.admin),
                [204, 404, 503, 507],
                store(models.delete)
            ),
            Operation(
                .put,
                "/models/{model}/live",
                model: .path,
                .scope(.promote),
                body: .small,
                [200, 404, 409, 413, 415, 422, 503, 507],
                store(versions.setLive)
            ),
        ] + shadowOperations
    }

    private var shadowOperations: [Operation] {
        [
            Operation(
                .get,
                "/models/{model}/shadow",
                model: .path,
                .anyToken,
                [200, 404, 503],
                store(shadows.show)
            ),
            Operation(
                .put,
                "/models/{model}/shadow",
                model: .path,
                .scope(.promote),
                body: .small,
                [200, 404, 409, 413, 415, 422, 503, 507],
                store(shadows.set)
            ),
            Operation(
                .delete,
                "/models/{model}/shadow",
                model: .path,
                .scope(.promote),
                [204, 404, 503, 507],
                store(shadows.remove)
            ),
        ]
    }

    private var versionOperations: [Operation] {
        [
            Operation(
                .post,
                "/models/{model}/versions",
                model: .path,
                .scope(.train),
                body: .checkpoint,
                [200, 201, 404, 409, 413, 415, 422, 503, 507],
                store(versions.upload)
            ),
            Operation(
                .get,
                "/models/{model}/versions/{version}",
                model: .path,
                .anyToken,
                [200, 404, 503],
                store(versions.show)
            ),
            Operation(
                .delete,
                "/models/{model}/versions/{version}",
                model: .path,
                .scope(.promote),
                [204, 404, 409, 503, 507],
                store(versions.delete)
            ),
            Operation(
                .put,
                "/models/{model}/versions/{version}/pin",
                model: .path,
                .scope(.promote),
                [200, 404, 503, 507],
                store(versions.pin)
            ),
            Operation(
                .delete,
                "/models/{model}/versions/{version}/pin",
                model: .path,
                .scope(.promote),
                [200, 404, 503, 507],
                store(versions.unpin)
            ),
            Operation(
                .get,
                "/models/{model}/versions/{version}/checkpoint",
                model: .path,
                .scope(.train),
                [200, 304, 404, 503],
                store(versions.checkpoint)
            ),
        ]
    }

    private var exampleOperations: [Operation] {
        [
            Operation(
                .get,
                "/models/{model}/examples",
                model: .path,
                .scope(.train),
                [200, 404, 503],
                query: ExampleQuery.parameters,
                .later(on: background, examples.list)
            ),
            Operation(
                .post,
                "/models/{model}/examples",
                model: .path,
                .scope(.train),
                body: .rows(limits, rest: "post the rest in further requests"),
                [200, 404, 409, 413, 415, 422, 503, 507],
                query: LabelledBody.Parameters().query,
                store(examples.change)
            ),
            Operation(
                .delete,
                "/models/{model}/examples",
                model: .path,
                .scope(.train),
                [200, 404, 422, 503, 507],
                lists: ["id", "text"],
                store(examples.remove)
            ),
            Operation(
                .get,
                "/models/{model}/examples/revision",
                model: .path,
                .scope(.train),
                [200, 404, 503],
                store(examples.listRevisions)
            ),
            Operation(
                .put,
                "/models/{model}/examples/revision",
                model: .path,
                .scope(.train),
                body: .small,
                [200, 404, 409, 413, 415, 422, 503, 507],
                store(examples.restore)
            ),
            Operation(
                .get,
                "/models/{model}/versions/{version}/examples",
                model: .path,
                .scope(.train),
                [200, 404, 503],
                query: ExampleQuery.parameters,
                .later(on: background, examples.listOfVersion)
            ),
        ]
    }

    private var judgementOperations: [Operation] {
        [
            Operation(
                .get,
                "/models/{model}/golden",
                model: .path,
                .scope(.train),
                [200, 404, 503],
                store(golden.show)
            ),
            Operation(
                .put,
                "/models/{model}/golden",
                model: .path,
                .scope(.promote),
                body: .rows(limits),
                [200, 404, 409, 413, 415, 422, 503, 507],
                store(golden.replace)
            ),
            Operation(
                .post,
                "/models/{model}/evaluate",
                model: .path,
                .scope(.train),
                body: .rows(limits),
                [200, 404, 413, 415, 422, 503],
                query: EvaluationHandlers.parameters.query,
                scoring(evaluation.evaluate)
            ),
            Operation(
                .get,
                "/models/{model}/diff",
                model: .path,
                .scope(.train),
                [200, 404, 422, 503],
                query: ["from", "to"],
                scoring(evaluation.compareOnStored)
            ),
            Operation(
                .post,
                "/models/{model}/diff",
                model: .path,
                .scope(.train),
                body: .rows(limits),
                [200, 404, 413, 415, 422, 503],
                scoring(evaluation.compareOnPosted)
            ),
        ]
    }

    private var feedbackOperations: [Operation] {
        [
            Operation(
                .post,
                "/feedback",
                model: .body,
                .scope(.train),
                body: .texts(limits),
                [200, 404, 413, 415, 422, 503, 507],
                store(feedback.correct)
            ),
            Operation(
                .get,
                "/predictions",
                .scope(.train),
                [200, 404, 503],
                query: PredictionHandlers.parameters,
                store(predictions.list)
            ),
            Operation(
                .delete,
                "/predictions/{prediction}",
                .scope(.train),
                [204, 404, 503, 507],
                store(predictions.forget)
            ),
        ]
    }

    private var statusOperations: [Operation] {
        let status = status
        return status.probes(.scope(.admin)) + [
            Operation(.get, "/openapi.yaml", .everyone, [200], .now { _ in status.contract() }),
            Operation(
                .get,
                "/docs",
                .everyone,
                [200, 304],
                .atOnce { request, _, _ throws(ServiceError) in
                    .answer(ContractPage().answer(request))
                }
            ),
        ]
    }

    private var inspect: Operation {
        Operation(
            .post,
            "/inspect",
            model: .body,
            .scope(.classify),
            body: .small,
            [200, 404, 413, 415, 422, 503],
            .later(on: explanations) { [inspection] request, _ throws(ServiceError) in
                try inspection.inspect(request)
            }
        )
    }

    private var pageFile: Operation {
        Operation(
            .get,
            "/page/{file}",
            .everyone,
            [200, 304, 404],
            .atOnce { [page] request, path, _ throws(ServiceError) in
                .answer(try page.file(request, path))
            }
        )
    }

    func store(
        _ answer: @escaping @Sendable (RequestCopy) throws(ServiceError) -> Answer
    ) -> Handler {
        .later(on: background) { request, _ throws(ServiceError) in try answer(request) }
    }

    func scoring(
        _ answer: @escaping @Sendable (RequestCopy) throws(ServiceError) -> Answer
    ) -> Handler {
        .later(on: evaluations) { request, _ throws(ServiceError) in try answer(request) }
    }
}

internal import HTTPServer

/// What a user has besides labelled rows: texts without labels, and word vectors.
extension Handlers {
    var textOperations: [Operation] {
        [
            Operation(
                .get,
                "/models/{model}/texts",
                model: .path,
                .scope(.train),
                [200, 404, 503],
                query: TextHandlers.parameters,
                scoring(texts.list)
            ),
            Operation(
                .post,
                "/models/{model}/texts",
                model: .path,
                .scope(.train),
                body: .rows(limits, rest: "post the rest in further requests"),
                [200, 404, 409, 413, 415, 422, 503, 507],
                store(texts.add)
            ),
            Operation(
                .delete,
                "/models/{model}/texts",
                model: .path,
                .scope(.train),
                [200, 404, 503, 507],
                lists: ["id"],
                store(texts.remove)
            ),
        ]
    }

    var vectorOperations: [Operation] {
        [
            Operation(.get, "/vectors", .scope(.train), [200, 503], store(vectors.list)),
            Operation(
                .get,
                "/vectors/{vectors}",
                .scope(.train),
                [200, 404, 503],
                store(vectors.show)
            ),
            Operation(
                .put,
                "/vectors/{vectors}",
                .scope(.admin),
                body: .vectors,
                [200, 201, 409, 413, 422, 503, 507],
                scoring(vectors.put)
            ),
            Operation(
                .delete,
                "/vectors/{vectors}",
                .scope(.admin),
                [204, 404, 503, 507],
                store(vectors.delete)
            ),
        ]
    }
}

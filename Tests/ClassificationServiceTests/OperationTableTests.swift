import HTTPServer
import Testing

@testable import ClassificationService

/// The table refuses rows that a token's model rule would not cover, and others that cannot be.
@Suite struct OperationTableTests {
    private static func row(
        _ path: PathTemplate,
        _ model: ModelPlace,
        _ access: Access = .scope(.train),
        _ method: HTTPMethod = .get
    ) -> TableRow { TableRow(method, path, model: model, access, [200], .now { _ in .empty(200) }) }

    @Test(
        "a row whose path and whose model contradict each other makes no table",
        arguments: [
            ("/models/{model}/x", ModelPlace.none, "{model}"),
            ("/models/{model}/x", .body, "{model}"),
            ("/x/{version}/{model}", .none, "{model}"),
            ("/predictions", .path, "{model}"),
            ("/models/{model}/like/{model}", .path, "{model}"),
            ("/models/{name}", .none, "{name}"),
            ("/models/{model_name}/x", .path, "{model_name}"),
            ("/models/{model}:classify", .path, "{model}:classify"),
            ("/models/of-{model}", .none, "of-{model}"),
            ("/models/{model", .none, "{model"),
        ] as [(PathTemplate, ModelPlace, String)]
    )
    func faults(path: PathTemplate, model: ModelPlace, named: String) {
        let fault = OperationTable.fault(in: [Self.row(path, model)])
        #expect(fault?.contains(named) == true, "\(fault ?? "none")")
    }

    @Test("what is about a model needs a token; a method and path have one row")
    func otherFaults() {
        let fault = OperationTable.fault(in: [Self.row("/models/{model}", .path, .everyone)])
        #expect(fault?.contains("token") == true)
        let row = Self.row("/models", .none)
        #expect(OperationTable.fault(in: [row, row])?.contains("two rows") == true)
        func claimant(_ access: Access) -> TableRow {
            TableRow(
                .get,
                "/models",
                access,
                [200],
                claims: { _ in true },
                .now { _ in .empty(200) }
            )
        }
        #expect(OperationTable.fault(in: [row, claimant(.scope(.train))]) == nil)
        for rows in [[row, claimant(.anyToken)], [claimant(.scope(.train))]] {
            #expect(OperationTable.fault(in: rows)?.contains("share") == true)
        }
        let other = Self.row("/models", .none, .anyToken, .post)
        #expect(OperationTable.fault(in: [row, other]) == nil)
        #expect(OperationTable.fault(in: [Self.row("/x/{model}/y", .path)]) == nil)
    }

    @Test("a table with a fault stops the program")
    func precondition() async {
        await #expect(processExitsWith: .failure) {
            _ = OperationTable([
                TableRow(.get, "/x/{model}", .anyToken, [200], .now { _ in .empty(200) })
            ])
        }
    }

    @Test("the model's name is found wherever it stands in the path, and asked for its token")
    func anywhere() throws {
        let fixture = try TokenFixture()
        let (token, table) = try fixture.add("shop", [.train], models: ["desk"])
        let access = AccessControl(table, hosts: nil)
        let parts = try HandlerParts()
        let router = parts.router(
            [Self.row("/x/{version}/of/{model}", .path), Self.row("/{model}", .path)],
            access: access
        )
        func status(_ target: String) -> Int {
            let request = HTTPRequest(
                method: .get,
                target: target,
                headers: [("Authorization", "Bearer " + token)]
            )
            guard case .now(let response) = router.respond(to: request) else { return 0 }
            return response.status
        }
        for name in ["desk", "%64esk", "de%73k"] {
            #expect(status("/x/1/of/\(name)") == 200)
            #expect(status("/\(name)") == 200)
        }
        for name in ["mood", "%6dood", "nothing", "x", "Desk", "desk%20", "%2564esk"] {
            #expect(status("/x/1/of/\(name)") == 403, "\(name)")
            #expect(status("/\(name)") == 403, "\(name)")
        }
        #expect(status("/x/1/of/%2fdesk") == 404)
    }

    @Test(
        "every row that is about a model refuses a token for another one",
        arguments: EveryPath.all
    )
    func everyRow(place: EveryPath) throws {
        let fixture = try TokenFixture()
        // A token with `admin` is for all models.
        let scopes = Scope.allCases.filter { $0 != .admin }
        let (token, table) = try fixture.add("shop", scopes, models: ["desk"])
        let service = try TestService { $0.tokens = table }
        let rows = #"[{"text":"a","label":"x"},{"text":"b","label":"y"}]"#
        let bodies = [
            "/classify": #"{"text":"a","model":"mood"}"#,
            "/inspect": #"{"text":"a","model":"mood"}"#,
            "/train": #"{"model":"mood","examples":\#(rows)}"#,
            "/feedback": #"{"model":"mood","text":"a","label":"x"}"#,
            "/predict": #"{"inputs":"a","model":"mood"}"#, "/": #"{"inputs":"a"}"#,
            "/tokenize": #"{"inputs":"a"}"#, "/invocations": #"{"instances":["a"]}"#,
            "/v1/classify": #"{"input":"a","model":"mood"}"#,
            "/model/parse": #"{"text":"a"}"#, "/info": "", "/status": "",
        ]
        for row in place.rows where row.model != .none && row.access != .scope(.admin) {
            let body = row.model == .body ? try #require(bodies[place.template]) : ""
            let answer = service.send(
                row.method,
                place.target,
                headers: [
                    (name: "Authorization", value: "Bearer " + token),
                    (name: "Content-Type", value: "application/json"),
                ],
                body: Array(body.utf8)
            )
            #expect(
                row.tells(.modelForbidden, in: answer),
                "\(row.method) \(place.target): \(answer)"
            )
        }
    }
}

import Foundation
import HTTPTestClient
import Testing

@Suite struct DialectProgramTests {
    /// The status of a request of each dialect, without a model: 404 says that nobody takes it, 503
    /// that no model can answer.
    private func statuses(_ server: TestServer, _ prefix: String = "") throws -> [Int] {
        try [
            ("/predict", #"{"inputs":"a"}"#), ("/v1/classify", #"{"input":"a"}"#),
            ("/model/parse", #"{"text":"a"}"#), ("/invocations", #"{"instances":["a"]}"#),
        ].map { try server.send("POST", prefix + $0, $1).status }
    }

    @Test(
        "--dialects chooses, also from the environment",
        arguments: [
            ([], [:], [503, 503, 503, 503]), (["--dialects", "all"], [:], [503, 503, 503, 503]),
            (["--dialects", "native"], [:], [404, 404, 404, 404]),
            (["--dialects", "vllm, sagemaker"], [:], [404, 503, 404, 503]),
            ([], ["ELMAN_DIALECTS": "huggingface"], [503, 404, 404, 404]),
            (["--dialects", "rasa"], ["ELMAN_DIALECTS": "huggingface"], [404, 404, 503, 404]),
        ] as [([String], [String: String], [Int])]
    )
    func chosen(arguments: [String], environment: [String: String], expected: [Int]) throws {
        let server = try TestServer(try TestDirectory(), arguments, environment: environment)
        #expect(try statuses(server) == expected)
    }

    @Test("Vertex AI's paths come from its environment")
    func vertex() throws {
        let server = try TestServer(
            try TestDirectory(),
            environment: [
                "AIP_HEALTH_ROUTE": "/vertex/health",
                "AIP_PREDICT_ROUTE": "/v1/endpoints/7:predict",
            ]
        )
        #expect(try server.send("GET", "/vertex/health").status == 503)
        let body = #"{"instances":["a"]}"#
        let answer = try server.send("POST", "/v1/endpoints/7:predict", body)
        #expect(answer.status == 503 && answer.object["error_type"] as? String == "Unhealthy")
    }

    @Test("a path of Vertex AI that is another operation's stops the start")
    func vertexFault() throws {
        let server = try TestServer(
            try TestDirectory(),
            environment: ["AIP_PREDICT_ROUTE": "/train"]
        )
        #expect(try server.exitStatus() == 78)
    }

    @Test("--cors-origin and --path-prefix")
    func reach() throws {
        let server = try TestServer(
            try TestDirectory(),
            [
                "--cors-origin", "https://a.example", "--cors-origin", "http://b:3000",
                "--path-prefix", "/elman",
            ],
            environment: ["ELMAN_CORS_ORIGIN": "https://old.example"]
        )
        #expect(try statuses(server, "/elman") == [503, 503, 503, 503])
        func allowed(_ origin: String) throws -> String? {
            try server.send("GET", "/elman/livez", headers: "Origin: \(origin)\r\n")
                .header("access-control-allow-origin")
        }
        for origin in ["https://a.example", "http://b:3000"] {
            #expect(try allowed(origin) == origin)
        }
        for origin in ["https://old.example", "https://evil.example", "null"] {
            #expect(try allowed(origin) == nil)
        }
        let asked = "Origin: http://b:3000\r\nAccess-Control-Request-Method: POST\r\n"
        let preflight = try server.send("OPTIONS", "/elman/classify", headers: asked)
        #expect(preflight.status == 204)
        #expect(preflight.header("access-control-allow-methods") == "POST, OPTIONS")
        // What the transport refuses is answered without a route.
        let refused = try server.send(
            "POST",
            "/elman/classify",
            headers: "Origin: http://b:3000\r\nContent-Length: 300000000\r\n"
        )
        #expect(refused.status == 413)
        #expect(refused.header("access-control-allow-origin") == "http://b:3000")
        let rows = #"[{"text":"a","label":"x"},{"text":"b","label":"y"}]"#
        let job = try server.send("POST", "/train", #"{"model":"m","examples":\#(rows)}"#)
        #expect(job.header("location")?.hasPrefix("/elman/train/job-") == true)
        let listed = try TestServer(
            try TestDirectory(),
            environment: ["ELMAN_CORS_ORIGIN": "https://a.example, https://c.example"]
        )
        let answer = try listed.send("GET", "/livez", headers: "Origin: https://c.example\r\n")
        #expect(answer.header("access-control-allow-origin") == "https://c.example")
    }
}

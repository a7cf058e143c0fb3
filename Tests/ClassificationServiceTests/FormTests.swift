import Examples
import HTTPServer
import Store
import TestStores
import Testing

/// Bodies as `curl -d` and `curl -F` send them.
@Suite struct FormTests {
    let service: TestService

    init() throws { service = try TestService() }

    private static let form = "application/x-www-form-urlencoded"

    private func send(
        _ target: String,
        _ type: String?,
        _ body: String,
        origin: String? = nil
    ) -> Received {
        let fields = [("Content-Type", type), ("Origin", origin)]
        let headers = fields.compactMap { name, value in value.map { (name: name, value: $0) } }
        return service.send(.post, target, headers: headers, body: Array(body.utf8))
    }

    private func multipart(
        _ parts: [(head: String, body: String)],
        _ target: String,
        origin: String? = nil
    ) -> Received {
        let boundary = "------------------------d74496d66958873e"
        let body = parts.map { "--\(boundary)\r\n\($0.head)\r\n\r\n\($0.body)\r\n" }.joined()
        let type = "multipart/form-data; boundary=\(boundary)"
        return send(target, type, body + "--\(boundary)--\r\n", origin: origin)
    }

    private static func file(_ name: String, _ type: String? = nil) -> String {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\""
        return type.map { head + "\r\nContent-Type: \($0)" } ?? head
    }

    private static let rows = [Example(label: "a", text: "yes"), Example(label: "b", text: "no")]

    private static let files: [(head: String, body: String)] = [
        (file("rows.csv", "text/csv"), "label,text\na,yes\nb,no\n"),
        (file("rows.csv", "application/octet-stream"), "text;label\r\nyes;a\r\nno;b\r\n"),
        (file("rows.tsv", "application/octet-stream"), "a\tyes\nb\tno\n"),
        (
            file("rows.jsonl"),
            "{\"text\":\"yes\",\"label\":\"a\"}\n{\"text\":\"no\",\"label\":\"b\"}"
        ),
        (
            file("rows.json", "application/json"),
            "[{\"text\":\"yes\",\"label\":\"a\"},{\"text\":\"no\",\"label\":\"b\"}]"
        ),
        (file("rows.txt", "text/plain"), "__label__a yes\n__label__b no\n"),
        (file("rows"), "a,yes\nb,no"),
        ("Content-Disposition: form-data; name=\"file\"", "label,text\na,yes\nb,no\n"),
    ]

    @Test(
        "a form with one file brings rows, by its type, its name or its content",
        arguments: 0..<8
    )
    func takesFiles(index: Int) throws {
        let answer = multipart([Self.files[index]], "/train?model=m&epochs=5")
        #expect(answer.status == 202, "\(answer)")
        let id = try #require(answer.object["id"] as? String)
        #expect(try service.store.examples(ofJob: id) == Self.rows)
        #expect(multipart([Self.files[index]], "/models/n/examples").object["added"] as? Int == 2)
    }

    @Test("the other fields of a form are settings, and a whole request is one")
    func takesFields() throws {
        let name = (head: "Content-Disposition: form-data; name=\"model\"", body: "m")
        let answer = multipart([name, Self.files[0]], "/train?epochs=5")
        #expect(answer.status == 202 && answer.object["model"] as? String == "m", "\(answer)")
        let request =
            #"{"model":"m","examples":[{"text":"yes","label":"a"},{"text":"b","label":"c"}]}"#
        #expect(multipart([(Self.file("body.json"), request)], "/train").status == 202)
    }

    @Test("forms without one file, broken ones, and those of web pages are refused")
    func refusesForms() {
        let field = (head: "Content-Disposition: form-data; name=\"model\"", body: "m")
        let none = multipart([field], "/train")
        #expect(none.status == 422 && none.text.contains("no files"), "\(none)")
        let two = multipart([Self.files[0], Self.files[1]], "/train?model=m")
        #expect(two.status == 422 && two.text.contains("2 files"), "\(two)")
        #expect(multipart([Self.files[0]], "/train?model=m", origin: "http://a.b").status == 415)
        #expect(multipart([Self.files[0]], "/feedback").status == 415)
        for body in [
            "", "--x", "--x\r\n", "--x\r\n\r\n", "--x--", "\r\n--x\r\n", "--x\r\na\r\n--x--",
        ] {
            let answer = send("/train?model=m", "multipart/form-data; boundary=x", body)
            #expect((400..<500).contains(answer.status), "\(body)")
        }
        #expect(send("/train?model=m", "multipart/form-data", "a,b").status == 415)
    }

    @Test("what is wrong in a form is said with its part")
    func namesParts() throws {
        func field(_ name: String, _ value: String) -> (head: String, body: String) {
            ("Content-Disposition: form-data; name=\"\(name)\"", value)
        }
        func parts(_ answer: Received) -> [String?] {
            (answer.object["errors"] as? [[String: Any]] ?? []).map { $0["part"] as? String }
        }
        let model = field("model", "m")
        let head = "Content-Disposition: form-data; name=\"rows\"; filename=\"rows.csv\""
        let rows = (head: head, body: "label,text\na,yes\n,no\nb,\n")
        let bad = multipart([model, rows], "/train")
        #expect(bad.status == 422 && parts(bad) == ["rows", "rows"], "\(bad)")
        let one = multipart([model, (head, "label,text\na,yes\n,no\n")], "/train")
        #expect((one.object["detail"] as? String)?.hasPrefix("Part \"rows\": Line 3") == true)
        for (name, value) in [
            ("epochs", "many"), ("epochs", "0"), ("recipe", "soup"), ("extend", "perhaps"),
            ("nonsense", "1"), ("model", "../m"),
        ] {
            let others = name == "model" ? [] : [model]
            let answer = multipart(others + [field(name, value), Self.files[0]], "/train")
            #expect(answer.status == 422 && parts(answer) == [name], "\(name): \(answer)")
        }
        let twice = multipart([model, field("epochs", "1"), field("epochs", "2"), rows], "/train")
        #expect(twice.status == 422 && parts(twice) == ["epochs"], "\(twice)")
        let both = multipart([model, field("epochs", "1"), Self.files[0]], "/train?epochs=2")
        #expect(both.status == 400 && both.text.contains("epochs"), "\(both)")
        let nameless = multipart([model, field("", "1"), Self.files[0]], "/train")
        #expect(nameless.status == 422 && nameless.text.contains("no name"), "\(nameless)")
        let two = multipart([Self.files[0], rows], "/train?model=m")
        #expect(two.text.contains("\\\"file\\\", \\\"rows\\\""), "\(two)")
        let good = multipart(
            [model, field("epochs", "5"), field("extend", "true"), Self.files[0]],
            "/train"
        )
        #expect(good.status == 202, "\(good)")
        let array = #"[{"label":"a","text":"yes"},{"label":"b"}]"#
        let json = multipart([(Self.file("rows.json"), array)], "/models/n/examples")
        #expect(json.status == 422 && parts(json) == ["file"], "\(json)")
    }

    @Test("the same file again has the same Idempotency-Key, whatever its boundary")
    func idempotency() {
        func post(_ boundary: String) -> Received {
            let (head, body) = Self.files[0]
            let form = "--\(boundary)\r\n\(head)\r\n\r\n\(body)\r\n--\(boundary)--\r\n"
            let headers = [
                (name: "Content-Type", value: "multipart/form-data; boundary=\(boundary)"),
                (name: "Idempotency-Key", value: "k1"),
            ]
            return service.send(.post, "/train?model=m", headers: headers, body: Array(form.utf8))
        }
        let first = post("one")
        let second = post("two")
        #expect(first.status == 202 && second.status == 202, "\(second)")
        #expect(first.object["id"] as? String == second.object["id"] as? String)
    }

    @Test(
        "what curl -d sends is JSON on every route if it is an object",
        arguments: [
            ("/classify", #"{"text":"happy"}"#, 200),
            ("/classify", #" {"text":"happy","explain":true} "#, 200),
            ("/train", #"{"model":"m","examples":\#(TrainTests.rows)}"#, 202),
            ("/models/m/examples", #"{"examples":[{"text":"a","label":"b"}]}"#, 200),
            ("/feedback", #"{"text":"so glad","label":"happy"}"#, 200),
            ("/models/mood/diff", #"{"from":1,"to":1,"texts":["a"]}"#, 200),
        ]
    )
    func takesJSON(target: String, body: String, status: Int) {
        #expect(send(target, Self.form, body).status == status)
        let page = send(target, Self.form, body, origin: "http://evil.example")
        #expect(page.status == 415 && page.text.contains("--json"), "\(page)")
    }

    @Test(
        "else a 415 says what came and what to do",
        arguments: [
            ("/classify", form, "text=happy", form), ("/classify", form, "{\"text\":", form),
            ("/classify", form, "[1]", form), ("/classify", nil, "{}", "none came"),
            ("/classify", "text/html", "<p>", "text/html came"),
            ("/train", form, "label,text\na,b", form), ("/feedback", "text/csv", "a,b", "csv came"),
            ("/train?model=m", "text/csv; charset=utf-16", "a,b", "charset=utf-16 came"),
        ] as [(String, String?, String, String)]
    )
    func refusesOthers(target: String, type: String?, body: String, came: String) {
        let answer = send(target, type, body)
        #expect(answer.status == 415 && answer.text.contains(came), "\(answer)")
        #expect(answer.text.contains("--json"))
    }

    @Test(
        "columns and header are named in the query",
        arguments: ["/train?model=m&", "/models/m/examples?"]
    )
    func columns(target: String) throws {
        let table = "id,said,grp\n1,yes,a\n2,no,b\n"
        #expect(send(target + "label_column=grp&text_column=said", "text/csv", table).status < 203)
        #expect(send(target + "header=no", "text/csv", "label,text\na,b\n").status < 203)
        let json = #"[{"said":"yes","grp":"a"},{"said":"no","grp":"b"}]"#
        let array = send(target + "label_column=grp&text_column=said", "application/json", json)
        #expect(array.status < 203, "\(array)")
        for query in ["header=maybe", "header=no&header=no", "label_column=a&label_column=b"] {
            #expect(send(target + query, "text/csv", table).code == "invalid_parameter")
        }
        #expect(send(target + "header=no", "application/json", "[]").code == "invalid_parameter")
        let wrong = send(target + "label_column=colour", "text/csv", table)
        #expect(wrong.status == 422 && wrong.text.contains("colour"))
    }

    @Test("an array of rows may be a whole JSON body, and its bad rows are named by pointers")
    func arrays() {
        let good = #"[{"intent":"a","utterance":"yes","id":7},{"intent":["b"],"utterance":"no"}]"#
        #expect(send("/train?model=m&epochs=5", "application/json", good).status == 202)
        #expect(send("/models/m/examples", "application/json", "\u{FEFF}" + good).status == 200)
        let bad =
            #"[{"intent":1,"utterance":"yes"},{"utterance":"no"},{"intent":"a","utterance":""}]"#
        let answer = send("/train?model=m", "application/json", bad)
        #expect(answer.pointers == ["/0/intent", "/1/label", "/2/utterance"], "\(answer)")
    }

    @Test("a second header is reported, and a body that curl -d joined is told")
    func notes() {
        let twice = "label,text\na,yes\nlabel,text\nb,no\n"
        for target in ["/train?model=m", "/models/m/examples"] {
            let notes = send(target, "text/csv", twice).object["notes"] as? [String]
            #expect(notes == ["line 3: the header stands here again and was skipped."])
        }
        let joined =
            "label,textbilling,my invoice is wrong and i want to payback,the app crashes on it"
        #expect(send("/train?model=m", "text/csv", joined).text.contains("--data-binary"))
    }
}

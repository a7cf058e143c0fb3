import Examples
import JSON
import Judgement
import Model
import Optimization
import Report
import TestClassifiers
import Testing
import Training

@Suite struct ReportPageTests {
    private static func report(labels: Int, hostile: String = "") throws -> [UInt8] {
        let examples = SyntheticTexts(30 * labels, labels: labels, noise: 0.2).examples.map {
            // Labels with control characters are refused; texts may have them.
            Example(
                label: $0.label + hostile.filter { $0 != "\u{1}" },
                text: $0.text + hostile
            )
        }
        var options = TrainingOptions(recipe: .linear)
        options.epochs = 1
        let plan = TrainingPlan(model: "topics", examples: examples, options: options)
        let model = try TrainingPipeline(plan).run(
            observer: { _ in .proceed },
            entering: { _ in }
        )
        let golden = [Example(label: "never" + hostile, text: "please" + hostile)]
        return model.report(
            model.judged(
                by: .always,
                as: 1,
                against: nil,
                standing: Standing(anchor: nil),
                golden: golden
            )
        )
    }

    private func page(_ json: [UInt8]) throws -> String {
        let parser = JSONParser()
        return try #require(ReportPage(try parser.parse(json))).html
    }

    @Test("a version that answered in shadow tells how it differed")
    func shadow() throws {
        let report = String(decoding: try Self.report(labels: 3), as: UTF8.self)
        func html(_ shadow: String) throws -> String {
            let document =
                #"{"model":"topics","version":2,"report":\#(report),"shadow":\#(shadow)}"#
            return try page(Array(document.utf8))
        }
        let told = try html(
            #"""
            {"live_version":1,"total":7,"disagreed":2,"dropped":3,
             "pairs":[{"live":{"label":"<b>","abstained":false},
               "shadow":{"abstained":true},"texts":1},
              {"live":{"labels":["x","y"],"abstained":false},
               "shadow":{"labels":[],"abstained":false},"texts":1}],
             "examples":[{"text":"a <i> text","live":{"label":"<b>","abstained":false},
              "shadow":{"abstained":true}}]}
            """#
        )
        #expect(told.contains("<h2>In shadow of version 1</h2>"))
        #expect(told.contains("Of 7 texts it answered 2 otherwise."))
        for cell in ["&lt;b&gt;", "(abstains)", "x, y", "(none)", "a &lt;i&gt; text"] {
            #expect(told.contains("<td><bdi>\(cell)</bdi></td>"), "\(cell)")
        }
        #expect(try !html("null").contains("In shadow"))
        // For who may not read texts.
        let few =
            #"{"live_version":1,"total":0,"disagreed":0,"dropped":0,"pairs":[],"examples":null}"#
        #expect(try html(few).contains("Of 0 texts"))
    }

    @Test("has every drawing, and nothing that runs or is loaded", arguments: [3, 30])
    func complete(labels: Int) throws {
        let html = try page(try Self.report(labels: labels))
        for title in [
            "Loss by epoch", "Share of right answers by score", "Confusion matrix", "F1 and rows",
        ] {
            #expect(html.contains("aria-label=\"\(title)"), "\(title)")
        }
        for heading in ["Most frequent confusions", "The surest mistakes"] {
            #expect(html.contains("<h2>\(heading)</h2>"), "\(heading)")
        }
        #expect(html.contains("Labels by place") == (labels > 25))
        for word in [
            "<script", "http://", "https://", "url(", "@import", " src=", " href=", "onload",
        ] {
            #expect(!html.lowercased().contains(word), "\(word)")
        }
        // Every element that is opened is closed.
        for name in [
            "svg", "section", "div", "table", "tr", "text", "rect", "main", "dl", "ul", "p",
        ] {
            let opened = html.ranges(of: "<\(name) ").count + html.ranges(of: "<\(name)>").count
            #expect(opened == html.ranges(of: "</\(name)>").count, "\(name)")
        }
        #expect(!html.contains("nan") && !html.contains("inf\""))
    }

    @Test("labels and texts are never markup")
    func escaping() throws {
        let html = try page(
            try Self.report(labels: 2, hostile: "</title><img src=x onerror='x'>&\"")
        )
        #expect(!html.contains("<img"))
        #expect(
            html.contains("&lt;/title&gt;&lt;img src=x onerror=&#39;x&#39;&gt;&amp;&quot;")
        )
    }

    @Test("reads a job that has a report, and refuses what has none")
    func forms() throws {
        let report = String(decoding: try Self.report(labels: 2), as: UTF8.self)
        let job = Array(
            "{\"id\":\"job-1\",\"model\":\"m<1>\",\"version\":4,\"report\":\(report)}".utf8
        )
        #expect(try page(job).contains("<h1>Training report of m&lt;1&gt;, version 4</h1>"))
        let parser = JSONParser()
        for other in ["{}", "[]", "{\"report\":null}", "1"] {
            #expect(ReportPage(try parser.parse(Array(other.utf8))) == nil)
        }
        // A report of another version of the program may lack anything.
        #expect(try page(Array("{\"network\":{}}".utf8)).contains("</html>"))
    }
}

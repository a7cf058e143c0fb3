import Testing
import TextForm

@testable import ClassificationService

/// Labelling setups of Label Studio, good and hostile ones.
@Suite struct LabelingSetupTests {
    private func read(_ config: String) throws(ServiceError) -> LabelingSetup {
        try LabelingSetup(config, at: "/schema", LabelRule())
    }

    @Test("the first choices about a text count, with their aliases")
    func reads() throws {
        let setup = try read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment -->
            <View style="display: flex">
              <Header value="$title &amp; more"/>
              <Image name="image" value="$image"/>
              <Choices name="kind" toName="image"><Choice value="photo"/></Choices>
              <View><Text name="body" value="$message"/></View>
              <Choices name="topic" toName="image, body" choice="single-radio" showInLine="true">
                <View><Choice value="Karte &#x1F4B3;" alias="card"/></View>
                <Choice value=" Refund "/>
                <Choice value="Gebühr"/>
              </Choices>
              <Choices name="mood" toName="body"><Choice value="glad"/></Choices>
            </View>
            """
        )
        #expect(setup.choices == "topic" && setup.text == "body" && setup.key == "message")
        #expect(setup.names == ["card": "card", "Refund": " Refund ", "Gebühr": "Gebühr"])
        #expect(setup.name(of: "Refund") == " Refund ")
        #expect(setup.name(of: "other") == nil)
    }

    @Test("choices of which people may take several are sets of labels")
    func several() throws {
        let choices = #"<Choices name="c" toName="t" choice="multiple"/>"#
        #expect(try read("<View>\(Self.text)\(choices)</View>").isMultiple)
        let one = choices.replacing("multiple", with: "single")
        #expect(try !read("<View>\(Self.text)\(one)</View>").isMultiple)
    }

    @Test("choices that a task brings offer any label")
    func dynamic() throws {
        let setup = try read(
            #"<View><Text name="t" value="$t"/><Choices name="c" toName="t" value="$o"/></View>"#
        )
        #expect(setup.name(of: "anything") == "anything")
    }

    static let entities = """
        <!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
        <!ENTITY l3 "&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;">]><View a="&l3;"/>
        """
    static let external = #"<!DOCTYPE v SYSTEM "file:///etc/passwd"><View/>"#
    static let text = #"<Text name="t" value="$t"/>"#

    @Test(
        "what cannot be learnt, and what is hostile, is refused with the reason",
        arguments: [
            ("", "no XML"), ("no markup", "no XML"), ("<View>", "no XML"),
            ("<View></View><View/>", "no XML"), ("<View>&nbsp;</View>", "no XML"),
            ("<View a='1' a='2'/>", "no XML"), ("<View>\u{0}</View>", "no XML"),
            (entities, "DOCTYPE"), (external, "DOCTYPE"), ("<!DOCTYPE v><v/>", "DOCTYPE"),
            (String(repeating: "<a>", count: 100_000), "nested"),
            ("<v>" + String(repeating: "<a/>", count: 30_000) + "</v>", "elements"),
            ("<v>" + String(repeating: "x", count: 1 << 20) + "</v>", "MiB"),
            ("<View/>", "no <Choices>"), ("<View>\(text)</View>", "no <Choices>"),
            (#"<View>\#(text)<Choices name="c" toName="other"/></View>"#, "no <Choices>"),
            (#"<View><Image name="t" value="$t"/><Choices name="c" toName="t"/></View>"#, "no <C"),
            (#"<View><Text name="t" value="x"/><Choices name="c" toName="t"/></View>"#, "$text"),
            (#"<View><Text name="t"/><Choices name="c" toName="t"/></View>"#, "$text"),
        ]
    )
    func refuses(_ config: String, _ reason: String) {
        do throws(ServiceError) {
            _ = try read(config)
            Issue.record("it was taken")
        } catch {
            let problem = error.problem
            #expect(problem.status == 422 && problem.errors.first?.pointer == "/schema")
            #expect(problem.errors.first?.detail.contains(reason) == true, "\(problem.errors)")
        }
    }
}

import Judgement
import Model
import Testing

@Suite struct TextGroupsTests {
    private static let long = "i would like to know why my new card has not arrived yet"

    private func groups(_ texts: [String], labels: [Int]? = nil) -> [[Int]] {
        TextGroups(
            texts: TokenizedTexts(texts, tokenizer: Tokenizer()),
            labels: labels ?? texts.map { _ in 0 },
            rows: Array(texts.indices)
        ).groups
    }

    @Test(
        "texts of the same words are one, whatever their case, spaces and signs",
        arguments: [
            ["the app crashes", "The  APP crashes!"], ["what, now?", "what now"], ["?!", "?!"],
            ["a-b", "a b"],
        ]
    )
    func same(texts: [String]) {
        #expect(groups(texts) == [[0, 1]])
    }

    @Test(
        "texts with other words, or the same in another order, are two",
        arguments: [
            ["dog bites man", "man bites dog"], ["the app crashes", "the app crashed"],
            ["not good but bad", "not bad but good"], ["?", "!"],
            [long, "yet my new card has not arrived i would like to know why"],
        ]
    )
    func different(texts: [String]) {
        #expect(groups(texts) == [[0], [1]])
    }

    @Test(
        "one word in ten may be added, removed or replaced",
        arguments: [
            "i would like to know why my old card has not arrived yet",
            "i would like to know why my card has not arrived yet",
            "please i would like to know why my new card has not arrived yet",
        ]
    )
    func near(text: String) {
        #expect(groups([Self.long, text]) == [[0, 1]])
        #expect(groups([text, Self.long]) == [[0, 1]])
    }

    @Test("two changed words in thirteen are too many")
    func far() {
        #expect(
            groups([Self.long, "i would like to know when my old card has not arrived yet"]).count
                == 2
        )
    }

    @Test("near texts with other labels are told apart, the same text is not")
    func labels() {
        let other = Self.long.replacing("new", with: "old")
        #expect(groups([Self.long, other], labels: [0, 1]) == [[0], [1]])
        #expect(groups([Self.long, Self.long], labels: [0, 1]) == [[0, 1]])
    }

    @Test("a label whose texts come from one template is still several groups")
    func template() {
        let texts = (0..<40).map { "please set the alarm of the room on the left to \($0)" }
        let groups = groups(texts)
        #expect(groups.count >= 5)
        #expect(groups.allSatisfy { $0.count <= 8 })
        #expect(groups.joined().sorted() == Array(0..<40))
    }
}

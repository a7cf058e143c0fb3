import Model
import Testing

@Suite struct NameRuleTests {
    @Test(
        "letters, digits, '.', '_' and '-' in 1 to 64 bytes, a letter or digit first",
        arguments: [
            ("mood", true, true), ("0", true, true), ("a.b_c-d", true, true),
            ("Mood", true, false), ("mOOD", true, false), ("", false, false),
            (".a", false, false), ("-a", false, false), ("_a", false, false),
            ("a/b", false, false), ("a b", false, false), ("é", false, false),
            ("a\u{0}", false, false), (String(repeating: "a", count: 64), true, true),
            (String(repeating: "a", count: 65), false, false), ("[", false, false),
            ("@a", false, false), ("`a", false, false), ("a:", false, false),
        ] as [(String, Bool, Bool)]
    )
    func names(name: String, isAllowed: Bool, isAllowedInLowerCase: Bool) {
        #expect(NameRule.anyCase.allows(name) == isAllowed)
        #expect(NameRule.lowerCase.allows(name) == isAllowedInLowerCase)
    }
}

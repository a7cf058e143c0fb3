import JSON
import Model
import Testing

@Suite struct TrainingOptionsTests {
    private func decode(_ json: String) throws -> TrainingOptions {
        let parser = JSONParser()
        return try TrainingOptions.decode(try parser.parse(Array(json.utf8)))
    }

    @Test("the article's defaults are its figures")
    func defaults() throws {
        let options = try decode(#"{"recipe":"article"}"#)
        #expect(options == TrainingOptions(recipe: .article))
        #expect(options.hidden == 64 && options.epochs == 1000 && options.learningRate == 0.02)
        #expect(options.threads == 1)
        #expect(try decode("{}") == TrainingOptions())
    }

    @Test("reads every option by its name and writes all that decide the result")
    func roundTrip() throws {
        let json =
            #"{"recipe":"article","seed":7,"epochs":20,"hidden":32,"#
            + #""learning_rate":0.1,"threads":2}"#
        let options = try decode(json)
        #expect(options.seed == 7 && options.epochs == 20 && options.hidden == 32)
        #expect(options.learningRate == 0.1 && options.threads == 2)
        var writer = JSONWriter()
        options.encode(to: &writer)
        #expect(try decode(String(decoding: writer.bytes, as: UTF8.self)) == options.recorded)
    }

    @Test(
        "what is given stays in every recipe, what is not follows the recipe",
        arguments: TrainingOptions.Recipe.allCases
    )
    func given(other: TrainingOptions.Recipe) throws {
        // Among them each recipe's defaults: they count as given like any other value.
        for (epochs, hidden, rate) in [
            (20, 48, 0.003), (1000, 64, 0.02), (1, 1, 1e-6), (2, 1024, 10), (19, 63, 0.0031),
        ] {
            var options = try decode(
                #"{"epochs":\#(epochs),"hidden":\#(hidden),"learning_rate":\#(rate)}"#
            )
            #expect(options.given == [.epochs, .hidden, .learningRate])
            for changed in [options.resolved(as: other), options.planning(epochs: 7)] {
                #expect(changed == options)
            }
            options.recipe = other
            #expect(options.epochs == epochs && options.hidden == hidden)
            #expect(options.learningRate == rate)
        }
        let defaults = TrainingOptions(recipe: other)
        let resolved = TrainingOptions().resolved(as: other)
        #expect(resolved.epochs == defaults.epochs && resolved.hidden == defaults.hidden)
        #expect(resolved.learningRate == defaults.learningRate && resolved.given.isEmpty)
        #expect(TrainingOptions().planning(epochs: 7).epochs == 7)
    }

    @Test("each option that is set counts as given, also where it equals its default")
    func givenNames() throws {
        #expect(try decode("{}").given.isEmpty)
        for (json, name) in [
            (#"{"recipe":"auto"}"#, .recipe), (#"{"seed":1}"#, .seed),
            (#"{"epochs":20}"#, .epochs), (#"{"hidden":48}"#, .hidden),
            (#"{"learning_rate":0.003}"#, .learningRate), (#"{"threads":1}"#, .threads),
        ] as [(String, TrainingOptions.Name)] {
            #expect(try decode(json).given == [name])
        }
    }

    @Test(
        "a bad option is refused by its pointer",
        arguments: [
            ("[]", "/options"), (#"{"epoch":1}"#, "/options/epoch"),
            (#"{"a/b":1}"#, "/options/a~1b"), (#"{"recipe":"x"}"#, "/options/recipe"),
            (#"{"recipe":null}"#, "/options/recipe"), (#"{"seed":-1}"#, "/options/seed"),
            (#"{"seed":9007199254740992}"#, "/options/seed"), (#"{"epochs":0}"#, "/options/epochs"),
            (#"{"epochs":2147483648}"#, "/options/epochs"), (#"{"epochs":1.5}"#, "/options/epochs"),
            (#"{"epochs":"9"}"#, "/options/epochs"), (#"{"hidden":0}"#, "/options/hidden"),
            (#"{"hidden":1000000}"#, "/options/hidden"),
            (#"{"learning_rate":0}"#, "/options/learning_rate"),
            (#"{"learning_rate":-1}"#, "/options/learning_rate"),
            (#"{"learning_rate":1e6}"#, "/options/learning_rate"),
            (#"{"learning_rate":1e-40}"#, "/options/learning_rate"),
            (#"{"learning_rate":true}"#, "/options/learning_rate"),
            (#"{"threads":0}"#, "/options/threads"), (#"{"threads":65}"#, "/options/threads"),
        ]
    )
    func refuses(json: String, pointer: String) throws {
        let error = #expect(throws: OptionError.self) { try decode(json) }
        #expect(error?.pointer == pointer)
    }

    @Test("options that did not come from JSON are held to the same ranges")
    func validates() throws {
        try TrainingOptions().validate()
        for change in [
            { $0.seed = -1 }, { $0.epochs = 0 }, { $0.hidden = 1025 }, { $0.threads = 0 },
            { $0.learningRate = .nan },
        ] as [(inout TrainingOptions) -> Void] {
            var options = TrainingOptions()
            change(&options)
            #expect(throws: OptionError.self) { try options.validate() }
        }
    }
}

public import JSON

/// An option that cannot be used: which, and what it must be.
public struct OptionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A JSON pointer to the option.
    public let pointer: String
    /// What it must be, as a sentence without its end.
    public let detail: String

    /// Creates an error.
    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }

    /// The option and what it must be.
    public var description: String { "\(pointer): \(detail)" }
}

/// What options are read from: JSON, or another form that holds the same.
public protocol OptionValue {
    /// The members of an object, in order; nil for any other value.
    var options: [(name: String, value: Self)]? { get }
    /// The text; nil for a value that is none.
    var string: String? { get }
    /// The integer; nil for a value that is none.
    var int: Int? { get }
    /// The number; nil for a value that is none.
    var double: Double? { get }
}

extension JSONValue: OptionValue {
    /// The members of an object, in order; nil for any other value.
    public var options: [(name: String, value: JSONValue)]? {
        kind == .object ? members.map { ($0.key, $0.value) } : nil
    }
}

extension TrainingOptions {
    /// Reads options by the names that `POST /train` and checkpoints use; what is not there keeps
    /// the default of the recipe and does not count as given.
    ///
    /// - Parameters:
    ///   - value: an object with `recipe`, `seed`, `epochs`, `hidden`, `learning_rate`, `threads`,
    ///     `objective`, `vectors`, `language_model`.
    ///   - pointer: where it stands in its document, for errors.
    /// - Returns: Checked options.
    /// - Throws: `OptionError` for an unknown name, a wrong type or a value out of range.
    public static func decode<Value: OptionValue>(
        _ value: Value,
        pointer: String = "/options"
    ) throws(OptionError) -> TrainingOptions {
        guard let members = value.options else {
            throw OptionError(pointer: pointer, detail: "must be an object")
        }
        let known = Name.allCases.map(\.rawValue)
        for member in members where !known.contains(member.name) {
            throw OptionError(
                pointer: "\(pointer)/\(member.name.jsonPointerToken)",
                detail: "is not an option; the options are \(known.joined(separator: ", "))"
            )
        }
        func member(_ name: String) -> Value? { members.first { $0.name == name }?.value }
        var options = TrainingOptions(recipe: try recipe(member("recipe"), "\(pointer)/recipe"))
        try options.set(\.seed, member("seed"), allowedSeeds, "\(pointer)/seed")
        try options.set(\.epochs, member("epochs"), allowedEpochs, "\(pointer)/epochs")
        try options.set(
            \.hidden,
            member("hidden"),
            Architecture.allowedHiddenSizes,
            "\(pointer)/hidden"
        )
        try options.set(\.threads, member("threads"), allowedThreads, "\(pointer)/threads")
        try options.set(\.objective, member("objective"), "\(pointer)/objective")
        try options.set(\.languageModel, member("language_model"), "\(pointer)/language_model")
        if let value = member("vectors") {
            guard let name = value.string, NameRule.lowerCase.allows(name) else {
                throw OptionError(
                    pointer: "\(pointer)/vectors",
                    detail: "must be the name of word vectors (GET /vectors lists them)"
                )
            }
            options.vectors = name
        }
        if let rate = member("learning_rate") {
            guard let number = rate.double, allowedLearningRates.contains(number) else {
                throw OptionError(
                    pointer: "\(pointer)/learning_rate",
                    detail: rangeText(allowedLearningRates, of: "a number")
                )
            }
            options.learningRate = number
        }
        return options
    }

    /// Checks every option against its range, for options that did not come from JSON.
    ///
    /// - Throws: `OptionError` with `/` and the option's name as the pointer.
    public func validate() throws(OptionError) {
        func check<Value>(
            _ value: Value,
            _ range: ClosedRange<Value>,
            _ name: String,
            _ kind: String
        ) throws(OptionError) {
            guard range.contains(value) else {
                throw OptionError(
                    pointer: "/\(name)",
                    detail: TrainingOptions.rangeText(range, of: kind)
                )
            }
        }
        let whole = "a whole number"
        try check(seed, TrainingOptions.allowedSeeds, "seed", whole)
        try check(epochs, TrainingOptions.allowedEpochs, "epochs", whole)
        try check(hidden, Architecture.allowedHiddenSizes, "hidden", whole)
        try check(threads, TrainingOptions.allowedThreads, "threads", whole)
        try check(learningRate, TrainingOptions.allowedLearningRates, "learning_rate", "a number")
    }

    /// Writes the values of all options that decide the result, given or not: all but `threads`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("recipe", string: recipe.rawValue)
        writer.member("seed", int: seed)
        writer.member("epochs", int: epochs)
        writer.member("hidden", int: hidden)
        writer.member("learning_rate", double: learningRate)
        if let objective { writer.member("objective", string: objective.rawValue) }
        if let vectors { writer.member("vectors", string: vectors) }
        if let languageModel { writer.member("language_model", string: languageModel.rawValue) }
        writer.endObject()
    }

    /// Writes the names of the options that were given, but for `threads`.
    func encodeGiven(to writer: inout JSONWriter) {
        writer.beginArray()
        for name in Name.allCases where name != .threads && given.contains(name) {
            writer.string(name.rawValue)
        }
        writer.endArray()
    }

    private static func recipe(
        _ value: (some OptionValue)?,
        _ pointer: String
    ) throws(OptionError) -> Recipe? {
        guard let value else { return nil }
        return try choice(value, pointer)
    }

    /// One of the names that a type has.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ value: some OptionValue,
        _ pointer: String
    ) throws(OptionError) -> Choice {
        guard let choice = value.string.flatMap(Choice.init) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw OptionError(pointer: pointer, detail: "must be one of: \(names)")
        }
        return choice
    }

    private mutating func set<Choice: RawRepresentable<String> & CaseIterable>(
        _ option: WritableKeyPath<TrainingOptions, Choice?>,
        _ value: (some OptionValue)?,
        _ pointer: String
    ) throws(OptionError) {
        guard let value else { return }
        self[keyPath: option] = try TrainingOptions.choice(value, pointer) as Choice
    }

    private mutating func set(
        _ option: WritableKeyPath<TrainingOptions, Int>,
        _ value: (some OptionValue)?,
        _ range: ClosedRange<Int>,
        _ pointer: String
    ) throws(OptionError) {
        guard let value else { return }
        guard let number = value.int, range.contains(number) else {
            throw OptionError(
                pointer: pointer,
                detail: TrainingOptions.rangeText(range, of: "a whole number")
            )
        }
        self[keyPath: option] = number
    }

    private static func rangeText<Value>(_ range: ClosedRange<Value>, of kind: String) -> String {
        "must be \(kind) from \(range.lowerBound) to \(range.upperBound)"
    }
}

extension String {
    /// This key as a part of a JSON pointer (RFC 6901).
    var jsonPointerToken: String {
        var token = ""
        for character in unicodeScalars.prefix(80) {
            switch character {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(character)
            }
        }
        return token
    }
}

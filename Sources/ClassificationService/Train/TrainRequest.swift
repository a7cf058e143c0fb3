internal import Examples
internal import JSON
internal import Model
internal import Store

/// What a body of `POST /train` asks for, checked.
struct TrainRequest {
    var model: String
    var examples: [Example] = []
    /// As they were posted; nil for the recipe's defaults.
    var options: [UInt8]?
    /// The name of the word vectors that they ask for.
    private(set) var vectors: String?
    var promotion = Promotion.ifNotWorse
    /// What the rows mean for those that the model has; nil if that is not said.
    var mode: DataSetMode?
    /// Whether training begins with the live version's weights.
    var startsWarm = false

    /// The query of a body that is not JSON.
    static let parameters = LabelledBody.Parameters(
        settings: ["model", "promote", "extend", "replace", "warm_start"],
        options: TrainingOptions.Name.allCases.map(\.rawValue)
    )

    /// Checks every member and every row.
    ///
    /// - Throws: the bad ones, at most 20.
    init(_ body: LabelledBody, limits: Limits) throws(ServiceError) {
        var errors = FieldErrors()
        var name: String?
        var hasModel = false
        var (extends, replaces) = (false, false)
        for (key, value) in body.settings {
            switch key {
            case "model":
                hasModel = true
                name = value.string
                if !(name.map(NameRule.lowerCase.allows) ?? false) {
                    errors.add(
                        "/model",
                        "The name must be 1 to 64 lower-case letters, digits, '.', '_' or '-', "
                            + "a letter or digit first."
                    )
                }
            case "extend": extends = Self.flag("extend", value, &errors)
            case "replace": replaces = Self.flag("replace", value, &errors)
            case "warm_start": startsWarm = Self.flag("warm_start", value, &errors)
            case "options": (options, vectors) = Self.options(value, &errors)
            case "promote":
                if let asked = value.string.flatMap(Promotion.init) {
                    promotion = asked
                } else {
                    let names = Promotion.allCases.map { "\"\($0.rawValue)\"" }
                    errors.add("/promote", "It must be \(names.joined(separator: " or ")).")
                }
            default: errors.addUnknown(key)
            }
        }
        if !hasModel { errors.add("/model", "The model's name is missing.") }
        if extends && replaces {
            errors.add("/replace", "With \"extend\" it must not be true: rows do one or the other.")
        }
        mode = extends ? .extend : replaces ? .replace : nil
        model = name ?? ""
        let count = (extends ? 0 : 2)...limits.examples
        if let read = body.examples(count: count, &errors) {
            examples = read
            if errors.errors.isEmpty { checkLabels(limits, &errors) }
        } else if !extends {
            errors.add("/examples", "The examples are missing.")
        }
        try errors.throwIfAny()
        try checkContradictions()
    }

    /// The job, as somebody asks for it.
    func job(of principal: Principal) -> NewJob {
        NewJob(
            model: model,
            options: options ?? Array("{}".utf8),
            promotion: promotion,
            examples: examples,
            mode: mode,
            warmStart: startsWarm,
            actor: principal.name,
            mayPromote: principal.holds(.promote)
        )
    }

    /// Checks options; a job keeps them, and its answers show them, as they were posted.
    private static func options(
        _ value: Setting,
        _ errors: inout FieldErrors
    ) -> (json: [UInt8]?, vectors: String?) {
        do throws(OptionError) {
            let options = try TrainingOptions.decode(value, pointer: "/options")
            var json = JSONWriter()
            json.copy(value)
            return (json.finish(), options.vectors)
        } catch {
            errors.add(error.pointer, "It \(error.detail).")
            return (nil, nil)
        }
    }

    private static func flag(
        _ name: String,
        _ value: Setting,
        _ errors: inout FieldErrors
    ) -> Bool {
        if value.bool == nil { errors.add("/" + name, "It must be true or false.") }
        return value.bool ?? false
    }

    /// So many bytes of texts are looked at word by word, which takes about a tenth of a second.
    private static let comparedBytes = 1 << 20

    /// Refuses rows of which the trainer would say, by their words, that they are contradictions
    /// only.
    ///
    /// What is left to it are large posts: there hardly every text has several labels.
    private func checkContradictions() throws(ServiceError) {
        guard mode != .extend,
            examples.reduce(0, { $0 + $1.text.utf8.count }) <= Self.comparedBytes
        else { return }
        let tokenizer = Tokenizer()
        let words = examples.map { row in
            let tokens = tokenizer.tokens(in: row.text)
            return Example(label: row.label, text: tokens.joined(separator: " "))
        }
        guard case .contradictory(let texts) = ExampleSet.obstacle(to: words) else { return }
        throw .notTrainable(.contradictory(texts: texts))
    }

    /// Checks that there are labels to tell apart, and not too many.
    private func checkLabels(_ limits: Limits, _ errors: inout FieldErrors) {
        let labels = Set(examples.lazy.flatMap(\.labelSet.labels)).count
        let learnt = Set(ExampleSet.parted(examples).labelled.lazy.map(\.label)).count
        if learnt < 2 && mode != .extend {
            errors.add(
                "/examples",
                learnt == 0
                    ? "No example has a label; two labels are needed at least."
                    : "All examples have the same label; two are needed at least."
            )
        } else if labels > limits.labels {
            errors.add(
                "/examples",
                "There are \(labels) different labels, more than \(limits.labels); join rare ones, "
                    + "or raise --max-labels."
            )
        }
    }
}

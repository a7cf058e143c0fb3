internal import TextForm

/// What a project of Label Studio asks its people: choices about one text.
///
/// The first `<Choices>` about a `<Text>` counts; other parts of the setup are for people alone.
struct LabelingSetup: Sendable, Equatable {
    /// The name of the `<Choices>`.
    let choices: String
    /// The name of the `<Text>`.
    let text: String
    /// The member of a task's data that holds the text.
    let key: String
    /// What Label Studio calls each choice, by the label that it becomes here; empty where each
    /// task brings its own.
    let names: [String: String]
    /// Whether people may choose several labels for a text, or none.
    let isMultiple: Bool

    /// Reads a setup, an XML document.
    ///
    /// - Parameters:
    ///   - config: the document.
    ///   - pointer: where it stands in a request.
    ///   - rule: makes labels of what the choices are called.
    /// - Throws: what keeps people's choices from being learnt, with the way out.
    init(_ config: String, at pointer: String, _ rule: LabelRule) throws(ServiceError) {
        var parts = SetupParts()
        do throws(MarkupElements.Failure) { parts = try SetupParts(config) } catch {
            throw .invalid(pointer, "The labelling setup cannot be read. \(error.description)")
        }
        let found = parts.choices.lazy.compactMap { choices in
            choices.targets.first { parts.texts[$0] != nil }.map { (choices, $0) }
        }.first
        guard let (choices, text) = found else {
            throw .invalid(
                pointer,
                "The labelling setup has no <Choices> whose toName is the name of a <Text>; Elman "
                    + "learns such choices, as the template Text Classification has them."
            )
        }
        let value = parts.texts[text] ?? ""
        guard value.hasPrefix("$"), value.count > 1 else {
            throw .invalid(
                pointer,
                "The <Text> must say which member of a task it shows, such as value=\"$text\"."
            )
        }
        self.choices = choices.name
        isMultiple = choices.isMultiple
        self.text = text
        key = String(value.dropFirst())
        var names: [String: String] = [:]
        for name in choices.values {
            if let label = try? rule.label(name), names[label] == nil { names[label] = name }
        }
        self.names = names
    }

    /// What Label Studio calls a label; nil if people cannot choose it.
    func name(of label: String) -> String? { names.isEmpty ? label : names[label] }
}

/// The elements of a setup that matter here.
private struct SetupParts {
    struct Choices {
        let name: String
        /// What it is about.
        let targets: [String]
        let isMultiple: Bool
        /// What its choices are called in annotations.
        var values: [String] = []
    }

    /// What each `<Text>` shows, by its name.
    var texts: [String: String] = [:]
    var choices: [Choices] = []

    init() {}

    init(_ config: String) throws(MarkupElements.Failure) {
        var texts: [String: String] = [:]
        var choices: [Choices] = []
        var isInside = false
        let reader = MarkupElements.Reader { name, attributes in
            switch name {
            case "text":
                if let name = attributes["name"] { texts[name] = attributes["value"] ?? "" }
            case "choices":
                isInside = true
                let targets = (attributes["toName"] ?? "").split(separator: ",")
                    .map { String(trimmed($0)) }
                choices.append(
                    Choices(
                        name: attributes["name"] ?? "",
                        targets: targets,
                        isMultiple: attributes["choice"]?.lowercased() == "multiple"
                    )
                )
            case "choice" where isInside:
                // Annotations name a choice by its alias, if it has one.
                let value = attributes["alias"] ?? attributes["value"]
                if let value { choices[choices.count - 1].values.append(value) }
            default: break
            }
        } ended: { name in
            if name == "choices" { isInside = false }
        }
        try MarkupElements.read(config, reader)
        (self.texts, self.choices) = (texts, choices)
    }
}

internal import JSON

/// Writes what a version says of the tasks of a project, in the form of Label Studio's predictions.
struct LabelStudioWriter: ClassificationWriter {
    /// Which tasks have a text, in their order; the others get an empty result.
    private var tasks: ArraySlice<Bool>
    private let setup: LabelingSetup
    private let labels: [String]
    private let version: String
    private var json = JSONWriter()

    /// - Parameters:
    ///   - tasks: whether each has a text.
    ///   - setup: what the project asks.
    ///   - labels: those of the version that answers.
    ///   - version: what Label Studio knows it by.
    init(_ tasks: [Bool], _ setup: LabelingSetup, labels: [String], version: String) {
        self.tasks = tasks[...]
        self.setup = setup
        self.labels = labels
        self.version = version
        json.beginObject()
        json.key("results")
        json.beginArray()
    }

    mutating func write(_ classification: borrowing Classification) {
        skipTextless()
        tasks = tasks.dropFirst()
        if let answered = classification.answered {
            let names = answered.compactMap { setup.name(of: labels[$0]) }
            return write(names, classification.score)
        }
        let name = setup.name(of: labels[classification.best])
        write([name].compactMap(\.self), classification.score)
    }

    mutating func finish() -> Answer {
        skipTextless()
        json.endArray()
        json.endObject()
        return Answer(contentType: "application/json", body: json.finish())
    }

    private mutating func skipTextless() {
        while tasks.first == false {
            tasks = tasks.dropFirst()
            write([], 0)
        }
    }

    /// - Parameters:
    ///   - choices: what Label Studio calls the labels.
    ///   - score: the probability of the most probable label.
    private mutating func write(_ choices: [String], _ score: Float) {
        json.beginObject()
        json.key("result")
        json.beginArray()
        if !choices.isEmpty {
            json.beginObject()
            json.member("from_name", string: setup.choices)
            json.member("to_name", string: setup.text)
            json.member("type", string: "choices")
            json.key("value")
            json.beginObject()
            json.member("choices", array: choices) { $1.string($0) }
            json.endObject()
            json.endObject()
        }
        json.endArray()
        json.member("score", float: score)
        json.member("model_version", string: version)
        json.endObject()
    }
}

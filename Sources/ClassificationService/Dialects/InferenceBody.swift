internal import HTTPServer
internal import JSON

/// The body of an inference request: JSON, and behind it the bytes of a binary tensor if the
/// client has put its texts there.
struct InferenceBody {
    private let json: JSONValue
    /// What follows the JSON, by the extension for binary tensors.
    private let binary: UnsafeRawBufferPointer

    /// - Throws: what is wrong with it.
    init(
        _ request: borrowing HTTPRequest,
        _ workspace: ClassifyWorkspace
    ) throws(ServiceError) {
        if let field = request.header("inference-header-content-length") {
            guard let length = Int(field), (1...request.body.count).contains(length) else {
                throw .invalidParameter(
                    "Inference-Header-Content-Length must be the length of the JSON in the body."
                )
            }
            binary = UnsafeRawBufferPointer(rebasing: request.body[length...])
            json = try workspace.memory.parse(
                UnsafeRawBufferPointer(rebasing: request.body[..<length]),
                with: workspace.parser
            )
        } else {
            binary = UnsafeRawBufferPointer(start: nil, count: 0)
            json = try workspace.json(of: request)
        }
        guard json.kind == .object else {
            throw .invalid("", "The body must be an object with \"inputs\".")
        }
    }

    /// What the answer takes over.
    func echo(_ texts: inout TextCollector) -> InferenceEcho {
        var id: String?
        if let value = json["id"], !value.isNull {
            id = value.string
            if id == nil { texts.refuse("/id", "It must be a string.") }
        }
        let sequence = sequence(&texts)
        guard let outputs = json["outputs"], !outputs.isNull, outputs.count > 0 else {
            if json["outputs"].map({ !$0.isNull && $0.kind != .array }) ?? false {
                texts.refuse("/outputs", "It must be an array of objects with \"name\".")
            }
            if id == nil && sequence == nil { return .plain }
            return InferenceEcho(
                id: id,
                sequence: sequence,
                outputs: InferenceEcho.plain.outputs
            )
        }
        var asked: [InferenceEcho.Output] = []
        for (index, output) in outputs.elements.prefix(16).enumerated() {
            asked += read(output: output, "/outputs/\(index)", &texts)
        }
        if outputs.count > 16 { texts.refuse("/outputs", "There must be 16 at most.") }
        return InferenceEcho(id: id, sequence: sequence, outputs: asked)
    }

    /// The sequence that the text is a part of; nil for a text of its own, as which the identifiers
    /// 0 and "" count.
    private func sequence(_ texts: inout TextCollector) -> InferenceEcho.Sequence? {
        guard let parameters = json["parameters"], parameters.kind == .object else { return nil }
        func flag(_ name: String) -> Bool {
            guard let value = parameters[name], !value.isNull else { return false }
            if value.bool == nil {
                texts.refuse("/parameters/" + name, "It must be true or false.")
            }
            return value.bool ?? false
        }
        let (isStart, isEnd) = (flag("sequence_start"), flag("sequence_end"))
        let value = parameters["sequence_id"].flatMap { $0.isNull ? nil : $0 }
        var id: InferenceEcho.Sequence.ID?
        if let number = value?.uint {
            id = number == 0 ? nil : .number(number)
        } else if let text = value?.string, text.utf8.count <= 128 {
            id = text.isEmpty ? nil : .text(text)
        } else if value != nil {
            texts.refuse(
                "/parameters/sequence_id",
                "It must be an integer from 0, or a string of 128 bytes at most."
            )
            return nil
        }
        guard let id else {
            if isStart || isEnd {
                texts.refuse(
                    "/parameters/sequence_id",
                    "A sequence that starts or ends must have an identifier."
                )
            }
            return nil
        }
        return InferenceEcho.Sequence(id: id, isStart: isStart, isEnd: isEnd)
    }

    private func read(
        output: JSONValue,
        _ pointer: String,
        _ texts: inout TextCollector
    ) -> [InferenceEcho.Output] {
        guard let tensor = output["name"]?.string.flatMap(OutputTensor.init(rawValue:)) else {
            texts.refuse(
                pointer + "/name",
                "There are the outputs "
                    + OutputTensor.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
            return []
        }
        guard let classes = output["parameters"]?["classification"], classes.int != 0 else {
            return [InferenceEcho.Output(tensor: tensor)]
        }
        guard let count = classes.wholeNumber, (1...10_000).contains(count) else {
            texts.refuse(
                pointer + "/parameters/classification",
                "It must be an integer from 1 to 10000."
            )
            return []
        }
        return [InferenceEcho.Output(tensor: tensor, classes: count)]
    }

    /// Takes the texts of the one input.
    ///
    /// - Parameters:
    ///   - texts: learns what is wrong.
    ///   - workspace: gets them.
    ///   - isOfSequence: whether there may be only one.
    func addTexts(
        _ texts: inout TextCollector,
        to workspace: ClassifyWorkspace,
        isOfSequence: Bool
    ) {
        guard let inputs = json["inputs"], inputs.kind == .array, inputs.count == 1,
            let input = inputs.elements.first(where: { _ in true }), input.kind == .object
        else {
            return texts.refuse("/inputs", "It must be an array of one tensor, the texts.")
        }
        guard input["name"]?.string != nil else {
            return texts.refuse("/inputs/0/name", "It must be a string.")
        }
        guard input["datatype"]?.string == "BYTES" else {
            return texts.refuse("/inputs/0/datatype", "It must be BYTES: each element is a text.")
        }
        if let type = input["parameters"]?["content_type"]?.string, type != "str" {
            return texts.refuse(
                "/inputs/0/parameters/content_type",
                "It must be str: texts stand in the data as they are."
            )
        }
        let before = workspace.texts.count
        if let bytes = input["parameters"]?["binary_data_size"] {
            guard bytes.int == binary.count else {
                return texts.refuse(
                    "/inputs/0/parameters/binary_data_size",
                    "It must be the number of bytes behind the JSON."
                )
            }
            addBinary(&texts, to: workspace)
        } else if let data = input["data"] {
            add(data, "/inputs/0/data", depth: 0, &texts, to: workspace)
        } else {
            texts.refuse("/inputs/0/data", "It must be an array of texts.")
        }
        guard texts.errors.errors.isEmpty else { return }
        let count = workspace.texts.count - before
        guard texts.allows(count, "/inputs/0/data") else { return }
        if isOfSequence && count > 1 {
            texts.refuse("/inputs/0/data", "A request of a sequence has one text.")
        }
        guard Self.elements(ofShape: input["shape"]) != count else { return }
        texts.refuse(
            "/inputs/0/shape",
            "It must be the shape of the data, which has \(count) texts, such as [\(count)]."
        )
    }

    /// How many elements a tensor of that shape has; nil for what is no shape.
    private static func elements(ofShape shape: JSONValue?) -> Int? {
        guard let shape, shape.count > 0 else { return nil }
        var elements = 1
        for size in shape.elements {
            guard let length = size.int, length >= 0 else { return nil }
            let (product, isTooLarge) = elements.multipliedReportingOverflow(by: length)
            if isTooLarge { return nil }
            elements = product
        }
        return elements
    }

    /// Takes the texts of a list, which may have lists in it.
    private func add(
        _ data: JSONValue,
        _ pointer: String,
        depth: Int,
        _ texts: inout TextCollector,
        to workspace: ClassifyWorkspace
    ) {
        guard data.kind == .array, depth < 4 else {
            return texts.refuse(pointer, "It must be an array of texts.")
        }
        for (index, element) in data.elements.enumerated() {
            if texts.errors.isFull { return }
            let place = "\(pointer)/\(index)"
            if element.kind == .array {
                add(element, place, depth: depth + 1, &texts, to: workspace)
            } else {
                texts.add(element, place, to: workspace)
            }
        }
    }

    /// Takes the texts behind the JSON: before each stands its length, in four bytes, the least
    /// first.
    private func addBinary(_ texts: inout TextCollector, to workspace: ClassifyWorkspace) {
        var rest = binary[...]
        while !rest.isEmpty {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            let text = UnsafeRawBufferPointer(rebasing: rest.dropFirst(4).prefix(length))
            let utf8 = text.assumingMemoryBound(to: UInt8.self)
            guard rest.count >= 4 + length, String(validating: utf8, as: UTF8.self) != nil else {
                return texts.refuse(
                    "/inputs/0/data",
                    "The bytes behind the JSON must be texts in UTF-8, each behind its length."
                )
            }
            workspace.texts.append(utf8)
            rest = rest.dropFirst(4 + length)
        }
    }
}

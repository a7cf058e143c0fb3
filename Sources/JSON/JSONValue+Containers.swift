private import CJSON

extension JSONValue {
    /// The elements of an array in order; empty for any other type.
    public var elements: Elements { Elements(of: self) }

    /// The members of an object in order; empty for any other type.
    public var members: Members { Members(of: self) }

    /// The elements of an array.
    public struct Elements: Sequence, IteratorProtocol {
        private let array: JSONValue
        private var position: Int
        private let end: Int

        init(of array: JSONValue) {
            self.array = array
            position = array.index + 1
            end = array.kind == .array ? Tape.end(of: array.index, on: array.tape) - 1 : position
        }

        /// The next element; nil at the end.
        public mutating func next() -> JSONValue? {
            guard position < end else { return nil }
            let element = array.value(at: position)
            position = Tape.index(after: position, on: array.tape)
            return element
        }
    }

    /// The members of an object.
    public struct Members: Sequence, IteratorProtocol {
        private let object: JSONValue
        private var position: Int
        private let end: Int

        init(of object: JSONValue) {
            self.object = object
            position = object.index + 1
            end =
                object.kind == .object
                ? Tape.end(of: object.index, on: object.tape) - 1 : position
        }

        /// The next member; nil at the end.
        public mutating func next() -> (key: String, value: JSONValue)? {
            guard position < end else { return nil }
            let key = String(decoding: object.text(at: position), as: UTF8.self)
            let value = object.value(at: position + 1)
            position = Tape.index(after: position + 1, on: object.tape)
            return (key, value)
        }
    }
}

/// Why an array could not be copied as numbers.
public enum JSONFloatsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The value is of another type.
    case notAnArray
    /// The array has another number of elements than asked for.
    case wrongCount(expected: Int, found: Int)
    /// The element is no number, or not finite as a float32.
    case notAFloat(index: Int)

    /// A sentence without its subject, for a pointer to be put before it.
    public var description: String {
        switch self {
        case .notAnArray: "must be an array of numbers"
        case .wrongCount(let expected, let found): "must have \(expected) numbers, not \(found)"
        case .notAFloat(let index): "has at index \(index) no finite float32 number"
        }
    }
}

extension JSONValue {
    /// Fills `floats` with the numbers of this array, each rounded to the nearest float32.
    ///
    /// - Parameter floats: overwritten from its start; on an error in part.
    /// - Throws: when this is no array of exactly `floats.count` finite float32 numbers.
    /// - Complexity: O(floats.count), a few nanoseconds an element.
    public func copyFloats(
        into floats: UnsafeMutableBufferPointer<Float>
    ) throws(JSONFloatsError) {
        guard kind == .array else { throw .notAnArray }
        let found = count
        guard found == floats.count else {
            throw .wrongCount(expected: floats.count, found: found)
        }
        guard let base = floats.baseAddress, !floats.isEmpty else { return }
        var isComplete = false
        let copied = cjson_copy_floats(parser.document, index, base, floats.count, &isComplete)
        guard isComplete else { throw .notAFloat(index: copied) }
    }
}

extension JSONValue {
    /// The JSON pointer to the key at tape index `target` somewhere below this value.
    func pointer(toKeyAt target: Int) -> String {
        var pointer = ""
        var current = self
        while let (token, child, keyIndex) = current.child(around: target) {
            pointer += "/" + Self.pointerToken(token)
            if keyIndex == target { break }
            current = child
        }
        return pointer
    }

    /// The element or member whose part of the tape, its key included, holds `target`.
    private func child(around target: Int) -> (token: String, value: JSONValue, start: Int)? {
        guard isContainer else { return nil }
        let isObject = kind == .object
        let end = Tape.end(of: index, on: tape) - 1
        var start = index + 1
        var position = 0
        while start < end {
            let valueIndex = isObject ? start + 1 : start
            let next = Tape.index(after: valueIndex, on: tape)
            if target < next {
                let token =
                    isObject
                    ? String(decoding: text(at: start), as: UTF8.self) : String(position)
                return (token, value(at: valueIndex), start)
            }
            start = next
            position += 1
        }
        return nil
    }

    /// The key as a reference token of RFC 6901, shortened to 64 characters.
    private static func pointerToken(_ key: String) -> String {
        let short = key.count > 64 ? key.prefix(64) + "…" : key[...]
        return short.reduce(into: "") { token, character in
            switch character {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.append(character)
            }
        }
    }
}

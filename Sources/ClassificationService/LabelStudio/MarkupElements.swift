private import CExpat

/// Reads the elements of an XML document of a stranger, one after the other.
///
/// Expat expands entities, reads any depth and any number of elements; this refuses a document
/// that declares a type, as only such a one can declare entities, and what is too large.
struct MarkupElements {
    /// Why a document is refused, as a sentence.
    struct Failure: Error {
        let description: String
    }

    /// Who is told of elements.
    final class Reader {
        fileprivate let began: (_ name: String, _ attributes: [String: String]) -> Void
        fileprivate let ended: (_ name: String) -> Void
        fileprivate var depth = 0
        fileprivate var count = 0
        fileprivate var failure: String?
        fileprivate var stop: () -> Void = {}

        /// - Parameters:
        ///   - began: gets each element as it begins, its name in lower case.
        ///   - ended: gets its name as it ends.
        init(
            began: @escaping (_ name: String, _ attributes: [String: String]) -> Void,
            ended: @escaping (_ name: String) -> Void
        ) {
            self.began = began
            self.ended = ended
        }

        fileprivate func fail(_ sentence: String) {
            if failure == nil { failure = sentence }
            stop()
        }
    }

    /// What a document may have at most.
    static let maximumBytes = 1 << 20
    private static let maximumDepth = 64
    private static let maximumElements = 20_000

    /// Reads a document.
    ///
    /// - Complexity: O(bytes).
    static func read(_ text: String, _ reader: Reader) throws(Failure) {
        var text = text
        guard text.utf8.count <= maximumBytes else {
            throw Failure(description: "It has more than \(maximumBytes >> 20) MiB.")
        }
        guard let parser = XML_ParserCreate("UTF-8") else {
            throw Failure(description: "There is no memory to read it.")
        }
        defer { XML_ParserFree(parser) }
        reader.stop = { XML_StopParser(parser, XML_Bool(XML_FALSE)) }
        defer { reader.stop = {} }
        XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
        XML_SetElementHandler(parser, elementBegan, elementEnded)
        XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in
            target(of: user).fail("It has a document type (<!DOCTYPE>), which is not taken.")
        }
        let status = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { bytes in
                XML_Parse(parser, bytes.baseAddress, Int32(bytes.count), 1)
            }
        }
        withExtendedLifetime(reader) {}
        if let failure = reader.failure { throw Failure(description: failure) }
        guard status == XML_STATUS_OK else {
            let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
            throw Failure(
                description: "It is no XML: \(reason ?? "unknown error") in line "
                    + "\(XML_GetCurrentLineNumber(parser))."
            )
        }
    }

    fileprivate static func enter(_ reader: Reader) -> Bool {
        reader.depth += 1
        reader.count += 1
        if reader.depth > maximumDepth {
            reader.fail("Its elements are nested more than \(maximumDepth) deep.")
        } else if reader.count > maximumElements {
            reader.fail("It has more than \(maximumElements) elements.")
        }
        return reader.failure == nil
    }
}

/// Whom Expat calls for; it lives as long as the call of `read`.
private func target(of user: UnsafeMutableRawPointer?) -> MarkupElements.Reader {
    guard let user else { preconditionFailure("Expat has lost its user data") }
    return Unmanaged<MarkupElements.Reader>.fromOpaque(user).takeUnretainedValue()
}

private func elementBegan(
    _ user: UnsafeMutableRawPointer?,
    _ name: UnsafePointer<XML_Char>?,
    _ attributes: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?
) {
    let reader = target(of: user)
    guard let name, MarkupElements.enter(reader) else { return }
    var found: [String: String] = [:]
    var place = 0
    // Names and values by turns, up to a null pointer.
    while let key = attributes?[place], let value = attributes?[place + 1] {
        found[String(cString: key)] = String(cString: value)
        place += 2
    }
    reader.began(String(cString: name).lowercased(), found)
}

private func elementEnded(_ user: UnsafeMutableRawPointer?, _ name: UnsafePointer<XML_Char>?) {
    let reader = target(of: user)
    guard let name, reader.failure == nil else { return }
    reader.depth -= 1
    reader.ended(String(cString: name).lowercased())
}

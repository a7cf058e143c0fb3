internal import Foundation
internal import Model
internal import TextForm

/// A text has the same tokens however it is written, and a form stays as it is.
func findingInText(_ bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    let composed = NFC.normalized(text)
    if !composed.utf8.elementsEqual(NFC.normalized(composed).utf8) {
        return "the normal form of a normal form is another"
    }
    for kind in Tokenizer.Kind.allCases {
        let tokens = Tokenizer(kind).tokens(in: text)
        if tokens.contains(where: \.isEmpty) { return "\(kind.rawValue) has an empty token" }
    }
    let tokenizer = Tokenizer(.unicodeWords2)
    let decomposed = text.decomposedStringWithCanonicalMapping
    if tokenizer.tokens(in: text) != tokenizer.tokens(in: decomposed) {
        return "the decomposed text has other tokens"
    }
    guard let label = try? LabelRule().label(text) else { return nil }
    guard let again = try? LabelRule().label(label), again.utf8.elementsEqual(label.utf8) else {
        return "the form of a label has another form"
    }
    return (try? LabelRule().requireForm(label)) == nil ? "a label in form is out of form" : nil
}

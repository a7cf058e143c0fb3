private import TextForm

/// The label by which rows that cannot say null say that a text has none of the labels.
public struct OutOfScopeLabel: Sendable, Equatable {
    /// In the form in which labels are kept; empty for a label that is left empty.
    private let label: String

    /// Takes the label as it stands in the rows; an empty one, or nothing but white space, means
    /// that the label is left empty.
    ///
    /// - Parameter written: the label.
    public init(_ written: String) { label = (try? LabelRule().label(written)) ?? "" }

    /// Whether a label, as it was sent, says it.
    public func isWritten(_ sent: UnsafeBufferPointer<UInt8>) -> Bool {
        do throws(TextFormError) { return try LabelRule().label(sent) == label } catch {
            return error == .empty && label.isEmpty
        }
    }
}

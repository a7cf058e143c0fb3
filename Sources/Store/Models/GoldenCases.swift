public import Examples

/// The cases that every version of a model must pass before it becomes live.
public struct GoldenCases: Sendable, Equatable {
    /// Raised with each change; 0 before the first.
    public let revision: Int
    /// Each text with the label that it must get, in the order in which they were given.
    public let cases: [Example]

    package init(revision: Int, cases: [Example]) {
        self.revision = revision
        self.cases = cases
    }
}

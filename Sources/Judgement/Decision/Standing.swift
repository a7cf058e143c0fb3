/// What a model's earlier decisions leave for the next one.
///
/// Every comparison looks at nearly the same rows again. What was looked at and refused before
/// makes the next decision stricter, and the anchor keeps a chain of small losses from adding up.
public struct Standing: Sendable, Equatable {
    /// The version that none may fall far behind; nil before the first version.
    ///
    /// It is the first one, the last one that was made live by hand, or one that is proven better
    /// than the anchor before it.
    public var anchor: Int?
    /// How often evidence has refused a version since the last promotion.
    public var refusals: Int
    /// How often a version was compared with the live one.
    public var looks: Int
    /// How often a version was compared since the anchor was set.
    public var anchorLooks: Int

    /// Describes where a model stands.
    public init(anchor: Int?, refusals: Int = 0, looks: Int = 0, anchorLooks: Int = 0) {
        self.anchor = anchor
        self.refusals = refusals
        self.looks = looks
        self.anchorLooks = anchorLooks
    }

    /// After another look that refused, or left things as they are.
    func looked(isRefusal: Bool) -> Standing {
        Standing(
            anchor: anchor,
            refusals: refusals + (isRefusal ? 1 : 0),
            looks: looks + 1,
            anchorLooks: anchorLooks + 1
        )
    }

    /// After a promotion by evidence.
    func promoted(_ version: Int, isProven: Bool) -> Standing {
        isProven || anchor == nil
            ? Standing(anchor: version)
            : Standing(anchor: anchor, anchorLooks: anchorLooks + 1)
    }
}

/// What the linear path reads of texts beside words, neighbours and n-grams, and how it learns.
struct FeatureRule: Equatable {
    /// Neighbouring letters of scripts without spaces.
    var runs = true
    /// Words with one word between.
    var skipBigrams = false
    /// The first words of a text.
    var openings = false
    /// Whether a weight is learnt the faster, the more a naive Bayes classifier would make of it.
    var scalesSteps = false

    /// Where labels are more, first words and naive Bayes gain nothing (RECIPE).
    private static let mostClasses = 20
    /// With fewer rows words apart and naive Bayes gain nothing.
    private static let leastRows = 2000

    /// Letters alone, which only texts of such scripts have.
    init() {}

    /// The measured rule (RECIPE).
    ///
    /// - Parameters:
    ///   - rows: the rows of the run.
    ///   - classes: their labels.
    ///   - isMulti: whether a text may have several; with these it was not measured.
    init(rows: Int, classes: Int, isMulti: Bool) {
        guard !isMulti else { return }
        skipBigrams = rows >= FeatureRule.leastRows
        openings = classes <= FeatureRule.mostClasses
        scalesSteps = openings && skipBigrams
    }
}

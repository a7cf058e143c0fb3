extension ExampleSet {
    /// For each row, what it is sorted by when rows are parted in proportion.
    ///
    /// That is its label, by its place among the names; where texts may have several, the one with
    /// the fewest rows (of equals the first by name), so that rare labels come to all sides too.
    /// Rows without a label are a stratum of their own.
    public static func strata(of examples: [Example]) -> [Int] {
        guard hasSets(examples) else {
            let names = Set(examples.lazy.map(\.label)).sorted()
            let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
            return examples.map { places[$0.label, default: 0] }
        }
        let sets = examples.map(\.labelSet)
        var rows: [String: Int] = [:]
        for set in sets { for label in set.labels { rows[label, default: 0] += 1 } }
        let names = rows.keys.sorted()
        let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        return sets.map { set in
            let rarest = set.labels.min { rows[$0, default: 0] < rows[$1, default: 0] }
            return rarest.flatMap { places[$0] } ?? names.count
        }
    }

    /// Whether some row has a set of labels: then all have, and one label is a set of one.
    public static func hasSets(_ examples: some Sequence<Example>) -> Bool {
        examples.contains { LabelSet.isStored($0.label) }
    }
}

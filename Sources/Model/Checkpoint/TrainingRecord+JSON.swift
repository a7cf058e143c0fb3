package import JSON

extension TrainingRecord {
    /// Writes the record as a checkpoint holds it.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rows", int: rows)
        if let labelRows {
            writer.member("label_rows", array: labelRows) { $1.int($0) }
        }
        writer.member("data_sha256", string: dataDigest)
        encodeOptions(to: &writer)
        writer.member("choice", string: choice)
        writer.key("metrics")
        writer.beginObject()
        encodeScores(to: &writer)
        writer.endObject()
        encodeBaselines(to: &writer)
        writer.member("tool_version", string: toolVersion)
        writer.endObject()
    }

    /// Writes what was asked and what ran into an object that is open.
    ///
    /// `options` has the values of all, `given` the names of those that were given; `epochs` tells
    /// what ran. The latter two are left out where they are not known.
    package func encodeOptions(to writer: inout JSONWriter) {
        writer.key("options")
        options.encode(to: &writer)
        guard let epochs else { return }
        writer.key("given")
        options.encodeGiven(to: &writer)
        writer.key("epochs")
        epochs.encode(to: &writer)
    }

    /// The scores as a document of their own, for the store: `train`, `held_out`, `coverage`,
    /// `choice`, `baselines`, what `encodeOptions` writes, and `out_of_scope` and `vectors` if
    /// there are any.
    package func encodedMetrics() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        encodeScores(to: &writer)
        writer.member("choice", string: choice)
        encodeBaselines(to: &writer)
        encodeOptions(to: &writer)
        if let vectors {
            writer.key("vectors")
            vectors.encode(to: &writer)
        }
        writer.endObject()
        return writer.finish()
    }

    private func encodeScores(to writer: inout JSONWriter) {
        writer.key("train")
        if let train { train.encode(to: &writer) } else { writer.null() }
        writer.key("held_out")
        if let heldOut { heldOut.encode(to: &writer) } else { writer.null() }
        writer.member("coverage", array: coverage) { $0.encode(to: &$1) }
        if let outOfScope {
            writer.key("out_of_scope")
            outOfScope.encode(to: &writer)
        }
    }

    private func encodeBaselines(to writer: inout JSONWriter) {
        writer.member("baselines", array: baselines) { $0.encode(to: &$1) }
    }

    init(_ object: CheckpointObject) throws(CheckpointError) {
        let hasLabelRows = object.has("label_rows")
        let told = ["given", "epochs"]
        let tells = told.contains(where: object.has)
        try object.requireMembers(
            ["rows", "data_sha256", "options", "choice", "metrics", "baselines", "tool_version"]
                + (tells ? told : []) + (hasLabelRows ? ["label_rows"] : [])
        )
        let metrics = try object.object("metrics")
        let hasOutOfScope = metrics.has("out_of_scope")
        try metrics.requireMembers(
            ["train", "held_out", "coverage"] + (hasOutOfScope ? ["out_of_scope"] : [])
        )
        var coverage: [Coverage] = []
        for element in try metrics.array("coverage") {
            let line = try CheckpointObject(element)
            try line.requireMembers(["accuracy", "threshold", "coverage"])
            coverage.append(
                Coverage(
                    accuracy: try line.double("accuracy", in: 0...1),
                    threshold: try line.double("threshold", in: 0...1),
                    coverage: try line.double("coverage", in: 0...1)
                )
            )
        }
        var baselines: [Baseline] = []
        for element in try object.array("baselines") {
            let baseline = try CheckpointObject(element)
            try baseline.requireMembers(["name", "accuracy", "macro_f1"])
            baselines.append(
                Baseline(
                    name: try baseline.string("name"),
                    accuracy: try baseline.double("accuracy", in: 0...1),
                    macroF1: try baseline.double("macro_f1", in: 0...1)
                )
            )
        }
        let train = try metrics.field("train")
        let heldOut = try metrics.field("held_out")
        let choice = try object.field("choice")
        self.init(
            rows: try object.int("rows", in: 1...Int(Int32.max)),
            labelRows: hasLabelRows
                ? try object.array("label_rows").map { rows throws(CheckpointError) in
                    try rows.int(in: 0...Int(Int32.max))
                } : nil,
            dataDigest: try object.digest("data_sha256"),
            options: try object.options("options").withGiven(
                tells ? try TrainingRecord.given(object) : nil
            ),
            epochs: tells ? try Epochs(try object.object("epochs")) : nil,
            choice: choice.value.isNull ? nil : try choice.string(),
            train: train.value.isNull ? nil : try Scores(try CheckpointObject(train)),
            heldOut: heldOut.value.isNull ? nil : try Scores(try CheckpointObject(heldOut)),
            coverage: coverage,
            baselines: baselines,
            toolVersion: try object.string("tool_version")
        )
        if hasOutOfScope { outOfScope = try OutOfScope(try metrics.object("out_of_scope")) }
    }
}

extension TrainingRecord {
    /// The names of the options that were given.
    fileprivate static func given(
        _ object: CheckpointObject
    ) throws(CheckpointError) -> Set<TrainingOptions.Name> {
        var given: Set<TrainingOptions.Name> = []
        for element in try object.array("given") {
            guard let name = TrainingOptions.Name(rawValue: try element.string()),
                name != .threads, given.insert(name).inserted
            else {
                throw element.error(.notAllowed("must be the name of a recorded option, once"))
            }
        }
        return given
    }
}

extension TrainingRecord.Epochs {
    /// Writes an object: `asked`, a number or null, and `paths`, each with `path`, `run` and
    /// `kept`.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("asked", int: asked)
        writer.member("paths", objects: paths) { path, writer in
            writer.member("path", string: path.name)
            writer.member("run", int: path.run)
            writer.member("kept", int: path.kept)
        }
        writer.endObject()
    }

    fileprivate init(_ object: CheckpointObject) throws(CheckpointError) {
        try object.requireMembers(["asked", "paths"])
        let asked = try object.field("asked")
        self.init(
            asked: asked.value.isNull ? nil : try asked.int(in: TrainingOptions.allowedEpochs),
            paths: []
        )
        for element in try object.array("paths") {
            let path = try CheckpointObject(element)
            try path.requireMembers(["path", "run", "kept"])
            let run = try path.int("run", in: 0...TrainingOptions.allowedEpochs.upperBound)
            paths.append(
                Path(
                    name: try path.string("path"),
                    run: run,
                    kept: try path.int("kept", in: 0...run)
                )
            )
        }
    }
}

extension TrainingRecord.Coverage {
    /// Writes the line as an object.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("accuracy", double: accuracy)
        writer.member("threshold", double: threshold)
        writer.member("coverage", double: coverage)
        writer.endObject()
    }
}

extension TrainingRecord.Baseline {
    /// Writes an object: `name`, `accuracy` and `macro_f1`.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", string: name)
        writer.member("accuracy", double: accuracy)
        writer.member("macro_f1", double: macroF1)
        writer.endObject()
    }
}

extension TrainingRecord.Scores {
    /// Writes an object: `rows`, `accuracy`, `macro_f1` and `loss`; where texts may have several
    /// labels also `micro_f1` and `subset_accuracy`, which is the accuracy.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rows", int: rows)
        writer.member("accuracy", double: accuracy)
        writer.member("macro_f1", double: macroF1)
        writer.member("loss", double: loss)
        if let microF1 {
            writer.member("micro_f1", double: microF1)
            writer.member("subset_accuracy", double: accuracy)
        }
        writer.endObject()
    }

    fileprivate init(_ object: CheckpointObject) throws(CheckpointError) {
        let isMulti = object.has("micro_f1")
        try object.requireMembers(
            ["rows", "accuracy", "macro_f1", "loss"]
                + (isMulti ? ["micro_f1", "subset_accuracy"] : [])
        )
        self.init(
            rows: try object.int("rows", in: 0...Int(Int32.max)),
            accuracy: try object.double("accuracy", in: 0...1),
            macroF1: try object.double("macro_f1", in: 0...1),
            loss: try object.double("loss", in: 0...Double.greatestFiniteMagnitude),
            microF1: isMulti ? try object.double("micro_f1", in: 0...1) : nil
        )
    }
}

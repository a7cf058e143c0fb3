internal import ArgumentParser
internal import ClassificationService

/// What a server does beside answering Label Studio.
struct LabelStudioOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Train a model when so many texts of its data set have a new annotation from Label \
            Studio since its last job; 0 to train only when somebody says so. \
            (ELMAN_LABEL_STUDIO_TRAIN_AFTER)
            """,
            valueName: "annotations"
        )
    )
    var labelStudioTrainAfter = ServiceSettings().labelStudioTrainAfter

    func validate() throws {
        try requireRange("--label-studio-train-after", labelStudioTrainAfter, 0...1_000_000)
    }
}

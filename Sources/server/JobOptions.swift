internal import ArgumentParser
internal import ClassificationService

/// What begins training jobs, and who is told of their ends.
struct JobOptions: ParsableArguments {
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

    @Option(
        help: ArgumentHelp(
            """
            Tell this address when a job ends, in the manner of Standard Webhooks; nothing is \
            posted anywhere else. (ELMAN_WEBHOOK)
            """,
            valueName: "url"
        )
    )
    var webhook: String?

    @Option(
        help: ArgumentHelp(
            """
            The file of the secret (whsec_…) that these messages are signed with; without it \
            they are not. (ELMAN_WEBHOOK_SECRET_FILE)
            """,
            valueName: "path"
        )
    )
    var webhookSecretFile: String?

    func validate() throws {
        try requireRange("--label-studio-train-after", labelStudioTrainAfter, 0...1_000_000)
        if webhook == nil && webhookSecretFile != nil {
            throw ValidationError("--webhook-secret-file needs --webhook: whom to tell.")
        }
    }

    /// Who is told; nil for nobody.
    ///
    /// - Throws: what is wrong with the address or the secret.
    func receiver() throws(Webhook.Failure) -> Webhook? {
        guard let webhook else { return nil }
        return try Webhook(url: webhook, secretFile: webhookSecretFile)
    }
}

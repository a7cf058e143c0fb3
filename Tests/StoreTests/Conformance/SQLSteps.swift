/// The steps that verbs take in the tables of any SQL database.
extension StorePlace {
    /// The steps of a verb after each of which a fault is to be tried; every one is taken.
    func steps(of verb: Verb) -> [String] {
        switch verb {
        case .submit:
            [
                "INSERT ON revisions", "INSERT ON jobs", "INSERT ON posted_rows",
                "INSERT ON job_events", "INSERT ON idempotency",
            ]
        case .requestCancel: ["UPDATE ON jobs", "INSERT ON job_events", "DELETE ON posted_rows"]
        case .takeNotices, .returnNotices, .settleNotice: ["UPDATE ON jobs"]
        case .claim: ["INSERT ON revisions", "INSERT ON job_events"]
        case .report: ["UPDATE ON jobs", "INSERT ON job_events"]
        case .publish: publishSteps + ["UPDATE ON examples", "DELETE ON versions"]
        case .publishFirst: publishSteps + ["INSERT ON models"]
        case .end: ["UPDATE ON jobs", "INSERT ON job_events", "DELETE ON posted_rows"]
        case .releaseJobs: ["UPDATE ON jobs", "INSERT ON job_events"]
        case .sign: ["INSERT ON workers"]
        case .remember: ["INSERT ON predictions", "DELETE ON predictions"]
        case .setReviewed: ["UPDATE ON predictions"]
        case .forgetPrediction: ["DELETE ON predictions"]
        case .changeExamples:
            [
                "INSERT ON revisions", "INSERT ON examples", "UPDATE ON examples",
                "DELETE ON posted_rows", "INSERT ON idempotency",
            ]
        case .follow:
            [
                "INSERT ON revisions", "DELETE ON annotations", "INSERT ON annotations",
                "UPDATE ON examples", "INSERT ON examples",
            ]
        case .restoreExamples:
            [
                "INSERT ON revisions", "UPDATE ON revisions", "INSERT ON examples",
                "UPDATE ON examples",
            ]
        case .setGolden: ["DELETE ON golden", "INSERT ON golden", "UPDATE ON golden_revisions"]
        case .importCheckpoint:
            [
                "INSERT ON models", "INSERT ON versions", "INSERT ON checkpoints",
                "INSERT ON results", "UPDATE ON models",
            ]
        case .setLive: ["UPDATE ON models", "UPDATE ON shadows", "DELETE ON shadow_pairs"]
        case .setPinned: ["UPDATE ON versions"]
        case .setShadow: ["UPDATE ON shadows", "DELETE ON shadows", "INSERT ON shadows"]
        case .addShadowCounts:
            ["UPDATE ON shadows", "UPDATE ON shadow_pairs", "INSERT ON shadow_pairs"]
        case .removeShadow: ["UPDATE ON shadows"]
        case .deleteVersion: ["DELETE ON versions", "DELETE ON checkpoints", "DELETE ON examples"]
        case .deleteModel:
            [
                "DELETE ON versions", "DELETE ON checkpoints", "DELETE ON examples",
                "DELETE ON revisions", "DELETE ON golden", "DELETE ON jobs", "DELETE ON results",
                "UPDATE ON jobs", "UPDATE ON models", "DELETE ON idempotency",
                "UPDATE ON golden_revisions",
            ]
        }
    }

    private var publishSteps: [String] {
        [
            "INSERT ON versions", "INSERT ON checkpoints", "INSERT ON results",
            "INSERT ON held_out_answers", "UPDATE ON models", "UPDATE ON jobs",
            "INSERT ON job_events", "INSERT ON examples", "INSERT ON revisions",
            "DELETE ON posted_rows",
        ]
    }
}

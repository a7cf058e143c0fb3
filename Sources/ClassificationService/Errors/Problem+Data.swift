internal import Examples

/// What is told of jobs, examples and predictions.
extension Problem {
    static var jobNotFound: Problem {
        Problem(404, "job_not_found", "There is no such job.")
    }

    static func queueFull(limit: Int) -> Problem {
        Problem(
            429,
            "queue_full",
            "\(limit) jobs wait already, which is the limit (--queue-limit); try again later.",
            retryAfterSeconds: 5
        )
    }

    static func actorQueueFull(limit: Int) -> Problem {
        Problem(
            429,
            "queue_full",
            "\(limit) jobs of this token wait already, which is the limit "
                + "(--queue-limit-per-token); try again later.",
            retryAfterSeconds: 5
        )
    }

    static func notTrainable(_ obstacle: TrainingObstacle) -> Problem {
        Problem(
            422,
            obstacle.code,
            "The model cannot learn from its examples: \(obstacle). Nothing was stored."
        )
    }

    static func correctionsWouldGo(rows: Int, feedback: Int, relabelled: Int) -> Problem {
        Problem(
            409,
            "corrections_would_go",
            "Of the \(rows) examples of the model, \(feedback) are feedback and \(relabelled) "
                + "others were given another label. Say \"extend\": true to add the posted rows, "
                + "or \"replace\": true to put them in the place of all; in a query ?extend=true "
                + "or ?replace=true. Nothing was stored.",
            facts: [
                ("examples", .count(rows)), ("feedback", .count(feedback)),
                ("relabelled", .count(relabelled)),
            ]
        )
    }

    static var rowsWait: Problem {
        Problem(
            409,
            "rows_wait",
            "A job under way will change the examples of the model; wait for its end or "
                + "DELETE /train/{id}. GET /train lists the jobs."
        )
    }

    static var examplesNotKept: Problem {
        Problem(
            404,
            "examples_not_kept",
            "The examples of that version or revision are not known, or no longer kept."
        )
    }

    static func dataSetFull(limit: Int) -> Problem {
        Problem(
            422,
            "data_set_full",
            "The model would have more than \(limit) examples, which is the limit; remove "
                + "some, or raise --max-stored-examples."
        )
    }

    static var noExamples: Problem {
        Problem(404, "no_examples", "The model has no examples; POST some, or train it.")
    }

    static var exampleNotFound: Problem {
        Problem(404, "example_not_found", "The model has no such example.")
    }

    static var predictionNotFound: Problem {
        Problem(
            404,
            "prediction_not_found",
            "There is no such prediction, or it is forgotten; send the text instead."
        )
    }

    static var predictionsNotRemembered: Problem {
        Problem(
            404,
            "prediction_not_found",
            "This server remembers no predictions (--remember); send the text instead."
        )
    }
}

extension TrainingObstacle {
    /// The stable identifier of a problem document.
    fileprivate var code: String {
        switch self {
        case .noExamples, .oneLabel: "too_few_labels"
        case .contradictory: "contradictory"
        }
    }
}

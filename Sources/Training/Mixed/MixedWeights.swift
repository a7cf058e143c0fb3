internal import Judgement
internal import Model

/// A trained mixed network in flat form.
struct MixedWeights {
    var lookup: FeatureLookup
    var shape: RecurrentShape
    /// Empty without that path.
    var recurrent: [Float]
    /// Empty without that path.
    var linear: [Float]
    var mix: Mix
    /// Where texts may have several labels: what the linear path's logits begin with.
    var offsets: [Float] = []
    /// Where texts may have several labels: the least probability of each that is given.
    var thresholds: [Float] = []
    /// Epochs that the weights of each path have seen.
    var recurrentEpochs: Int
    var linearEpochs: Int
    /// The rows that the weights were fitted on.
    var fittedRows: [Int]
    /// nil where no row could be kept apart, or the run was stopped.
    var evidence: Evidence?
    var curves: [LossCurve]
    /// Whether no path was stopped before its end.
    var isComplete = true
    /// Whether the rows that chose were learnt in the end.
    var isRefitted = false
    /// How support vector machines were averaged in; nil without them.
    var committee: Committee?
    /// What the recurrent path began with, if it had learnt to predict words.
    var start: LanguageModelStart?
    /// What became of the language model, if one was tried.
    var languageModel: LanguageModelOutcome?
    /// What became of texts without labels, if there were any.
    var unlabelled: UnlabelledOutcome?
}

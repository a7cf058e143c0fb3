/// Everything that answers, by concern; each concern is a type that gets what it uses.
struct Handlers: Sendable {
    let classify: ClassifyHandlers
    let stream: StreamHandlers
    let jobs: JobHandlers
    let workers: WorkerHandlers
    let models: ModelHandlers
    let versions: VersionHandlers
    let shadows: ShadowHandlers
    let examples: ExampleHandlers
    let golden: GoldenHandlers
    let evaluation: EvaluationHandlers
    let feedback: FeedbackHandlers
    let predictions: PredictionHandlers
    let texts: TextHandlers
    let vectors: VectorHandlers
    let inspection: InspectionHandlers
    let labelStudio: LabelStudioHandlers
    let status: StatusHandlers
    let page: PageHandlers
    let limits: Limits
    /// For what may wait for the store.
    let background: BackgroundWork
    /// For explanations and inspections: one after the other too.
    let explanations: BackgroundWork
    /// For evaluations and comparisons: one after the other, so that they take one core at most.
    let evaluations: BackgroundWork

    init(_ parts: ServiceParts) {
        let (store, models, limits) = (parts.store, parts.models, parts.settings.limits)
        let (drain, log) = (parts.drain, parts.log)
        self.limits = limits
        background = .background(limits)
        evaluations = .evaluations(limits)
        explanations = .explanations(limits)
        classify = ClassifyHandlers(
            models,
            limits,
            drain: drain,
            background: background,
            explanations: explanations,
            memory: parts.settings.memory,
            sessions: Sessions(limit: limits.sessions, idleSeconds: limits.sessionIdleSeconds),
            tellsModels: parts.settings.logsRequests,
            isTraced: parts.settings.tracer != nil
        )
        stream = StreamHandlers(parts, background: background)
        jobs = JobHandlers(
            store: store,
            limits: limits,
            drain: drain,
            waiters: parts.waiters,
            followers: parts.followers,
            metrics: parts.jobs,
            announces: parts.notices != nil,
            supervisor: parts.supervisor,
            clock: parts.clock,
            log: log
        )
        workers = WorkerHandlers(store: store)
        self.models = ModelHandlers(store: store, models: models, log: log)
        shadows = ShadowHandlers(parts)
        versions = VersionHandlers(
            store: store,
            models: models,
            shadows: shadows,
            limits: limits,
            downloads: CheckpointDownloads(store, parts.settings.memory),
            log: log
        )
        let changes = ExampleChanges(store: store, limits: limits, drain: drain, log: log)
        examples = ExampleHandlers(
            store: store,
            limits: limits,
            drain: drain,
            changes: changes,
            exports: ExampleExports(store: store, work: .exports(), clock: parts.clock, log: log),
            log: log
        )
        golden = GoldenHandlers(store: store, models: models, limits: limits, log: log)
        evaluation = EvaluationHandlers(store: store, models: models, limits: limits)
        feedback = FeedbackHandlers(
            store: store,
            models: models,
            predictions: parts.remembered,
            limits: limits,
            changes: changes
        )
        predictions = PredictionHandlers(predictions: parts.remembered)
        texts = TextHandlers(parts)
        vectors = VectorHandlers(store: store, log: log)
        inspection = InspectionHandlers(models: models, limits: limits)
        labelStudio = LabelStudioHandlers(parts, jobs, background: background)
        status = StatusHandlers(parts)
        page = PageHandlers()
    }
}

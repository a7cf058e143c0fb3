internal import Examples
internal import Logging
internal import Store

/// What several parts of a service use; made once.
struct ServiceParts: Sendable {
    let store: any Store
    let settings: ServiceSettings
    let log: Logger
    let clock = TimeSource()
    let drain = Drain()
    let access: AccessControl
    let models: LiveModels
    let waiters: JobWaiters
    let followers: JobFollowers
    let supervisor: TrainerSupervisor?
    let storeFollower: StoreFollower
    let requests = RequestMetrics()
    let connections = ConnectionMetrics()
    let predictions = PredictionMetrics()
    let remembered: RememberedPredictions?
    let jobs = JobMetrics()
    let notices: JobNotices?
    let shadows: Shadows

    init(store: any Store, settings: ServiceSettings, log: Logger) {
        self.store = store
        self.settings = settings
        self.log = log
        access = AccessControl(settings.tokens, hosts: settings.hosts)
        models = LiveModels(
            store: store,
            defaultName: settings.defaultModel,
            metrics: predictions,
            textRule: settings.limits.exampleRules.text,
            memory: settings.rememberedPredictions > 0
                ? PredictionMemory(capacity: settings.rememberedPredictions) : nil,
            budget: settings.memory,
            log: log
        )
        remembered = models.memory.map { memory in
            RememberedPredictions(memory, in: store, settings, log: log)
        }
        shadows = Shadows(store, models, log: log)
        waiters = JobWaiters(store: store, models: models, clock: clock)
        followers = JobFollowers(limit: settings.limits.followers)
        supervisor = TrainerSupervisor(settings, store: store, log: log)
        notices = settings.webhook.map {
            JobNotices($0, store, sharesStore: settings.sharesStore, log: log)
        }
        storeFollower = StoreFollower(
            store,
            StoreFollower.Listeners(
                models: models,
                jobs: jobs,
                notices: notices,
                waiters: waiters,
                followers: followers,
                supervisor: supervisor,
                shadows: shadows,
                connections: connections
            ),
            inspection: StoreInspection(store, every: settings.inspectionInterval, log: log),
            log: log
        )
    }
}

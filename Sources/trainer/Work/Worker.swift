internal import Digest
internal import Evaluation
internal import JSON
internal import Model
internal import Optimization
internal import Store
internal import Training

/// Trains one job after the other.
struct Worker {
    /// Often enough for a progress bar, and for a cancel to be seen at once.
    private static let reportInterval = Duration.milliseconds(100)

    let store: any Store
    /// The name under which jobs are claimed.
    let name: String
    /// A worker that is silent for so long has lost its job.
    ///
    /// Progress is reported far more often, but the end of a large job (scoring, writing) takes its
    /// time.
    let lease: Duration
    /// Threads of a job that does not say how many.
    let threads: JobThreads
    let stop: StopRequest
    let keeper: WorkKeeper

    /// Why a job's training was broken off.
    private enum Interruption {
        case cancelled
        case lost
        case stopping
        case store(StoreError)
    }

    /// Claims and trains one job; false if none is queued.
    ///
    /// A job that cannot be trained has failed when this returns; only trouble with the store is an
    /// error here.
    func workOnce() throws(StoreError) -> Bool {
        guard let claimed = try keeper.claim() else { return false }
        defer { keeper.forgetClaim() }
        let (claim, job) = (claimed.claim, claimed.job)
        let options: TrainingOptions
        do {
            options = try self.options(job.options, rows: claimed.examples.count)
        } catch {
            try fail(claim, code: "invalid_options", detail: error.description)
            return true
        }
        StandardError.say(
            "\(job.id): \(claimed.examples.count) rows for \(job.model), threads: "
                + "\(options.threads)"
        )
        var plan = TrainingPlan(model: job.model, examples: claimed.examples, options: options)
        var interruption: Interruption?
        do {
            try bring(to: &plan)
            if job.startsWarm {
                try Judge(store: store, job: job).warm(&plan, with: claimed.live)
            }
            let model = try train(plan, claim, &interruption)
            try publish(model, claimed)
        } catch let error as MissingVectors {
            try fail(claim, code: "vectors_missing", detail: error.description)
        } catch let error as TrainingError {
            try end(claim, error, interruption)
        } catch let error as StoreError {
            try forgiveLostClaim(error)
        } catch {
            try fail(claim, code: "internal", detail: "\(error)")
        }
        return true
    }

    /// Brings a model's texts without labels, and the word vectors that its options name.
    private func bring(to plan: inout TrainingPlan) throws {
        plan.unlabelled = try store.texts(of: plan.model, after: 0, limit: Worker.mostTexts)
            .map(\.text)
        guard let name = plan.options.vectors else { return }
        guard let bytes = try store.vectorBytes(name) else { throw MissingVectors(name: name) }
        plan.vectors = try WordVectors(parsing: bytes, source: name)
    }

    /// So many texts without labels are read: training looks at no more.
    private static let mostTexts = 25_000

    /// Word vectors that were deleted after the job had come.
    private struct MissingVectors: Error, CustomStringConvertible {
        let name: String

        var description: String {
            "the word vectors \(name) were deleted; bring them with PUT /vectors/\(name), or train "
                + "without"
        }
    }

    /// Returns what this worker had claimed to the queue, as far as the store lets it.
    func giveBack(reason: String) {
        _ = try? store.releaseJobs(ofWorker: name, reason: reason, countsAsTry: true)
    }

    /// Returns to the queue what this worker had claimed before the store was away.
    func takeBack() throws(StoreError) {
        try store.releaseJobs(
            ofWorker: name,
            reason: "the worker had lost the store",
            countsAsTry: false
        )
    }

    /// Says that this worker ends, as far as the store lets it.
    func leave() {
        _ = try? store.releaseJobs(ofWorker: name, reason: stop.reason, countsAsTry: false)
    }

    private func train(
        _ plan: TrainingPlan,
        _ claim: Claim,
        _ interruption: inout Interruption?
    ) throws -> Candidate {
        var nextReport = ContinuousClock.now
        var found: Interruption?
        var silentSince: ContinuousClock.Instant?
        defer { interruption = found }
        return try TrainingPipeline(plan).run { progress in
            if stop.isPending {
                found = .stopping
            } else if ContinuousClock.now >= nextReport || progress.fraction == 1 {
                found = report(progress: progress, claim, &silentSince)
                nextReport = .now + Worker.reportInterval
            }
            return found == nil ? .proceed : .stop
        } entering: { stage in
            // What it found is found again at the first step of the training.
            _ = report(stage: stage, claim, &silentSince)
        }
    }

    /// Writes progress or what is done now.
    ///
    /// - Parameters:
    ///   - progress: how far the training has come.
    ///   - stage: what is done now.
    ///   - claim: the right to the job.
    ///   - silentSince: when the store began to take no reports; nil while it takes them.
    /// - Returns: why the training is to stop; nil if it is to go on.
    private func report(
        progress: TrainingProgress? = nil,
        stage: TrainingPipeline.Stage? = nil,
        _ claim: Claim,
        _ silentSince: inout ContinuousClock.Instant?
    ) -> Interruption? {
        do throws(StoreError) {
            let directive = try store.report(
                progress.map(JobProgress.init),
                stage: stage?.rawValue,
                claim: claim
            )
            silentSince = nil
            switch directive {
            case .continue: return nil
            case .cancel: return .cancelled
            case .lost: return .lost
            }
        } catch {
            // Another process is busy with the store, or the disk takes nothing: no reason to throw
            // the training away. The next report will do, and publishing waits for the disk. After
            // a whole lease the job may be another worker's.
            guard error == .busy || error.isOutage else { return .store(error) }
            let since = silentSince ?? .now
            silentSince = since
            return .now - since < lease ? nil : .store(error)
        }
    }

    /// Judges the model against what is live, and again if that changes before it is published.
    private func publish(_ model: Candidate, _ claimed: ClaimedJob) throws(StoreError) {
        let record = model.result.checkpoint.training
        let bytes = model.result.checkpoint.encoded()
        let judge = Judge(store: store, job: claimed.job)
        var ground = claimed.ground
        // Not so long that the lease runs out.
        let patience = ContinuousClock.now + lease / 2
        while true {
            let verdict = try judge.verdict(on: model, ground)
            let publication = Publication(
                checkpoint: bytes,
                digest: SHA256.hexadecimal(of: bytes),
                metrics: record.encodedMetrics(),
                report: model.report(verdict),
                heldOut: model.result.answers.map(HeldOutAnswer.init),
                toolVersion: record.toolVersion,
                decision: Decision(verdict, on: ground)
            )
            do throws(StoreError) {
                let published = try store.publish(publication, claim: claimed.claim)
                StandardError.say(
                    "\(claimed.job.id): version \(published.version) published, "
                        + (published.isPromoted ? "live" : "a candidate")
                )
                return
            } catch .decisionOutdated {
                ground = try store.decisionGround(of: claimed.job.model)
            } catch  where error.isOutage && ContinuousClock.now < patience && !stop.isPending {
                StandardError.say("\(claimed.job.id): \(error)")
                stop.wait(atMost: .seconds(1))
            }
        }
    }

    private func end(
        _ claim: Claim,
        _ error: TrainingError,
        _ interruption: Interruption?
    ) throws(StoreError) {
        switch interruption {
        case nil:
            try fail(claim, code: error.code, detail: error.description)
        case .cancelled:
            StandardError.say("\(claim.job): cancelled")
            do throws(StoreError) { try store.end(claim, as: .cancelled) } catch {
                try forgiveLostClaim(error)
            }
        case .lost:
            try forgiveLostClaim(.claimLost(job: claim.job))
        case .stopping:
            StandardError.say("\(claim.job): given back, because \(stop.reason)")
            try store.releaseJobs(ofWorker: name, reason: stop.reason, countsAsTry: false)
        case .store(let error):
            throw error
        }
    }

    private func fail(_ claim: Claim, code: String, detail: String) throws(StoreError) {
        StandardError.say("\(claim.job): failed (\(code)): \(detail)")
        let failure = JobFailure(code: code, detail: detail)
        do throws(StoreError) { try store.end(claim, as: .failed(failure)) } catch {
            try forgiveLostClaim(error)
        }
    }

    /// A job that was cancelled or given to another worker meanwhile is none of this one's
    /// business.
    private func forgiveLostClaim(_ error: StoreError) throws(StoreError) {
        switch error {
        case .claimLost, .cancelled: StandardError.say(error.description)
        default: throw error
        }
    }

    private func options(_ json: [UInt8], rows: Int) throws(OptionError) -> TrainingOptions {
        let parser = JSONParser()
        do {
            var options = try TrainingOptions.decode(try parser.parse(json), pointer: "/options")
            if !options.given.contains(.threads) { options.threads = threads.count(rows: rows) }
            return options
        } catch let error as OptionError {
            throw error
        } catch {
            throw OptionError(pointer: "/options", detail: "\(error)")
        }
    }
}

extension StoreError {
    /// Whether the store may answer again without anybody changing what it is.
    var mayPass: Bool {
        if case .corrupt = self { return false }
        return isOutage || self == .busy
    }
}

extension JobProgress {
    /// What a job shows of its training.
    init(_ progress: TrainingProgress) {
        self.init(
            epoch: progress.epoch,
            epochs: progress.epochs,
            loss: progress.loss.isFinite ? progress.loss : nil,
            accuracy: progress.accuracy,
            secondsLeft: progress.remaining.map { ($0 / .milliseconds(100)).rounded() / 10 }
        )
    }
}

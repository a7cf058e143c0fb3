internal import ArgumentParser
internal import Evaluation
internal import Examples
internal import Glibc
internal import Model
internal import Store
internal import Training

/// Why a command ended without its result: a sentence for people, a status for scripts.
struct Failure: Error {
    /// Exit statuses, after sysexits.h; `trainer --help` lists them.
    enum Status: Int32 {
        case noModel = 1
        case usage = 64
        case badData = 65
        case noInput = 66
        case cannotCreate = 73
        case inputOutput = 74
        case interrupted = 130
    }

    var status: Status
    /// Sentences, each a line.
    var message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension Failure {
    init(_ error: TrainingError) {
        switch error {
        case .diverged:
            self.init(.noModel, "\(error); nothing was written")
        case .stopped:
            self.init(.interrupted, "\(error); nothing was written")
        case .cannotHoldOut, .noExamples, .noLabels, .oneLabel, .contradictory, .notAllowed,
            .tooManyLabels,
            .unknownLabel, .tooManyParameters:
            self.init(.badData, error.description)
        }
    }

    init(_ error: CheckpointError) {
        switch error.problem {
        case .unreadable, .notARegularFile: self.init(.noInput, error.description)
        case .unwritable: self.init(.cannotCreate, error.description)
        default: self.init(.badData, error.description)
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .cannotOpen, .logWithoutDatabase, .notAStore, .newerSchema:
            self.init(.noInput, error.description)
        default: self.init(.inputOutput, error.description)
        }
    }

    init(_ error: Evaluation.UnknownLabel) {
        self.init(
            .badData,
            "row \(error.row + 1) has the label \"\(error.label)\", which the model does not have"
        )
    }

    /// The last system error, in its own words.
    static var systemMessage: String { String(cString: strerror(errno)) }
}

/// Runs a command; says on standard error what went wrong and ends with its status.
func reportingFailures(_ body: () throws -> Void) throws {
    do {
        do {
            try body()
        } catch let error as TrainingError {
            throw Failure(error)
        } catch let error as CheckpointError {
            throw Failure(error)
        } catch let error as StoreError {
            throw Failure(error)
        }
    } catch let failure as Failure {
        StandardError.say(failure.message)
        throw ExitCode(failure.status.rawValue)
    } catch is OutputClosed {
        // The reader of a pipe has seen enough; that is no failure.
        throw ExitCode.success
    }
}

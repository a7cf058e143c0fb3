internal import ClassificationService
internal import HTTPServer
internal import Logging

/// Files that are read again while the server runs: when they change, and at SIGHUP.
///
/// One that cannot be used is logged, and what was read before stays.
struct FileReloads {
    private var watches: [FileWatch] = []

    /// Takes the tokens from their file again.
    mutating func watchTokens(
        _ path: String,
        for service: ClassificationService,
        at signals: Signals,
        _ log: Logger
    ) {
        watch([path], at: signals) { [weak service] in
            do throws(TokenFileError) {
                let tokens = try TokenFile(path: path).read()
                service?.replaceTokens(with: tokens)
                log.notice("tokens_read", metadata: ["tokens": "\(tokens.count)"])
            } catch {
                log.error("tokens_refused", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Takes certificate and key from their files again.
    mutating func watch(
        _ files: TLSFiles,
        of identity: TLSIdentity,
        at signals: Signals,
        _ log: Logger
    ) {
        watch([files.certificate, files.key], at: signals) {
            do throws(TLSFileError) {
                let days = try files.reread(into: identity)
                log.notice("certificate_read", metadata: ["days_left": "\(days)"])
            } catch {
                log.error("certificate_refused", metadata: ["reason": "\(error)"])
            }
        }
    }

    private mutating func watch(
        _ paths: [String],
        at signals: Signals,
        read: @escaping @Sendable () -> Void
    ) {
        let watch = FileWatch(paths, read: read)
        signals.onHangUp { [weak watch] in watch?.readNow() }
        watches.append(watch)
    }
}

internal import Glibc
internal import Logging
internal import TextForm
internal import Tracing

extension Server {
    /// What brings spans to a collector, by OpenTelemetry's variables; nil without an endpoint.
    static func tracer(_ log: Logger) throws(StartError) -> Tracer? {
        let settings: TracingSettings?
        do throws(TracingSettingsError) {
            settings = try TracingSettings { name in getenv(name).map { String(cString: $0) } }
        } catch {
            throw StartError(exitStatus: 78, reason: error.description)
        }
        guard let settings else { return nil }
        for warning in settings.warnings {
            log.warning("tracing_setting", metadata: ["reason": "\(Printable.text(warning))"])
        }
        log.notice("tracing", metadata: ["collector": "\(settings.collectorName)"])
        return Tracer(settings, version: programVersion) { news in
            switch news {
            case .failing(let reason):
                log.warning("traces_dropped", metadata: ["reason": "\(Printable.text(reason))"])
            case .working: log.notice("traces_taken")
            }
        }
    }
}

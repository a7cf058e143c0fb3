internal import ArgumentParser
internal import Glibc

/// The options that can stand in the environment, without their dashes; switches apart.
let environmentOptions = [
    "host", "port", "admin-port", "tls-certificate", "tls-key", "tokens", "allowed-hosts", "models",
    "state", "store", "store-listen", "default-model", "dialects", "cors-origin",
    "path-prefix", "trainer", "trainers",
    "trainer-nice", "trainer-threads", "keep-versions", "queue-limit", "queue-limit-per-token",
    "sessions", "session-idle", "label-studio-train-after", "webhook", "webhook-secret-file",
    "classify-body-bytes", "stream-body-bytes", "max-texts",
    "max-explained",
    "text-bytes",
    "train-body-bytes", "max-examples", "max-stored-examples", "remember", "remember-in",
    "max-models",
    "max-labels",
    "label-length",
    "max-followers", "max-wait", "connections",
    "connections-per-address", "memory", "drain-delay", "threads", "log-format", "log-level",
]

/// The switches that can stand in the environment.
let environmentSwitches = ["open", "keep-chunked", "access-log"]

/// What the environment says, as arguments: they go before the real ones, so that those win.
///
/// - Parameter given: the real arguments.
/// - Returns: an option and its value each.
func environmentArguments(before given: some Sequence<String>) -> [String] {
    var arguments: [String] = []
    for name in environmentOptions {
        // Given several times it adds up; so it wins by being left out here.
        let addsUp = ["allowed-hosts", "cors-origin"].contains(name)
        if addsUp && given.contains(where: { $0.hasPrefix("--" + name) }) { continue }
        guard let value = environmentValue(of: name) ?? (name == "port" ? vertexPort() : nil) else {
            continue
        }
        // Kubernetes sets ELMAN_PORT=tcp://… in every pod beside a service named "elman".
        if name == "port" && value.hasPrefix("tcp://") { continue }
        arguments.append("--\(name)=\(value)")
    }
    for name in environmentSwitches {
        switch environmentValue(of: name) {
        case nil, "0", "false": break
        case "1", "true": arguments.append("--\(name)")
        // Not an option: the parser refuses it and names it.
        case let value?: arguments.append("--\(name)=\(value)")
        }
    }
    return arguments
}

/// The value of an option's variable; an empty one is as none.
func environmentValue(of option: String) -> String? {
    let name = "ELMAN_" + option.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
}

internal import HTTPClient
internal import TextForm

/// Where spans go, and which: what OpenTelemetry's variables say.
public struct TracingSettings: Sendable {
    /// Where spans are posted.
    let collector: HTTPAddress
    /// Fields of each request to it, such as a key.
    var headers: [(name: String, value: String)] = []
    /// A file of certificates, in PEM, to know the collector by; nil for the system's.
    var certificates: String?
    /// Milliseconds that one request to the collector may take.
    var timeout = 10_000
    /// What the process is, besides its name and version.
    var resource: [(name: String, value: String)] = []
    /// Which traces are recorded.
    public var sampler = Sampler.standard
    /// Spans that may wait; further ones are dropped.
    var queueLength = 2048
    /// Spans in one request to the collector.
    var batchLength = 512
    /// Milliseconds between requests to it.
    var delay = 5000
    /// What is wrong with variables, and what is done instead.
    public private(set) var warnings: [String] = []

    /// The host and port of the collector.
    public var collectorName: String { collector.authority }

    /// Reads the environment; nil if nothing is to be exported.
    ///
    /// - Parameter value: the value of a variable, or nil.
    /// - Throws: a sentence about an endpoint that cannot be used.
    public init?(environment value: (String) -> String?) throws(TracingSettingsError) {
        func text(_ name: String) -> String? {
            guard let found = value(name), !found.isEmpty else { return nil }
            return found
        }
        // A variable for traces wins over the one for all signals.
        func exporter(_ name: String) -> String? {
            text("OTEL_EXPORTER_OTLP_TRACES_\(name)") ?? text("OTEL_EXPORTER_OTLP_\(name)")
        }
        if text("OTEL_SDK_DISABLED")?.lowercased() == "true" { return nil }
        if text("OTEL_TRACES_EXPORTER") == "none" { return nil }
        if let address = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            collector = try Self.address(address, of: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        } else if let address = text("OTEL_EXPORTER_OTLP_ENDPOINT") {
            let name = "OTEL_EXPORTER_OTLP_ENDPOINT"
            collector = try Self.address(address, of: name, below: "v1/traces")
        } else {
            return nil
        }
        if let asked = exporter("PROTOCOL"), asked != "http/json" {
            warnings.append("OTEL_EXPORTER_OTLP_PROTOCOL is '\(asked)': http/json is sent instead")
        }
        headers = pairs(exporter("HEADERS"), of: "OTEL_EXPORTER_OTLP_HEADERS")
        certificates = exporter("CERTIFICATE")
        resource = pairs(text("OTEL_RESOURCE_ATTRIBUTES"), of: "OTEL_RESOURCE_ATTRIBUTES")
        resource = resource.filter { $0.name != "service.version" }
        if let name = text("OTEL_SERVICE_NAME") {
            resource = resource.filter { $0.name != "service.name" } + [("service.name", name)]
        } else if !resource.contains(where: { $0.name == "service.name" }) {
            resource.append(("service.name", "elman"))
        }
        if let name = text("OTEL_TRACES_SAMPLER") {
            let named = Sampler(named: name, argument: text("OTEL_TRACES_SAMPLER_ARG"))
            if named == nil {
                warnings.append(
                    "OTEL_TRACES_SAMPLER '\(name)' with its argument is unknown: "
                        + "parentbased_always_on is used instead"
                )
            }
            sampler = named ?? .standard
        }
        timeout = number(exporter("TIMEOUT"), 1...600_000, timeout, "OTEL_EXPORTER_OTLP_TIMEOUT")
        func processor(_ name: String) -> String? { text("OTEL_BSP_" + name) }
        delay = number(processor("SCHEDULE_DELAY"), 1...600_000, delay, "OTEL_BSP_SCHEDULE_DELAY")
        let (queue, batch) = ("MAX_QUEUE_SIZE", "MAX_EXPORT_BATCH_SIZE")
        queueLength = number(processor(queue), 1...65_536, queueLength, "OTEL_BSP_\(queue)")
        batchLength = number(processor(batch), 1...65_536, batchLength, "OTEL_BSP_\(batch)")
        batchLength = min(batchLength, queueLength)
    }

    /// - Throws: that there is no such address, with the name of the variable.
    private static func address(
        _ text: String,
        of variable: String,
        below part: String? = nil
    ) throws(TracingSettingsError) -> HTTPAddress {
        if let address = HTTPAddress(text, below: part) { return address }
        throw TracingSettingsError(
            description: "\(variable): '\(Printable.text(text))' is no address such as "
                + "http://localhost:4318 or https://collector.example"
        )
    }

    private mutating func number(
        _ text: String?,
        _ range: ClosedRange<Int>,
        _ standard: Int,
        _ name: String
    ) -> Int {
        guard let text else { return standard }
        if let number = Int(text), range.contains(number) { return number }
        warnings.append(
            "\(name) is '\(text)', not \(range.lowerBound) to \(range.upperBound): "
                + "\(standard) is used instead"
        )
        return standard
    }

    /// Reads `name=value,name=value`, percent-encoded; what is none is left out with a warning.
    private mutating func pairs(
        _ text: String?,
        of variable: String
    ) -> [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        for item in (text ?? "").split(separator: ",") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.compactMap { percentDecoded($0) }
            // What could end a line would begin another field.
            guard decoded.count == 2, !decoded[0].isEmpty,
                decoded.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } })
            else {
                // The value may be a secret.
                warnings.append("\(variable): a part without name=value is left out")
                continue
            }
            pairs.append((decoded[0], decoded[1]))
        }
        return pairs
    }
}

/// An endpoint that cannot be used, as a sentence.
public struct TracingSettingsError: Error, CustomStringConvertible {
    /// What is wrong with which variable.
    public let description: String
}

/// Percent-decodes a part, blanks around it left out; nil if that is no UTF-8.
private func percentDecoded(_ part: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(part.utf8)[...]
    while let byte = rest.popFirst() {
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let code = UInt8(digits, radix: 16) {
            bytes.append(code)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let trimmed = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    return String(validating: Array(trimmed), as: UTF8.self)
}

import Testing

@testable import Tracing

/// `traceparent` as W3C Trace Context has it.
@Suite struct TraceContextTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let span = "00f067aa0ba902b7"

    private func read(_ field: String) -> TraceContext? {
        var field = field
        return field.withUTF8 { TraceContext(traceparent: $0) }
    }

    @Test("is read and written back")
    func roundTrip() throws {
        for flags in ["00", "01"] {
            let field = "00-\(Self.trace)-\(Self.span)-\(flags)"
            let context = try #require(read(field))
            #expect(context.traceparent == field)
            #expect(context.isSampled == (flags == "01"))
        }
    }

    @Test(
        "flags of others and later versions are read too",
        arguments: ["00-T-S-03", "01-T-S-01", "cc-T-S-01-what-the-future-brings", "fe-T-S-01-"]
    )
    func laterVersions(form: String) {
        let field = form.replacing("T", with: Self.trace).replacing("S", with: Self.span)
        #expect(read(field)?.traceparent == "00-\(Self.trace)-\(Self.span)-01")
    }

    @Test(
        "anything else is no trace",
        arguments: [
            "", "00", "00-T-S", "00-T-S-1", "00-T-S-0g", "0-T-S-01", "ff-T-S-01", "00-T-S-01-",
            "00-T-S-01-more", "01-T-S-01.more", "00-T-S-011", " 00-T-S-01", "00_T-S-01",
            "00-T_S-01", "00-T-S_01", "00-00000000000000000000000000000000-S-01",
            "00-T-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-S-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-S-001", "00-T-00f067aa0ba902bG-01", "ÿ0-T-S-01",
        ]
    )
    func others(form: String) {
        #expect(read(form.replacing("T", with: Self.trace).replacing("S", with: Self.span)) == nil)
    }

    @Test("new spans differ, and stay in their trace")
    func continued() throws {
        let context = try #require(read("00-\(Self.trace)-\(Self.span)-01"))
        let spans = (0..<100).map { _ in context.continued() }
        #expect(Set(spans.map(\.span)).count == 100)
        #expect(spans.allSatisfy { $0.trace == context.trace && $0.isSampled })
    }

    @Test("a sampler records its share, and what the parent records")
    func sampler() throws {
        let traces = (0..<20_000).map { _ in TraceIdentifier.random() }
        let tenth = try #require(Sampler(named: "traceidratio", argument: "0.1"))
        let count = traces.count { tenth.records($0, parent: nil) }
        // 2,000 are expected; six standard deviations of 42 on both sides.
        #expect(abs(count - 2000) < 260)
        #expect(traces.count { tenth.records($0, parent: nil) } == count)
        let parents = [false, true].map {
            TraceContext(trace: traces[0], span: 1, isSampled: $0)
        }
        for (name, unsampled, sampled, none) in [
            ("always_on", true, true, true), ("always_off", false, false, false),
            ("parentbased_always_on", false, true, true),
            ("parentbased_always_off", false, true, false),
        ] {
            let sampler = try #require(Sampler(named: name, argument: nil))
            #expect(sampler.records(traces[0], parent: parents[0]) == unsampled, "\(name)")
            #expect(sampler.records(traces[0], parent: parents[1]) == sampled, "\(name)")
            #expect(sampler.records(traces[0], parent: nil) == none, "\(name)")
        }
        for (name, argument) in [("jaeger_remote", nil), ("traceidratio", "2"), ("", nil)] {
            #expect(Sampler(named: name, argument: argument) == nil)
        }
    }
}

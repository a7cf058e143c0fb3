// swift-tools-version: 6.2
import PackageDescription

// `scripts/check` sets this; a plain `swift build` never fails on a warning of a newer compiler.
let isStrict = Context.environment["ELMAN_WARNINGS_AS_ERRORS"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        // No C name leaks through a room's face.
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        // Tests run with the checks; a request would pay for them a dozen times.
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

let cWarnings = ["-Wall", "-Wextra"] + (isStrict ? ["-Werror"] : [])

// `scripts/fuzz` sets this: only its compiler options bring libFuzzer, so nobody else builds it.
let isFuzzing = Context.environment["ELMAN_FUZZING"] != nil
let fuzzer: [Target] = [
    .systemLibrary(name: "CLibFuzzer", path: "Tests/CLibFuzzer"),
    .executableTarget(
        name: "fuzzer",
        dependencies: ["FuzzTargets", "CLibFuzzer"],
        path: "Tests/Fuzzer",
        swiftSettings: swiftSettings,
        linkerSettings: [.unsafeFlags(["-use-ld=lld"])]
    ),
]

let package = Package(
    name: "elman",
    products: [
        .executable(name: "server", targets: ["server"]),
        .executable(name: "trainer", targets: ["trainer"]),
        // For the package in Benchmarks/.
        .library(name: "Model", targets: ["Model"]),
        .library(name: "CKernels", targets: ["CKernels"]),
        .library(
            name: "Training",
            targets: ["Training", "Judgement", "Evaluation", "Examples", "Model"]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Rooms, lowest first. An arrow that is not listed here does not compile.
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CGnuTLS",
            pkgConfig: "gnutls",
            providers: [.apt(["libgnutls28-dev"])]
        ),
        .systemLibrary(
            name: "CUnistring",
            providers: [.apt(["libunistring-dev"])]
        ),
        .systemLibrary(
            name: "CExpat",
            pkgConfig: "expat",
            providers: [.apt(["libexpat1-dev"])]
        ),
        .systemLibrary(
            name: "CYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]
        ),
        .target(name: "CMalloc", cSettings: [.unsafeFlags(cWarnings)]),
        .target(
            // Loads libpq when it is needed: linked, it would cost every start.
            name: "CPostgreSQL",
            cSettings: [.unsafeFlags(cWarnings)]
        ),
        .target(
            name: "CMicroHTTPD",
            cSettings: [.unsafeFlags(cWarnings)],
            linkerSettings: [.linkedLibrary("microhttpd"), .linkedLibrary("gnutls")]
        ),
        .target(
            name: "CJSON",
            // Parsing at -O0 would make debug test runs crawl.
            cxxSettings: [.unsafeFlags(cWarnings + ["-O2"])],
            linkerSettings: [.linkedLibrary("simdjson")]
        ),
        .target(
            name: "CKernels",
            cSettings: [
                // Debug tests train real networks; -O0 is 30 times slower.
                .unsafeFlags(cWarnings + ["-O2"])
            ]
        ),

        .target(
            // Files of the repository inside the binary (#embed needs the path below the root).
            name: "CEmbedded",
            cSettings: [.unsafeFlags(cWarnings)]
        ),
        .target(name: "Machine", swiftSettings: swiftSettings),
        .target(name: "Memory", dependencies: ["Machine"], swiftSettings: swiftSettings),
        .target(
            name: "HTTPServer",
            dependencies: ["CMicroHTTPD", "Memory", "Machine"],
            swiftSettings: swiftSettings
        ),
        .target(name: "JSON", dependencies: ["CJSON", "Memory"], swiftSettings: swiftSettings),
        .target(name: "Digest", dependencies: ["CGnuTLS"], swiftSettings: swiftSettings),
        .target(name: "TextForm", dependencies: ["CUnistring"], swiftSettings: swiftSettings),
        .target(
            name: "HTTPClient",
            dependencies: ["CGnuTLS"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Tracing",
            dependencies: ["HTTPClient", "JSON", "TextForm"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Examples",
            dependencies: ["TextForm", "JSON", "Digest"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RasaData",
            dependencies: ["Examples", "CYAML"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Model",
            dependencies: ["TextForm", "CKernels", "JSON", "Digest"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Evaluation",
            dependencies: ["Model", "Examples", "JSON"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Judgement",
            dependencies: ["Evaluation", "Model", "Examples", "JSON"],
            swiftSettings: swiftSettings
        ),
        .target(name: "Store", dependencies: ["Examples"], swiftSettings: swiftSettings),
        .target(
            name: "SQLStore",
            dependencies: ["Store", "Examples", "Digest"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "SQLiteStore",
            dependencies: ["SQLStore", "Store", "CSQLite", "TextForm", "Examples", "Digest"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "PostgreSQLStore",
            dependencies: ["SQLStore", "Store", "CPostgreSQL"],
            swiftSettings: swiftSettings
        ),
        .target(
            // Opens a store; only the programs link it.
            name: "Stores",
            dependencies: ["Store", "SQLStore", "SQLiteStore", "PostgreSQLStore"],
            swiftSettings: swiftSettings
        ),
        .target(name: "Vectors", dependencies: ["Model", "Digest"], swiftSettings: swiftSettings),
        .target(name: "Optimization", dependencies: ["Model"], swiftSettings: swiftSettings),
        .target(
            name: "Baselines",
            dependencies: ["Optimization", "Judgement", "Evaluation", "Model"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "DataDoctor",
            dependencies: [
                "Baselines", "Optimization", "Judgement", "Evaluation", "Model", "Examples", "JSON",
                "TextForm",
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Report",
            dependencies: [
                "DataDoctor", "Optimization", "Evaluation", "Model", "Examples", "JSON", "TextForm",
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Training",
            dependencies: [
                "DataDoctor", "Baselines", "Optimization", "Judgement", "Evaluation", "Model",
                "Examples", "JSON", "TextForm", "CKernels", "CMalloc",
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "ClassificationService",
            dependencies: [
                "HTTPServer", "HTTPClient", "Tracing", "Report", "Vectors", "Evaluation", "Model",
                "Store", "JSON", "Examples", "Digest", "TextForm", "Memory", "Machine",
                "CEmbedded", "CMalloc",
                "CExpat",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),

        .executableTarget(
            name: "server",
            dependencies: [
                "ClassificationService", "HTTPServer", "Tracing", "Store", "Stores", "Model",
                "TextForm", "Memory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "trainer",
            dependencies: [
                "Training", "Vectors", "Report", "DataDoctor", "Optimization", "Judgement",
                "Evaluation", "Model", "Store", "Stores", "Examples", "RasaData", "JSON", "Digest",
                "TextForm", "Machine", "CMalloc",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings
        ),

        // Tests mirror the rooms.
        .target(
            // Networks and rows whose answers are known, for tests.
            name: "TestClassifiers",
            dependencies: ["Model", "Examples"],
            path: "Tests/TestClassifiers",
            swiftSettings: swiftSettings
        ),
        .target(
            // The store's verbs with what most tests leave out.
            name: "TestStores",
            dependencies: ["Store", "Examples"],
            path: "Tests/TestStores",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "TestClassifiers", "Evaluation", "Report", "Examples", "JSON", "Model",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "JudgementTests",
            dependencies: ["Judgement", "TestClassifiers", "Evaluation", "Examples", "Model"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "TestClassifiers", "Training", "DataDoctor", "Optimization", "Judgement",
                "Evaluation", "CKernels", "Examples", "JSON", "Model",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "VectorsTests",
            dependencies: ["Vectors", "Model", "Digest"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "OptimizationTests",
            dependencies: ["Optimization"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "DataDoctorTests",
            dependencies: ["TestClassifiers", "DataDoctor", "Report", "Examples", "JSON"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ReportTests",
            dependencies: [
                "TestClassifiers", "Report", "Training", "Optimization", "Judgement", "Evaluation",
                "Examples", "JSON", "Model",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "trainerTests",
            dependencies: [
                "trainer", "TestStores", "Model", "Store", "SQLiteStore", "Examples", "JSON",
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            // Raw sockets: what no HTTP client would send.
            name: "HTTPTestClient",
            dependencies: ["CGnuTLS"],
            path: "Tests/HTTPTestClient",
            swiftSettings: swiftSettings
        ),
        .target(
            // A collector of traces.
            name: "TestCollector",
            dependencies: ["HTTPServer"],
            path: "Tests/TestCollector",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["HTTPServer", "HTTPTestClient", "Memory"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TextFormTests",
            dependencies: ["TextForm", "CUnistring"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TracingTests",
            dependencies: ["Tracing", "HTTPClient", "TestCollector", "HTTPTestClient"],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "DigestTests", dependencies: ["Digest"], swiftSettings: swiftSettings),
        .testTarget(name: "MemoryTests", dependencies: ["Memory"], swiftSettings: swiftSettings),
        .testTarget(name: "MachineTests", dependencies: ["Machine"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ModelTests",
            dependencies: ["Model", "CKernels", "JSON", "Digest"],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ClassificationServiceTests",
            dependencies: [
                "ClassificationService", "TestStores", "HTTPServer", "Model", "Store", "SQLStore",
                "SQLiteStore", "TestClassifiers", "Examples", "JSON", "Digest", "Memory",
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            // End to end: the built programs, found beside the test bundle.
            name: "serverTests",
            dependencies: [
                "HTTPTestClient", "TestCollector", "TestStores", "server", "trainer", "SQLiteStore",
                "Store", "Examples", "Model", "Digest",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "JSONTests",
            dependencies: ["JSON", "Memory"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ExamplesTests",
            dependencies: ["Examples"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "RasaDataTests",
            dependencies: ["RasaData", "Examples"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "TestStores", "Stores", "Store", "SQLStore", "SQLiteStore", "PostgreSQLStore",
                "Examples", "Digest",
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            // What reads bytes of strangers.
            name: "FuzzTargets",
            dependencies: [
                "TestClassifiers", "HTTPTestClient", "ClassificationService", "HTTPServer",
                "SQLiteStore", "Model", "JSON", "Examples", "TextForm",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/FuzzTargets",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets"],
            exclude: ["Corpus"],
            swiftSettings: swiftSettings
        ),
    ] + (isFuzzing ? fuzzer : []),
    cLanguageStandard: .gnu17,
    cxxLanguageStandard: .cxx17
)

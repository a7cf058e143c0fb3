// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the service never depends on what is only measured with.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "elman", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "KernelBenchmark",
            dependencies: [
                .product(name: "Model", package: "elman"),
                .product(name: "CKernels", package: "elman"),
            ]
        ),
        .executableTarget(
            name: "ForwardBenchmark",
            dependencies: [.product(name: "Model", package: "elman")]
        ),
        .executableTarget(
            name: "EvidenceBenchmark",
            dependencies: [.product(name: "Training", package: "elman")]
        ),
    ]
)

internal import CKernels

/// The instruction sets that the kernels are compiled for, slowest first.
///
/// The best that the processor has is used; tests and benchmarks may force another.
public enum InstructionSet: String, CaseIterable, Sendable {
    /// What every processor of the architecture has (SSE2, NEON).
    case base
    /// AVX2 with fused multiply-add.
    case avx2
    /// AVX-512 (F, VL, DQ, BW).
    case avx512

    /// The one that kernels use now.
    public static var current: InstructionSet {
        allCases.first { $0.kernelValue == ck_isa_current() } ?? .base
    }

    /// Whether this processor can run it.
    public var isSupported: Bool { ck_isa_supported(kernelValue) }

    /// Makes the whole process use it from now on; false, and nothing changes, if unsupported.
    @discardableResult
    public func force() -> Bool { ck_isa_force(kernelValue) }

    private var kernelValue: ck_isa {
        switch self {
        case .base: CK_ISA_BASE
        case .avx2: CK_ISA_AVX2
        case .avx512: CK_ISA_AVX512
        }
    }
}

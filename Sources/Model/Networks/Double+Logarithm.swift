private import Glibc

extension Double {
    /// ln of this number.
    package var naturalLogarithm: Double { log(self) }

    /// e to the power of this number.
    package var exponential: Double { exp(self) }

    /// The cosine of this angle in radians.
    package var cosine: Double { cos(self) }
}

internal import Model

/// The numbers below `count` in an order that depends on seed and epoch alone.
package func shuffledOrder(count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var generator = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(epoch))
    var order = Array(0..<count)
    for index in stride(from: count - 1, through: 1, by: -1) {
        order.swapAt(index, Int(generator.next(upperBound: UInt64(index + 1))))
    }
    return order
}

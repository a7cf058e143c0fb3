internal import ArgumentParser

/// Where predictions are remembered.
enum MemoryPlace: String, CaseIterable, ExpressibleByArgument {
    case memory
    case store
}

internal import Memory

extension MemoryBudget {
    /// Writes the budget, what is taken of it, and how often it was spent.
    func write(to text: inout String) {
        text += "# HELP elman_memory_limit_bytes Memory for large things together.\n"
        text += "# TYPE elman_memory_limit_bytes gauge\n"
        text += "elman_memory_limit_bytes \(limit)\n"
        text += "# HELP elman_memory_reserved_bytes Memory that is taken now, by use.\n"
        text += "# TYPE elman_memory_reserved_bytes gauge\n"
        for use in Use.allCases {
            text += "elman_memory_reserved_bytes{use=\"\(use.rawValue)\"} \(reserved(for: use))\n"
        }
        text += "# HELP elman_memory_refused_total Times that memory was not free.\n"
        text += "# TYPE elman_memory_refused_total counter\n"
        text += "elman_memory_refused_total \(refusals)\n"
    }
}

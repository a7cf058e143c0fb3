internal import ClassificationService
internal import Glibc

/// The paths that Vertex AI tells a container in its environment.
func vertexRoutes() -> VertexRoutes {
    VertexRoutes(
        health: environmentText("AIP_HEALTH_ROUTE"),
        predict: environmentText("AIP_PREDICT_ROUTE")
    )
}

/// The port that Vertex AI tells a container, where no option or variable of this program says one.
func vertexPort() -> String? { environmentText("AIP_HTTP_PORT") }

private func environmentText(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
}

/// The ways of other services to ask for classifications, by the names that `--dialects` takes.
public enum DialectName: String, CaseIterable, Sendable {
    /// Hugging Face's Inference API and Text Embeddings Inference.
    case huggingFace = "huggingface"
    /// vLLM and SGLang.
    case vllm
    /// The Open Inference Protocol, version 2: Triton, KServe, MLServer.
    case openInference = "oip"
    /// Rasa's NLU server.
    case rasa
    /// Containers of SageMaker and Vertex AI.
    case sageMaker = "sagemaker"

    /// The dialects of these names, in the order of the table.
    static func dialects(
        _ names: [DialectName],
        vertex: VertexRoutes? = nil
    ) -> [any Dialect] {
        allCases.filter(names.contains).map { name in
            switch name {
            case .huggingFace: HuggingFaceDialect()
            case .vllm: VLLMDialect(answersHealth: !names.contains(.huggingFace))
            case .openInference: OpenInferenceDialect()
            case .rasa: RasaDialect()
            case .sageMaker: SageMakerDialect(vertex: vertex ?? VertexRoutes())
            }
        }
    }
}

extension ServiceSettings {
    /// Chooses the further ways to ask for classifications; all, if this is not called.
    ///
    /// - Parameters:
    ///   - names: which.
    ///   - vertex: the paths that Vertex AI has chosen for its requests.
    public mutating func speak(_ names: [DialectName], vertex: VertexRoutes? = nil) {
        dialects = DialectName.dialects(names, vertex: vertex)
    }
}

internal import JSON
internal import Model
internal import Store

/// Remembered predictions, for people who look through what a model was least sure of.
struct PredictionHandlers: Sendable {
    static let parameters = ["order", "model", "limit"]

    let predictions: RememberedPredictions?

    func list(_ request: RequestCopy) throws(ServiceError) -> Answer {
        var order = PredictionOrder.uncertain
        var models = request.principal.modelNames
        var limit = 20
        for (name, value) in request.queryItems {
            switch name {
            case "order":
                guard let wanted = PredictionOrder(rawValue: value) else {
                    throw .invalidParameter("\"order\" must be uncertain, margin or random.")
                }
                order = wanted
            case "limit":
                guard let number = pathNumber(value), number <= 100 else {
                    throw .invalidParameter("\"limit\" must be a number from 1 to 100.")
                }
                limit = number
            default:
                guard NameRule.lowerCase.allows(value) else {
                    throw .invalidParameter("\"model\" must be the name of a model.")
                }
                try request.principal.require(model: value)
                models = [value]
            }
        }
        guard let predictions else { throw .predictionsNotRemembered }
        let found = try predictions.list(order, of: models, limit: limit)
        return Answer.json { json in
            json.beginObject()
            json.member("predictions", objects: found) { prediction, json in
                json.member("prediction_id", string: prediction.id)
                json.member("model", string: prediction.model)
                json.member("version", int: prediction.version)
                json.member("text", string: prediction.text)
                json.member(labelOrSet: prediction.label)
                json.member("score", float: Float(prediction.score))
                json.member("margin", float: Float(prediction.margin))
                json.member("created_at", time: prediction.createdAt)
            }
            json.endObject()
        }
    }

    /// Forgets a prediction.
    ///
    /// One of a model that the token is not for is as one that is not there.
    func forget(_ request: RequestCopy) throws(ServiceError) -> Answer {
        guard let predictions else { throw .predictionsNotRemembered }
        let id = request.prediction
        guard let found = try predictions.find(id),
            request.principal.mayUse(model: found.model), try predictions.forget(id)
        else { throw .predictionNotFound }
        return Answer.empty(204)
    }
}

internal import JSON

/// What went wrong, as ML backends of Label Studio say it.
///
/// Label Studio looks at the status and shows the body as it is. So `detail` says all.
struct LabelStudioErrors: ErrorWriter {
    func answer(to problem: Problem, requestID: String) -> Answer {
        var detail = problem.detail
        if !problem.errors.isEmpty {
            detail = problem.errors.map { "\($0.pointer): \($0.detail)" }.joined(separator: " ")
        }
        var headers = problem.headers
        if problem.status == 401 {
            detail +=
                " In Label Studio give the model basic authentication: any user, and the token as "
                + "the password; give its webhook a header Authorization: Bearer TOKEN."
            headers.insert(("WWW-Authenticate", "Basic realm=\"elman\", charset=\"UTF-8\""), at: 0)
        }
        return Answer.json(problem.status, headers: headers) { json in
            json.beginObject()
            json.member("status", int: problem.status)
            json.member("detail", string: detail)
            json.member("code", string: problem.code)
            json.member("request_id", string: requestID)
            json.key("result")
            json.beginObject()
            json.endObject()
            json.endObject()
        }
    }
}

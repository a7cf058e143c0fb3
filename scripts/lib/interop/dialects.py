"""Asks a server in the dialects of others, with their own clients where there are some.

usage: dialects.py URL    (huggingface_hub, tritonclient[http] and requests must be installed)
"""

import sys

import numpy
import requests
import tritonclient.http as triton
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from tritonclient.utils import InferenceServerException

TEXTS = ["I am not happy right now", "this is very good"]


def expect(what, condition):
    print(f"{'ok' if condition else 'WRONG'}: {what}")
    if not condition:
        sys.exit(1)


def native(url, text, model="mood"):
    """Labels and scores of the native answer, the best first."""
    body = {"model": model, "text": text, "top_k": 100}
    answer = requests.post(f"{url}/classify", json=body, timeout=10).json()
    return [(entry["label"], entry["score"]) for entry in answer["ranking"]]


def same(found, expected):
    """Whether labels and scores are those; the clients read doubles where floats were written."""
    return [label for label, _ in found] == [label for label, _ in expected] and all(
        abs(a - b) < 1e-6 for (_, a), (_, b) in zip(found, expected)
    )


def hugging_face(url):
    client = InferenceClient(f"{url}/?model=mood")
    for text in TEXTS:
        answer = [(element.label, element.score) for element in client.text_classification(text)]
        expect(f"huggingface_hub: {text}", same(answer, native(url, text)))
    best = InferenceClient(url).text_classification("where is my card", top_k=2)
    expected = native(url, "where is my card", "retail-banking")[:2]
    expect("huggingface_hub: top_k", same([(e.label, e.score) for e in best], expected))
    try:
        InferenceClient(f"{url}/?model=none").text_classification("a")
        expect("huggingface_hub: no such model", False)
    except HfHubHTTPError as error:
        expect("huggingface_hub: no such model", "?model=NAME" in str(error))
    # What textClassification of @huggingface/inference looks at before it returns the first list.
    body = {"inputs": TEXTS[0]}
    answer = requests.post(f"{url}/?model=mood", json=body, timeout=10).json()
    expect(
        "@huggingface/inference: the shape",
        isinstance(answer, list)
        and isinstance(answer[0], list)
        and all(
            isinstance(entry["label"], str) and isinstance(entry["score"], float)
            for entry in answer[0]
        ),
    )
    batch = requests.post(
        f"{url}/predict?model=mood", json={"inputs": [[text] for text in TEXTS]}, timeout=10
    ).json()
    expect(
        "TEI: a batch",
        all(
            same([(entry["label"], entry["score"]) for entry in entries], native(url, text))
            for text, entries in zip(TEXTS, batch)
        ),
    )


def open_inference(url):
    client = triton.InferenceServerClient(url.removeprefix("http://"))
    expect("tritonclient: live, ready", client.is_server_live() and client.is_server_ready())
    expect("tritonclient: model ready", client.is_model_ready("mood"))
    expect("tritonclient: no such model", not client.is_model_ready("none"))
    expect("tritonclient: metadata", client.get_server_metadata()["name"] == "elman")
    metadata = client.get_model_metadata("mood", "1")
    expect("tritonclient: the input", metadata["inputs"][0]["datatype"] == "BYTES")
    for is_binary in (False, True):
        texts = triton.InferInput("text", [len(TEXTS)], "BYTES")
        data = numpy.array([text.encode() for text in TEXTS], dtype=object)
        texts.set_data_from_numpy(data, binary_data=is_binary)
        outputs = [
            triton.InferRequestedOutput("label", binary_data=is_binary),
            triton.InferRequestedOutput("score", binary_data=is_binary),
            triton.InferRequestedOutput("probabilities", binary_data=is_binary, class_count=1),
        ]
        result = client.infer("mood", [texts], outputs=outputs, request_id="42")
        found = list(zip(result.as_numpy("label"), result.as_numpy("score")))
        expect(
            f"tritonclient: binary {is_binary}",
            same(found, [native(url, text)[0] for text in TEXTS]),
        )
        classes = result.as_numpy("probabilities")
        expect(
            "tritonclient: classes",
            [entry[0].split(":")[2] for entry in classes] == [label for label, _ in found],
        )
        expect("tritonclient: the name comes back", result.get_response()["id"] == "42")
    everything = client.infer("mood", [texts], model_version="1")
    expect("tritonclient: all outputs", everything.as_numpy("probabilities").shape == (2, 2))
    try:
        client.infer("none", [texts])
        expect("tritonclient: an error", False)
    except InferenceServerException as error:
        expect("tritonclient: an error", "no model of that name" in str(error))


def sequences(url):
    """A text in parts, by the client's own arguments; numbers and texts name sequences."""
    client = triton.InferenceServerClient(url.removeprefix("http://"))
    expect("tritonclient: sequences", "sequence" in client.get_server_metadata()["extensions"])

    def ask(text, **sequence):
        tensor = triton.InferInput("text", [1], "BYTES")
        tensor.set_data_from_numpy(numpy.array([text.encode()], dtype=object), binary_data=False)
        outputs = [
            triton.InferRequestedOutput(name, binary_data=False) for name in ("label", "score")
        ]
        result = client.infer("mood", [tensor], outputs=outputs, **sequence)
        found = [(result.as_numpy("label")[0], result.as_numpy("score")[0])]
        return found, result.get_response().get("parameters")

    parts = ["I am n", "ot hap", "py right ", "now"]
    for name in (42, "chat-1"):
        for index, part in enumerate(parts):
            flags = {"sequence_start": index == 0, "sequence_end": index == len(parts) - 1}
            found, parameters = ask(part, sequence_id=name, **flags)
            whole = native(url, "".join(parts[: index + 1]))[:1]
            expect(f"tritonclient: sequence {name}, part {index + 1}", same(found, whole))
            expect("tritonclient: the sequence comes back", parameters["sequence_id"] == name)
        try:
            ask("x", sequence_id=name)
            expect("tritonclient: a sequence that has ended", False)
        except InferenceServerException as error:
            expect("tritonclient: a sequence that has ended", "sequence_start" in str(error))
    try:
        tensor = triton.InferInput("text", [1], "BYTES")
        tensor.set_data_from_numpy(numpy.array([b"card"], dtype=object), binary_data=False)
        client.infer("retail-banking", [tensor], sequence_id=1, sequence_start=True)
        expect("tritonclient: a model without sequences", False)
    except InferenceServerException as error:
        expect("tritonclient: a model without sequences", "article" in str(error))


def documented(url):
    """Requests in the form that the documents of those servers show."""
    models = requests.get(f"{url}/v1/models", timeout=10).json()
    expect("vLLM: models", models["data"][0]["id"] == "retail-banking")
    for path in ("/v1/classify", "/classify"):
        answer = requests.post(
            url + path,
            headers={"accept": "application/json", "Content-Type": "application/json"},
            json={"model": "mood", "input": TEXTS},
            timeout=10,
        ).json()
        found = [(data["label"], max(data["probs"])) for data in answer["data"]]
        expect(f"vLLM: {path}", same(found, [native(url, text)[0] for text in TEXTS]))
    intent = requests.post(
        f"{url}/model/parse?model=mood", json={"text": TEXTS[0], "message_id": "1"}, timeout=10
    ).json()["intent"]
    expect("Rasa", same([(intent["name"], intent["confidence"])], native(url, TEXTS[0])[:1]))
    expect("SageMaker: ping", requests.get(f"{url}/ping", timeout=10).status_code == 200)
    vertex = requests.post(
        f"{url}/invocations?model=mood", json={"instances": TEXTS}, timeout=10
    ).json()["predictions"]
    found = [(entries[0]["label"], entries[0]["score"]) for entries in vertex]
    expect("Vertex AI", same(found, [native(url, text)[0] for text in TEXTS]))


if __name__ == "__main__":
    hugging_face(sys.argv[1])
    open_inference(sys.argv[1])
    sequences(sys.argv[1])
    documented(sys.argv[1])

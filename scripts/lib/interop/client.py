"""Trains, waits, classifies and corrects with the client that was made of openapi.yaml.

usage: client.py URL    (`elman`, the generated package, must be on PYTHONPATH)
"""

import sys

from elman import Client
from elman.api.classify import classify
from elman.api.data import change_examples, feedback, list_examples
from elman.api.models import evaluate, get_model, get_version
from elman.api.train import get_job, train
from elman.models import (
    EvaluateRequest,
    Example,
    ExamplesRequest,
    ListExamplesSource,
    PredictionFeedback,
    TextFeedback,
    TextRequest,
    TextsRequest,
    TrainRequest,
)

GLAD = ["what a fine day", "this is lovely", "I am so happy", "all went well", "a bright morning"]
GRIM = ["what a bad day", "this is awful", "I am so sad", "all went wrong", "a dark evening"]


def expect(what, condition):
    print(f"{'ok' if condition else 'WRONG'}: {what}")
    if not condition:
        sys.exit(1)


def rows(repeats):
    for number in range(repeats):
        for label, texts in (("glad", GLAD), ("grim", GRIM)):
            for text in texts:
                yield Example(text=f"{text} {number}", label=label)


def main(url):
    client = Client(base_url=url, timeout=120)
    job = train.sync(
        client=client,
        body=TrainRequest(model="day", examples=list(rows(4))),
        prefer="wait=100",
    )
    job = get_job.sync(job.id, client=client)
    expect(f"a job of 40 rows succeeds ({job.reason})", job.state == "succeeded" and job.promoted)
    expect("its report says what was trained", job.report.data.rows == 40)
    expect("its report has the loss curves", len(job.report.network.loss_curves) > 0)

    answer = classify.sync(client=client, body=TextRequest(text="a fine bright day", model="day"))
    expect(f"one text is classified ({answer.label} {answer.score:.2f})", answer.label == "glad")
    answers = classify.sync(
        client=client,
        body=TextsRequest(texts=["all awful", "so lovely"], model="day", top_k=1),
    )
    labels = [result.label for result in answers.results]
    expect(f"several texts are classified ({labels})", labels == ["grim", "glad"])
    expect("a ranking is in the order of the scores", len(answers.results[0].ranking) == 1)

    changed = feedback.sync(
        client=client, body=TextFeedback(text="not bad at all", label="glad", model="day")
    )
    expect("a text is corrected", changed.added == 1)
    changed = feedback.sync(
        client=client,
        body=PredictionFeedback(prediction_id=answer.prediction_id, label="glad"),
    )
    expect("an answer is corrected", changed.total >= 41)
    changed = change_examples.sync(
        "day",
        client=client,
        body=ExamplesRequest(examples=[Example(text="grim as ever", label="grim")]),
    )
    expect("an example is added", changed.added == 1)
    found = list_examples.sync("day", client=client, source=ListExamplesSource.FEEDBACK)
    expect("corrections are listed", len(found.examples) == 2)
    figures = evaluate.sync("day", client=client, body=EvaluateRequest(examples=list(rows(1))))
    expect(f"a version is evaluated ({figures.accuracy:.2f})", figures.rows == 10)
    card = get_model.sync("day", client=client)
    expect("a model has its history", card.history[0].version == 1)
    version = get_version.sync("day", 1, client=client)
    expect("a version has its report", version.report.decision.promoted)
    refused = classify.sync(client=client, body=TextRequest(text="x", model="nobody"))
    expect(f"an error is a problem ({refused.code})", refused.code == "model_not_found")


main(sys.argv[1])

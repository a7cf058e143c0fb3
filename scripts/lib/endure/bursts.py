"""The largest requests, many at once, and clients that leave before their answer."""

import json

from crowds import Probe
from exchange import dial, exchange_all, request, reset
from load import TEXTS, classification
from run import Run

TEXT_COUNT, TEXT_BYTES = 64, 4032  # What --max-texts and --classify-body-bytes allow.


def largest_request() -> bytes:
    """As many and as long texts as one request may have."""
    words = "I am not very happy right now and this is not good "
    text = (words * (TEXT_BYTES // len(words) + 1))[:TEXT_BYTES]
    body = json.dumps({"model": "mood", "texts": [text] * TEXT_COUNT})
    return request("POST", "/classify", body.encode())


def largest(run: Run) -> None:
    """The largest request alone and 100 at once: each ends, and none holds up a small one."""
    with run.service() as service:
        [alone] = exchange_all(service.port, [largest_request()], 60)
        run.report.equal(run.name("status alone"), alone.status, 200)
        run.report.seconds(run.name("alone"), alone.seconds or 60, 5)
        answers = []
        with Probe(service.port, classification("good"), 0.01) as probe:
            for _ in range(int(run.choose(20, 1))):
                answers += exchange_all(service.port, [largest_request()] * 100, 120)
        others = [a for a in answers if a.status not in (200, 503)]
        run.report.equal(run.name("neither 200 nor 503"), len(others), 0)
        run.report.seconds(run.name("slowest of 100"), max(a.seconds or 120 for a in answers), 5)
        run.report.equal(run.name("small requests failed"), probe.failed, 0)
        what = f"slowest of {probe.count} small requests"
        run.report.seconds(run.name(what), probe.longest, 0.2)


def gone(run: Run) -> None:
    """1,000 clients reset their connections while their requests wait: nobody computes for them.

    A client that has only closed cannot be told from one that has sent all and waits for its
    answer, so its request is answered.
    """
    counter = 'elman_predictions_total{model="retail-banking"'

    def predictions() -> int:
        found = service.metrics().items()
        return int(sum(value for name, value in found if name.startswith(counter)))

    with run.service() as service:
        files = service.resting_files()
        sent = classification(TEXTS[0], "retail-banking")
        busy = [dial(service.port, number) for number in range(128)]
        large = largest_request()
        for each in busy:  # Every thread is busy for some time.
            each.setblocking(True)
            each.sendall(large)
        for number in range(1000):
            leaving = dial(service.port, number)
            leaving.setblocking(True)
            leaving.sendall(sent)
            reset(leaving)
        for each in busy:
            each.close()
        run.check_files(service, files, 20)
        run.report.at_most(run.name("answers computed for 1,000 gone"), predictions(), 50)

"""Everything at once: four jobs, classifications, lists and metrics."""

import random
import time

from load import Load, with_answers
from run import Run
from service import Service

MODELS = ["north", "east", "south", "west"]
STANDSTILL_SECONDS = 10.0


def rows(seed: int, count: int) -> list[dict[str, str]]:
    """Rows of two labels, some of whose words depend on the label."""
    draw = random.Random(seed)
    examples = []
    for number in range(count):
        label = ("good", "bad")[number % 2]
        words = [f"{label}{draw.randrange(20)}" if draw.random() < 0.3 else
                 f"word{draw.randrange(500)}" for _ in range(10)]
        examples.append({"text": " ".join(words), "label": label})
    return examples


def training(run: Run, model: str, seed: int) -> dict[str, object]:
    """A job that replaces the rows of the model; the short form's ends on a debug build too."""
    content: dict[str, object] = {"model": model, "replace": True}
    if run.is_short:
        return content | {"examples": rows(seed, 40), "options": {"recipe": "article", "epochs": 5}}
    return content | {"examples": rows(seed, 400)}


class Jobs:
    """One job of each model at any time; notices when none of them moves."""

    def __init__(self, run: Run, service: Service) -> None:
        self.run, self.service = run, service
        self.waiting: dict[str, str] = {}
        self.ended, self.failed, self.seed = 0, 0, 0
        self.standstill, self._moved = 0.0, time.monotonic()
        self._seen: dict[str, object] = {}

    def look(self) -> None:
        """Posts where a model has no job, and takes note of what has moved."""
        for model in MODELS:
            if model not in self.waiting:
                self._post(model)
        for model, identifier in list(self.waiting.items()):
            job = self.service.send("GET", f"/train/{identifier}").content
            state = (job["state"], job["stage"], job["progress"])
            if self._seen.get(identifier) != state:
                self._seen[identifier] = state
                self._moved = time.monotonic()
            if job["state"] not in ("queued", "running"):
                del self.waiting[model], self._seen[identifier]
                self.ended += 1
                self.failed += job["state"] != "succeeded"
        self.standstill = max(self.standstill, time.monotonic() - self._moved)

    def _post(self, model: str) -> None:
        self.seed += 1
        content = training(self.run, model, self.seed) | {"promote": "always"}
        answer = self.service.send("POST", "/train", content)
        if answer.status == 202:
            self.waiting[model] = answer.content["id"]
        else:
            self.failed += 1

    def cancel(self) -> None:
        for identifier in self.waiting.values():
            self.service.send("DELETE", f"/train/{identifier}")


def mixed(run: Run) -> None:
    """Jobs end and move all the time, and no classification fails meanwhile."""
    loads: list[Load] = []
    seconds = run.choose(900, 15)
    with run.service() as service:
        texts, jobs, failed = with_answers(service), Jobs(run, service), 0
        sender = run.sender.running(service, texts, 16, 500, seconds, is_pinned=False)
        with run.ledger(service, loads), sender as running:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                jobs.look()
                failed += service.send("GET", "/models").status != 200
                failed += service.send("GET", "/metrics", port=service.admin_port).status != 200
                time.sleep(1)
            load = run.sender.finish(running)
            loads.append(load)
        jobs.cancel()
        run.report.equal(run.name("wrong answers"), load.unexpected, 0)
        run.report.equal(run.name("lost requests"), load.lost, 0)
        run.report.equal(run.name("refusals"), load.refusals.count, 0)
        run.report.equal(run.name("lists and metrics failed"), failed, 0)
        run.report.equal(run.name("jobs failed"), jobs.failed, 0)
        run.report.at_least(run.name("jobs ended"), jobs.ended, run.choose(20, 1))
        run.report.seconds(run.name("no job moved for"), jobs.standstill, STANDSTILL_SECONDS)
        run.report.note(run.name("p99 since due"), f"{load.since_due.p99 * 1e3:.1f} ms")

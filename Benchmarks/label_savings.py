"""Measures how many labels a choice of texts saves against labelling texts in random order.

A server starts with a few labelled rows and many texts without labels. Each round takes the texts
that `GET /models/{model}/texts?order=…` lists, labels them as the data set says, trains with
`extend` and measures the development rows. `random` takes any texts instead.

usage: label_savings.py SERVER DATA_DIRECTORY [--tasks trec,banking77] [--seeds 2]
    [--orders random,uncertain,diverse]          (`trainer` must be beside SERVER)
"""

import argparse
import pathlib
import random
import sys
import tempfile
import time

from running_server import RunningServer

# Task: rows to begin with, rows a round, and rows in the end.
TASKS = {"trec": (60, 60, 900), "banking77": (300, 150, 2100)}
POOL = 4000
OPTIONS = {"threads": 1}


def read(path):
    return [line.split("\t", 1) for line in path.read_text().splitlines() if line]


def train(server, rows):
    """Trains on the rows so far and these, and waits for the version to be live."""
    content = {"model": "m", "promote": "always", "extend": True, "options": OPTIONS}
    if rows:
        content["examples"] = rows
    job, _ = server.send("POST", "/train", content, {"Prefer": "wait=55"})
    while job["state"] in ("queued", "running"):
        time.sleep(0.2)
        job, _ = server.send("GET", "/train/" + job["id"])
    if job["state"] != "succeeded":
        sys.exit(f"label_savings.py: the job {job['state']}: {job.get('error')}")


def curve(program, rows, held_out, order, seed, sizes):
    """The accuracy in percent after each number of labels."""
    first, step, last = sizes
    draw = random.Random(seed)
    draw.shuffle(rows)
    label = dict((text, label) for label, text in rows)
    texts = list(label)[: POOL + first]
    start, pool = texts[:first], texts[first:]
    draw.shuffle(pool)
    as_rows = lambda chosen: [{"text": text, "label": label[text]} for text in chosen]
    found = []
    with tempfile.TemporaryDirectory() as directory:
        server = RunningServer(program, directory)
        try:
            server.send("POST", "/models/m/texts", {"texts": pool})
            train(server, as_rows(start))
            count = first
            while True:
                known = set(server.send("GET", "/models/m")[0]["labels"])
                score, _ = server.send(
                    "POST",
                    "/models/m/evaluate",
                    {"examples": [row for row in held_out if row["label"] in known], "mistakes": 0},
                )
                # A label that no row has taught yet is wrong.
                found.append(100 * score["accuracy"] * score["rows"] / len(held_out))
                if count >= last:
                    return found
                if order == "random":
                    chosen, pool = pool[:step], pool[step:]
                else:
                    path = f"/models/m/texts?order={order}&limit={step}"
                    chosen = [entry["text"] for entry in server.send("GET", path)[0]["texts"]]
                train(server, as_rows(chosen))
                count += step
        finally:
            server.stop()


def labels_needed(counts, accuracies, goal):
    """The least number of labels at which a curve reaches a goal, between its points a line."""
    best = accuracies[0]
    if best >= goal:
        return counts[0]
    for place in range(1, len(counts)):
        if accuracies[place] >= goal:
            share = (goal - accuracies[place - 1]) / (accuracies[place] - accuracies[place - 1])
            return counts[place - 1] + share * (counts[place] - counts[place - 1])
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--tasks", default="trec,banking77")
    parser.add_argument("--orders", default="random,uncertain,diverse")
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    for task in arguments.tasks.split(","):
        first, step, last = TASKS[task]
        counts = list(range(first, last + 1, step))
        held_out = [{"label": a, "text": b} for a, b in read(arguments.data / task / "dev.tsv")]
        means = {}
        for order in arguments.orders.split(","):
            curves = []
            for seed in range(1, arguments.seeds + 1):
                rows = read(arguments.data / task / "train.tsv")
                curves.append(curve(arguments.server, rows, held_out, order, seed, TASKS[task]))
            means[order] = [sum(points) / len(points) for points in zip(*curves)]
            print(f"{task} {order}: " + " ".join(f"{one:.1f}" for one in means[order]), flush=True)
        if "random" not in means:
            continue
        print(f"\n| {task}: accuracy | " + " | ".join(means) + " |")
        print("|---|" + "---|" * len(means))
        top = means["random"][-1]
        for goal in [top - 6, top - 4, top - 2, top]:
            needed = [labels_needed(counts, points, goal) for points in means.values()]
            cells = ["–" if count is None else f"{count:.0f}" for count in needed]
            print(f"| {goal:.1f} | " + " | ".join(cells) + " |")
        print(flush=True)


if __name__ == "__main__":
    main()

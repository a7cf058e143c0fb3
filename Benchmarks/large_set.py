"""Writes a large set of labelled rows: public rows, varied until there are enough.

usage: large_set.py DATA_DIRECTORY [--rows 200000] [--labels 150] [--seed 1] > large.tsv
Measured with: trainer train --data large.tsv --model large --threads 2 --out large.json

DATA_DIRECTORY holds banking77, hwu64, trec and curekart, each with train.tsv (label, tab, text).
A row is one of them, of a label drawn evenly, in which words are left out, change places, or come
from another row of the label. So there are as many different texts as rows, though not as many
different things to say: speed and memory are what it is for, not accuracy.
"""

import argparse
import pathlib
import random
import sys

SETS = ["banking77", "hwu64", "trec", "curekart"]


def texts_by_label(folder):
    found = {}
    for name in SETS:
        for line in (folder / name / "train.tsv").read_text().splitlines():
            label, text = line.split("\t")
            found.setdefault(f"{name} {label}", []).append(text.split())
    return found


def varied(texts, draw):
    """A text of some texts' words: one in eight is left out, and one in eight is another's."""
    words = list(draw.choice(texts))
    others = draw.choice(texts)
    words = [draw.choice(others) if draw.random() < 0.125 else word for word in words]
    kept = [word for word in words if draw.random() >= 0.125] or words
    if len(kept) > 1 and draw.random() < 0.5:
        place = draw.randrange(len(kept) - 1)
        kept[place], kept[place + 1] = kept[place + 1], kept[place]
    return " ".join(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--labels", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    found = texts_by_label(arguments.data)
    labels = sorted(found, key=lambda label: (-len(found[label]), label))[: arguments.labels]
    if len(labels) < arguments.labels:
        sys.exit(f"the sets have {len(labels)} labels only")
    for _ in range(arguments.rows):
        label = draw.choice(labels)
        print(f"{label}\t{varied(found[label], draw)}")


main()

"""Accuracy of Elman beside tuned fastText and scikit-learn, on the same splits, in one run.

Everything is chosen on dev; test is read once, at the end. Usage: quality.py TRAINER DATA_DIRECTORY [--seeds 3]
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import fasttext
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

# Task, rows a class (None: all), and whether a dev split may be looked at.
TASKS = [
    ("sst2", None),
    ("trec", None),
    ("banking77", None),
    ("banking77", 10),
    ("sst2", 100),
]


def read(path):
    rows = [line.split("\t", 1) for line in path.read_text().splitlines() if line]
    return [label for label, _ in rows], [text for _, text in rows]


def sample(labels, texts, per_class, seed):
    """The first `per_class` rows of each class in an order drawn from the seed."""
    order = list(range(len(labels)))
    random.Random(seed).shuffle(order)
    kept, seen = [], {}
    for row in order:
        if seen.setdefault(labels[row], 0) < per_class:
            seen[labels[row]] += 1
            kept.append(row)
    return [labels[row] for row in kept], [texts[row] for row in kept]


def accuracy(expected, found):
    return 100 * sum(a == b for a, b in zip(expected, found)) / len(expected)


def choose(candidates, dev, test):
    """The test accuracy of the candidate with the best dev accuracy."""
    best = max(candidates, key=lambda model: accuracy(dev[0], model(dev[1])))
    return accuracy(test[0], best(test[1]))


def fast_text(train, dev, test, folder, seed):
    """lr 0.5, 25 epochs, word bigrams, 300k buckets, with and without sub-words."""
    path = folder / "fasttext.txt"
    lines = (f"__label__{label} {text}" for label, text in zip(*train))
    path.write_text("\n".join(lines) + "\n")
    models = [
        fasttext.train_supervised(
            str(path), lr=0.5, epoch=25, wordNgrams=2, bucket=300_000, minn=minn, maxn=maxn,
            thread=1, verbose=0, seed=seed,
        )
        for minn, maxn in ((0, 0), (3, 6))
    ]

    def classifier(model):
        return lambda texts: [
            # The raw binding: the wrapper breaks with current numpy.
            model.f.predict(text + "\n", 1, 0.0, "strict")[0][1].removeprefix("__label__")
            for text in texts
        ]

    return choose([classifier(model) for model in models], dev, test)


def logistic(train, dev, test):
    """TF-IDF of words and bigrams, logistic regression, C of 1, 10, 100."""
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    matrix = features.fit_transform(train[1])
    models = [LogisticRegression(C=c, max_iter=1000).fit(matrix, train[0]) for c in (1, 10, 100)]
    return choose(
        [lambda texts, m=m: m.predict(features.transform(texts)) for m in models], dev, test)


def machine(train, dev, test):
    """TF-IDF of words, bigrams and character n-grams, linear SVM, C of 0.1 and 1."""
    features = FeatureUnion([
        ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
        ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)),
    ])
    matrix = features.fit_transform(train[1])
    models = [LinearSVC(C=c).fit(matrix, train[0]) for c in (0.1, 1)]
    return choose(
        [lambda texts, m=m: m.predict(features.transform(texts)) for m in models], dev, test)


def elman(trainer, folder, train, dev, test, seed, recipe, is_small):
    """Accuracy, expected calibration error in percent, and seconds of training."""
    paths = {}
    for name, (labels, texts) in (("train", train), ("dev", dev), ("test", test)):
        paths[name] = folder / f"{name}.tsv"
        paths[name].write_text("".join(f"{a}\t{b}\n" for a, b in zip(labels, texts)))
    checkpoint = folder / "model.json"
    command = [trainer, "train", "--data", paths["train"], "--model", "quality", "--out",
               checkpoint, "--recipe", recipe, "--seed", str(seed), "--threads", "1"]
    if not is_small:
        command += ["--dev", paths["dev"]]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.monotonic() - start
    report = json.loads(subprocess.run(
        [trainer, "evaluate", "--checkpoint", checkpoint, "--data", paths["test"], "--json"],
        check=True, capture_output=True).stdout)
    return 100 * report["accuracy"], 100 * report.get("ece", float("nan")), seconds


def mean(values):
    return sum(values) / len(values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trainer")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recipes", default="auto,elman")
    options = parser.parse_args()
    recipes = options.recipes.split(",")
    names = ["fastText", "TF-IDF+LR", "word+char SVM"]
    columns = names + [f"{recipe}" for recipe in recipes]
    print("| task | " + " | ".join(columns) + " | ECE | train s |")
    print("|---" * (len(columns) + 3) + "|")
    for task, per_class in TASKS:
        splits = [read(options.data / task / f"{name}.tsv") for name in ("train", "dev", "test")]
        scores = {name: [] for name in columns}
        errors, seconds = [], []
        for seed in range(1, options.seeds + 1):
            train, dev, test = splits
            if per_class:
                train = sample(*train, per_class, seed)
            # On few rows nobody may choose by a dev set larger than the training data.
            tuning = dev if not per_class else train
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                scores["fastText"].append(fast_text(train, tuning, test, folder, seed))
                if seed == 1 or per_class:
                    scores["TF-IDF+LR"].append(logistic(train, tuning, test))
                    scores["word+char SVM"].append(machine(train, tuning, test))
                for recipe in recipes:
                    figure, ece, time_taken = elman(
                        options.trainer, folder, train, dev, test, seed, recipe, bool(per_class))
                    scores[recipe].append(figure)
                    if recipe == recipes[0]:
                        errors.append(ece)
                        seconds.append(time_taken)
        label = task if not per_class else f"{task}, {per_class} rows a class"
        cells = [f"{mean(scores[name]):.1f}" for name in columns]
        print(f"| {label} | " + " | ".join(cells)
              + f" | {mean(errors):.1f} | {mean(seconds):.1f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())

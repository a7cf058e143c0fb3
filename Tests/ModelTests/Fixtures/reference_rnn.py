#!/usr/bin/env python3
"""An independent implementation of the article's network, in NumPy.

The vanilla RNN of Gavin Hull's "Building a Neural Network Zoo From Scratch" (2022), written again
from its equations, with the transpose that backpropagation through time needs:

    h_t = tanh(W1[x_t] + h_{t-1} W2 + b2)      h_{-1} = 0
    y   = h_T W3 + b3                           p = softmax(y),  loss = -ln p[label]

    reference_rnn.py              writes reference_rnn.json beside this file (deterministic)
    reference_rnn.py --time N     times N epochs of the article's job on mood_58.tsv, one thread

Weights are rounded to float32 before use, and all arithmetic is float64.
"""

import json
import os
import pathlib
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # Before NumPy loads its BLAS.

import numpy as np

FOLDER = pathlib.Path(__file__).parent
NAMES = ("w1", "w2", "b2", "w3", "b3")


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


class RNN:
    def __init__(self, vocabulary, hidden, classes, random, scale=1.0):
        def xavier(rows, columns):
            limit = scale * np.sqrt(6 / (rows + columns))
            return random.uniform(-limit, limit, (rows, columns))

        self.w1 = xavier(vocabulary, hidden)
        self.w2 = xavier(hidden, hidden)
        self.b2 = np.zeros(hidden)
        self.w3 = xavier(hidden, classes)
        self.b3 = np.zeros(classes)

    def round(self):
        for name in NAMES:
            setattr(self, name, getattr(self, name).astype(np.float32).astype(np.float64))

    def forward(self, tokens):
        states = np.zeros((len(tokens) + 1, len(self.b2)))  # states[t + 1] is h_t.
        for t, token in enumerate(tokens):
            states[t + 1] = np.tanh(self.w1[token] + states[t] @ self.w2 + self.b2)
        return states, states[-1] @ self.w3 + self.b3

    def gradients(self, tokens, label):
        states, logits = self.forward(tokens)
        probabilities = softmax(logits)
        d_logits = probabilities.copy()
        d_logits[label] -= 1
        deltas = np.empty((len(tokens), len(self.b2)))
        d_state = self.w3 @ d_logits
        for t in reversed(range(len(tokens))):
            deltas[t] = d_state * (1 - states[t + 1] ** 2)
            d_state = self.w2 @ deltas[t]  # = deltas[t] times the transpose of W2
        d_w1 = np.zeros_like(self.w1)
        np.add.at(d_w1, tokens, deltas)
        gradients = {
            "w1": d_w1,
            "w2": states[:-1].T @ deltas,
            "b2": deltas.sum(axis=0),
            "w3": np.outer(states[-1], d_logits),
            "b3": d_logits,
        }
        return -np.log(probabilities[label]), gradients

    def step(self, tokens, label, rate):
        loss, gradients = self.gradients(tokens, label)
        clipped = 0
        for name in NAMES:
            gradient = gradients[name]
            clipped += int((np.abs(gradient) > 1).sum())
            getattr(self, name)[...] -= rate * np.clip(gradient, -1, 1)
        return loss, clipped


def single(array):
    """Weights: the shortest decimal that reads back to the same float32."""
    return [float(str(value)) for value in array.astype(np.float32).ravel()]


def rounded(array):
    return [float(f"{value:.9g}") for value in np.asarray(array).ravel()]


def weights(network):
    return {name: single(getattr(network, name)) for name in NAMES}


def random_texts(random, count, vocabulary, longest):
    lengths = random.integers(1, longest + 1, count)
    return [random.integers(0, vocabulary, length).tolist() for length in lengths]


def shape(network):
    return {
        "vocabulary_size": len(network.w1),
        "hidden_size": len(network.b2),
        "class_count": len(network.b3),
    }


def forward_case(random, vocabulary, hidden, classes, count, scale):
    network = RNN(vocabulary, hidden, classes, random, scale)
    network.b2 = random.normal(0, 0.2, hidden)
    network.b3 = random.normal(0, 0.2, classes)
    network.round()
    texts = random_texts(random, count, vocabulary, 14)
    probabilities = [softmax(network.forward(tokens)[1]) for tokens in texts]
    return shape(network) | {
        "weights": weights(network),
        "texts": texts,
        "probabilities": [[float(f"{p:.7f}") for p in row] for row in probabilities],
    }


def gradient_case(random, vocabulary, hidden, classes, count, scale):
    network = RNN(vocabulary, hidden, classes, random, scale)
    network.b2 = random.normal(0, 0.2, hidden)
    network.round()
    cases = []
    for tokens in random_texts(random, count, vocabulary, 9):
        tokens = tokens + tokens[:1]  # A repeated word: its gradients add up.
        label = int(random.integers(classes))
        loss, gradients = network.gradients(tokens, label)
        cases.append(
            {
                "tokens": tokens,
                "label": label,
                "loss": float(loss),
                "gradients": {name: rounded(gradients[name]) for name in NAMES},
            }
        )
    return shape(network) | {"weights": weights(network), "cases": cases}


def training_case(random, vocabulary, hidden, classes, count, rate, scale):
    """Ten epochs, one text at a time in the given order, no shuffling."""
    network = RNN(vocabulary, hidden, classes, random, scale)
    network.round()
    start = weights(network)
    texts = random_texts(random, count, vocabulary, 8)
    labels = random.integers(0, classes, count).tolist()
    losses, clipped = [], 0
    for _ in range(10):
        for tokens, label in zip(texts, labels):
            loss, cut = network.step(tokens, label, rate)
            losses.append(float(loss))
            clipped += cut
    return shape(network) | {
        "learning_rate": rate,
        "weights": start,
        "texts": texts,
        "labels": labels,
        "first_ten_losses": rounded(losses[:10]),
        "epoch_losses": rounded(np.reshape(losses, (10, count)).mean(axis=1)),
        "clipped_elements": clipped,
        "weights_after": weights(network),
    }


def write_fixture():
    random = np.random.default_rng(20_221_101)
    fixture = {
        "forward": [
            forward_case(random, 60, 64, 2, 700, 1.5),
            forward_case(random, 25, 7, 5, 200, 2.0),
            forward_case(random, 20, 33, 19, 100, 1.5),
        ],
        "gradients": [
            gradient_case(random, 6, 5, 3, 4, 1.5),
            gradient_case(random, 6, 17, 2, 3, 1.5),
        ],
        "training": [
            training_case(random, 12, 9, 2, 12, 0.02, 1.0),
            training_case(random, 10, 16, 3, 15, 0.1, 3.0),  # Large weights: clipping is active.
        ],
    }
    text = json.dumps(fixture, separators=(",", ":"))
    (FOLDER / "reference_rnn.json").write_text(text.replace('],"', '],\n"') + "\n")


def time_article(epochs):
    rows = [line.split("\t") for line in (FOLDER / "mood_58.tsv").read_text().splitlines()]
    words = sorted({word for _, text in rows for word in text.split()})
    labels = sorted({label for label, _ in rows})
    examples = [
        ([words.index(word) for word in text.split()], labels.index(label)) for label, text in rows
    ]
    network = RNN(len(words), 64, len(labels), np.random.default_rng(1))
    start = time.perf_counter()
    for _ in range(epochs):
        losses = [network.step(tokens, label, 0.02)[0] for tokens, label in examples]
    seconds = time.perf_counter() - start
    right = sum(int(network.forward(tokens)[1].argmax()) == label for tokens, label in examples)
    print(
        json.dumps(
            {
                "sentences": len(examples),
                "epochs": epochs,
                "seconds": round(seconds, 3),
                "microseconds_per_step": round(seconds / epochs / len(examples) * 1e6, 2),
                "last_loss": float(np.mean(losses)),
                "accuracy": right / len(examples),
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--time"]:
        time_article(int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
    else:
        write_fixture()

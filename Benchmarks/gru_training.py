"""Training time of the same bidirectional GRU in PyTorch and in Elman, side by side on one thread.

Needs torch and numpy. Usage: gru_training.py TRAINER DATA_DIRECTORY [--epochs 2]
DATA_DIRECTORY holds train.tsv and dev.tsv (label, tab, text).
Sizes: E = H = 48, sub-words of 3 to 5 characters, attention,
maximum and mean-of-inputs pooling, dropout, Adam, batches of 16.
"""

import argparse
import collections
import pathlib
import re
import subprocess
import tempfile
import time

import torch

WIDTH = 48


def read(path):
    rows = [line.split("\t", 1) for line in path.read_text().splitlines() if line]
    token = re.compile(r"\w+'\w+|\w+|[^\w\s]")
    return [label for label, _ in rows], [token.findall(text.lower()) for _, text in rows]


def ngrams(word):
    marked = f"<{word}>"
    sizes = [n for n in (3, 4, 5) if n < len(marked)]
    return [marked[i:i + n] for n in sizes for i in range(len(marked) - n + 1)]


class Network(torch.nn.Module):
    def __init__(self, words, subwords, classes):
        super().__init__()
        self.words = torch.nn.Embedding(words, WIDTH, sparse=True)
        self.subwords = torch.nn.EmbeddingBag(subwords, WIDTH, mode="mean", sparse=True)
        self.gru = torch.nn.GRU(WIDTH, WIDTH, bidirectional=True, batch_first=True)
        self.query = torch.nn.Linear(2 * WIDTH, 1, bias=False)
        self.output = torch.nn.Linear(5 * WIDTH, classes)
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, words, pieces, starts, lengths):
        mask = (torch.arange(words.shape[1])[None] < lengths[:, None])
        x = self.words(words) + self.subwords(pieces, starts).view(*words.shape, WIDTH)
        x = self.drop(x)
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = torch.nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        hidden = ~mask[:, :, None]
        weights = self.query(states).masked_fill(hidden, -1e9).softmax(1)
        pooled = torch.cat([
            (weights * states).sum(1), states.masked_fill(hidden, -1e9).max(1).values,
            x.masked_fill(hidden, 0).sum(1) / lengths[:, None]], 1)
        return self.output(self.drop(pooled))


def torch_seconds(labels, texts, epochs):
    names = {name: index for index, name in enumerate(sorted(set(labels)))}
    counts = collections.Counter(word for text in texts for word in text)
    words = {word: index + 1 for index, word in enumerate(w for w in counts if counts[w] > 1)}
    spread = collections.Counter(piece for word in counts for piece in set(ngrams(word)))
    common = enumerate(spread.most_common(8000))
    pieces = {piece: index for index, (piece, count) in common if count > 2}
    known = {word: [pieces[piece] for piece in ngrams(word) if piece in pieces] for word in counts}
    torch.manual_seed(1)
    network = Network(len(words) + 1, len(pieces), len(names))
    sparse = [network.words.weight, network.subwords.weight]
    dense = [p for p in network.parameters() if all(p is not q for q in sparse)]
    optimizers = [torch.optim.Adam(dense, lr=0.003), torch.optim.SparseAdam(sparse, lr=0.003)]
    start = time.monotonic()
    for _ in range(epochs):
        order = torch.randperm(len(texts)).tolist()
        for first in range(0, len(order), 16):
            batch = order[first:first + 16]
            longest = max(len(texts[row]) for row in batch)
            ids, flat, starts = [], [], []
            for row in batch:
                padded = texts[row] + [""] * (longest - len(texts[row]))
                ids.append([words.get(word, 0) for word in padded])
                for word in padded:
                    starts.append(len(flat))
                    flat += known.get(word, [])
            logits = network(torch.tensor(ids), torch.tensor(flat), torch.tensor(starts),
                             torch.tensor([len(texts[row]) for row in batch]))
            expected = torch.tensor([names[labels[row]] for row in batch])
            loss = torch.nn.functional.cross_entropy(logits, expected)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
    return time.monotonic() - start


def elman_seconds(trainer, folder, epochs):
    """Two runs of different length: the difference is epochs alone, no reading and scoring."""
    times = []
    with tempfile.TemporaryDirectory() as output:
        for count in (1, 1 + epochs):
            start = time.monotonic()
            subprocess.run(
                [trainer, "train", "--data", folder / "train.tsv", "--dev", folder / "dev.tsv",
                 "--model", "gru", "--out",
                 f"{output}/gru.json", "--recipe", "gru", "--threads", "1", "--epochs", str(count)],
                check=True, capture_output=True)
            times.append(time.monotonic() - start)
    return times[1] - times[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trainer")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    labels, texts = read(options.data / "train.tsv")
    batches = (len(texts) + 15) // 16 * options.epochs
    ours, theirs = [], []
    for _ in range(3):
        theirs.append(1000 * torch_seconds(labels, texts, options.epochs) / batches)
        ours.append(1000 * elman_seconds(options.trainer, options.data, options.epochs) / batches)
    print(f"PyTorch {torch.__version__}: {min(theirs):.2f} ms per batch of 16")
    print(f"Elman, with the scoring of dev rows: {min(ours):.2f} ms, "
          f"{min(theirs) / min(ours):.1f} times as fast")


if __name__ == "__main__":
    main()

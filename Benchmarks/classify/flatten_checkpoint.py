"""Writes a checkpoint as the flat text that plain_server.c reads.

Sizes, labels, words, w1 w2 b2 w3 b3.
"""

import json
import sys

checkpoint = json.load(open(sys.argv[1], encoding="utf-8"))
tensors = checkpoint["tensors"]
labels, words = checkpoint["labels"], checkpoint["vocabulary"]
print(tensors["b2"]["shape"][-1], len(labels), len(words))
print(*labels, *words, sep="\n")
for name in ("w1", "w2", "b2", "w3", "b3"):
    print(*tensors[name]["values"], sep="\n")

#!/usr/bin/env bash
# Texts per second of `trainer predict` beside `fasttext predict-prob` with a tuned sub-word model,
# in alternating rounds: whole commands, so start and loading of the model count, and with the texts
# ten times over, where they hardly do.
# usage: predict.sh DATA [ROUNDS]; DATA holds train.tsv, dev.tsv and test.tsv (label, tab, text).
# Needs a release build and fastText's program (Debian's package fasttext; FASTTEXT names another).
# Prints Markdown rows.
set -euo pipefail
data=$(realpath "$1") rounds=${2:-7} fasttext=${FASTTEXT:-fasttext}
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cut -f2 "$data/test.tsv" >"$work/texts"
for _ in {1..10}; do cat "$work/texts"; done >"$work/texts-tenfold"
sed 's/^\([^\t]*\)\t/__label__\1 /' "$data/train.tsv" >"$work/train"
"$fasttext" supervised -input "$work/train" -output "$work/fasttext" -lr 0.5 -epoch 25 \
    -wordNgrams 2 -bucket 300000 \
    -minn 3 -maxn 6 -thread 1 -verbose 0
.build/release/trainer train --data "$data/train.tsv" --dev "$data/dev.tsv" --model predict \
    --out "$work/elman.json" \
    --threads 1 >"$work/log" 2>&1

python3 - "$work" "$rounds" "$fasttext" <<'PYTHON'
import os, statistics, subprocess, sys, time
work, rounds, fasttext = sys.argv[1], int(sys.argv[2]), sys.argv[3]
commands = {
    "Elman": [".build/release/trainer", "predict", "--checkpoint", f"{work}/elman.json"],
    "fastText": [fasttext, "predict-prob", f"{work}/fasttext.bin"],
}
files = {"once": f"{work}/texts", "tenfold": f"{work}/texts-tenfold"}
counts = {name: sum(1 for _ in open(path)) for name, path in files.items()}
taken = {(file, name): [] for file in files for name in commands}
for _ in range(rounds):
    for file, path in files.items():
        for name, command in commands.items():
            before, start = os.times(), time.monotonic()
            subprocess.run(command + [path], check=True, stdout=subprocess.DEVNULL)
            wall, after = time.monotonic() - start, os.times()
            cpu = after.children_user + after.children_system
            cpu -= before.children_user + before.children_system
            taken[file, name].append((wall, cpu))
print("| | Elman | fastText | ratio (bar: at least 1) |")
print("|---|---|---|---|")
for file, count in counts.items():
    for index, unit in enumerate(("second", "second of CPU")):
        speed = {
            name: count / statistics.median(row[index] for row in taken[file, name])
            for name in commands
        }
        print(f"| {count:,} texts, per {unit} | {speed['Elman']:,.0f} | {speed['fastText']:,.0f} "
              f"| **{speed['Elman'] / speed['fastText']:.2f}** |")
PYTHON

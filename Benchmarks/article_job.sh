#!/usr/bin/env bash
# The article's job (58 sentences, hidden size 64, 1000 epochs, one thread): trainer against the
# same mathematics in NumPy. The trainer's time is that of the whole process, which also reads,
# checks, evaluates and writes; NumPy's is its loop alone.
set -euo pipefail
cd "$(dirname "$0")/.."

trainer=${1:-.build/release/trainer}
[[ -x $trainer ]] || swift build --configuration release --product trainer >&2
python=python3
if ! python3 -c 'import numpy' 2>/dev/null; then
    python=.venv/bin/python
    [[ -x $python ]] || { python3 -m venv .venv && .venv/bin/pip install -q numpy; } >&2
fi
fixtures=Tests/ModelTests/Fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

numpy=$("$python" $fixtures/reference_rnn.py --time 1000)
times=()
for run in 1 2 3 4 5; do
    start=$(date +%s%N)
    "$trainer" train --data $fixtures/mood_58.tsv --model mood --out "$work/mood.json" --json \
        >"$work/result" 2>"$work/log"
    times+=($((($(date +%s%N) - start) / 1000)))
done
ours=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 3p)

"$python" - "$numpy" "$ours" "$(<"$work/result")" <<'END'
import json, sys
numpy, ours, result = json.loads(sys.argv[1]), int(sys.argv[2]) / 1e6, json.loads(sys.argv[3])
print(f"article job: {numpy['sentences']} sentences, hidden size 64, {numpy['epochs']} epochs, "
      "one thread")
print(f"NumPy    {numpy['seconds']:8.3f} s   training accuracy {numpy['accuracy']:.3f}")
accuracy = result["train"]["accuracy"]
print(f"trainer  {ours:8.3f} s   training accuracy {accuracy:.3f}   (median of 5)")
print(f"ratio    {numpy['seconds'] / ours:8.1f}")
END

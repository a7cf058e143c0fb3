#!/usr/bin/env bash
# Throughput of `POST /classify` against a plain-C libmicrohttpd server that does the same work, in
# alternating rounds.
# usage: run.sh [SECONDS-PER-RUN [ROUNDS]]
# Needs wrk, gcc, python3 and a release build. Prints Markdown rows.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-5} rounds=${2:-5} model=models/mood.json
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
freePorts='
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*[each.getsockname()[1] for each in sockets])'
read -r plainPort ourPort adminPort <<<"$(python3 -c "$freePorts")"
# gcc makes the faster yardstick; clang's was 18 % slower.
gcc -O3 -march=native -Wall -Wextra Benchmarks/classify/plain_server.c -lmicrohttpd -lm \
    -o "$work/plain"
python3 Benchmarks/classify/flatten_checkpoint.py "$model" >"$work/model.txt"
.build/release/server --port "$ourPort" --admin-port "$adminPort" --models models \
    --state "$work/state" \
    --default-model mood >"$work/log" 2>&1 &
ours=$!
curl -s --retry 50 --retry-connrefused --retry-delay 1 \
    -o /dev/null "http://127.0.0.1:$ourPort/readyz"
threads=$(cat /proc/$ours/task/*/comm | grep -c MHD-worker)
"$work/plain" "$work/model.txt" "$plainPort" "$threads" &
plain=$!
text='{"text":"I am not very happy right now and this is not good"}'
for port in $plainPort $ourPort; do
    curl -s --retry 50 --retry-connrefused --retry-delay 1 "http://127.0.0.1:$port/classify" \
        -H 'Content-Type: application/json' -d "$text" >"$work/answer-$port"
done
python3 - "$work/answer-$plainPort" "$work/answer-$ourPort" <<'PYTHON'
import json, sys
plain, ours = (json.load(open(path)) for path in sys.argv[1:])
assert plain["label"] == ours["label"], (plain, ours)
scores = [(plain["scores"][label], ours["scores"][label]) for label in plain["scores"]]
assert all(abs(theirs - own) < 1e-5 for theirs, own in scores), (plain, ours)
PYTHON

cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.body = '$text'
wrk.headers["Content-Type"] = "application/json"
done = function(summary, latency)
    local failed = summary.errors.status + summary.errors.connect + summary.errors.read
        + summary.errors.timeout
    io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), failed))
end
LUA
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
measure() {  # name pid port seconds: one line "name requests/s p50 p99 failed cpu-µs-per-request"
    local before after result
    before=$(ticks "$2")
    result=$(wrk -t1 -c16 -d"$4s" -s "$work/post.lua" "http://127.0.0.1:$3/classify" \
        | sed -n 's/^RESULT //p')
    after=$(ticks "$2")
    awk -v name="$1" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" \
        '{ print name, $1 / $2 * 1e6, $3, $4, $5, ticks / hertz * 1e6 / $1 }' <<<"$result"
}
measure plain $plain $plainPort 1 >/dev/null
measure ours $ours $ourPort 1 >/dev/null
for ((round = 1; round <= rounds; round++)); do
    measure plain $plain $plainPort "$seconds"
    measure ours $ours $ourPort "$seconds"
done | tee "$work/rounds" >&2

python3 - "$work/rounds" <<'PYTHON'
import statistics, sys
rows = [line.split() for line in open(sys.argv[1])]
def median(name, column):
    return statistics.median(float(row[column]) for row in rows if row[0] == name)
assert not any(int(row[4]) for row in rows), "some requests failed"
ratio = median("ours", 1) / median("plain", 1)
pairs = [float(ours[1]) / float(plain[1]) for plain, ours in zip(rows[::2], rows[1::2])]
print("| `POST /classify`, 13 words, 16 connections | Elman | plain C |")
print("|---|---|---|")
print(f"| requests per second (median) | {median('ours', 1):,.0f} | {median('plain', 1):,.0f} |")
print(f"| p50, p99 (µs) | {median('ours', 2):.0f}, {median('ours', 3):.0f} "
      f"| {median('plain', 2):.0f}, {median('plain', 3):.0f} |")
print(f"| server CPU per request (µs) | {median('ours', 5):.1f} | {median('plain', 5):.1f} |")
print(f"| ratio of the medians (bar: at least 0.9); per round {min(pairs):.2f} to {max(pairs):.2f} "
      f"| **{ratio:.2f}** | 1 |")
PYTHON

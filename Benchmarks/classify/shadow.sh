#!/usr/bin/env bash
# Latency of `POST /classify` with a version in shadow against none, in alternating rounds.
# usage: shadow.sh [SECONDS-PER-RUN [ROUNDS [SHARE]]]
# Needs wrk, jq, python3 and a release build. Prints Markdown rows.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-2} rounds=${2:-9} share=${3:-0.2} model=retail-banking
server=${SERVER:-.build/release/server}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
"$server" --port 0 --admin-port off --models models --state "$work/state" --trainer off \
    --log-format json 2>"$work/log" &
pid=$!
port=
for _ in {1..100}; do
    port=$(sed -n 's/.*"event":"listening".*"port":"\([0-9]*\)".*/\1/p' "$work/log")
    [[ -z $port ]] || break
    sleep 0.1
done
at=http://127.0.0.1:$port
curl -s --retry 50 --retry-all-errors --retry-delay 1 -o /dev/null --fail "$at/readyz"
# The same network under another digest.
python3 - "models/$model.json" >"$work/other.json" <<'PYTHON'
import hashlib, sys
head = b" " + open(sys.argv[1], "rb").read().rpartition(b',\n"sha256":"')[0]
digest = hashlib.sha256(head).hexdigest()
sys.stdout.buffer.write(head + b',\n"sha256":"' + digest.encode() + b'"\n}\n')
PYTHON
version=$(curl -s "$at/models/$model/versions" -H 'Content-Type: application/json' \
    --data-binary "@$work/other.json" | jq .version)
cat - Benchmarks/classify/report.lua >"$work/post.lua" <<'LUA'
local texts = {"where is my card", "why was I charged twice for one payment", "I lost my phone",
    "how do I change my PIN", "my transfer has not arrived yet and it is urgent", "exchange rate"}
local place, pause = 0, tonumber(os.getenv("PAUSE_MS")) or 0
-- Between half and one and a half of the pause, so that connections do not march in step.
if pause > 0 then delay = function() return pause / 2 + math.random(0, pause) end end
request = function()
    place = place % #texts + 1
    return wrk.format("POST", "/classify", {["Content-Type"] = "application/json"},
        '{"top_k":3,"text":"' .. texts[place] .. '"}')
end
LUA
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
measure() { # name connections [pause-ms]: "name load requests/s p50 p99 failed cpu-µs"
    local before result load="$2"
    [[ -z ${3:-} ]] || load="$2-paced"
    before=$(ticks)
    result=$(PAUSE_MS=${3:-0} wrk -t1 -c"$2" -d"${seconds}s" -s "$work/post.lua" "$at" \
        | sed -n 's/^RESULT //p')
    awk -v name="$1 $load" -v ticks=$(($(ticks) - before)) -v hertz="$(getconf CLK_TCK)" \
        '{ print name, $1 / $2 * 1e6, $3, $4, $5, ticks / hertz * 1e6 / $1 }' <<<"$result"
}
put() {
    curl -sf -X PUT "$at/models/$model/shadow" -H 'Content-Type: application/json' \
        -d "{\"version\": $version, \"share\": $share}" >/dev/null
}
measure warm-up 4 >/dev/null
for ((round = 1; round <= rounds; round++)); do
    for load in 1 16 "16 32"; do # The last wants 500 requests a second.
        read -r connections pause <<<"$load"
        measure off "$connections" "$pause"
        put
        measure on "$connections" "$pause"
        curl -s "$at/models/$model/shadow" | jq -r '"shadow \(.total) \(.dropped)"'
        curl -sf -X DELETE "$at/models/$model/shadow"
    done
done | tee "$work/rounds" >&2

python3 - "$work/rounds" "$share" <<'PYTHON'
import statistics, sys
rows, asked, dropped = {}, 0, 0
for line in open(sys.argv[1]):
    name, *figures = line.split()
    if name == "shadow":
        asked, dropped = asked + int(figures[0]), dropped + int(figures[1])
        continue
    rows.setdefault((name, figures[0]), []).append([float(each) for each in figures[1:]])
assert not any(row[3] for several in rows.values() for row in several), "some requests failed"
print(f"| shadow, share {sys.argv[2]} | requests a second | p50, p99 (µs) | CPU a request (µs) |")
print("|---|---|---|---|")
for (name, connections), several in sorted(rows.items(), key=lambda item: item[0][1]):
    rate, middle, late, _, cpu = (statistics.median(column) for column in zip(*several))
    print(f"| {name}, {connections} connections | {rate:,.0f} | {middle:.0f}, {late:.0f} "
          f"| {cpu:.1f} |")
for connections in sorted({key[1] for key in rows}):
    pairs = list(zip(rows["on", connections], rows["off", connections]))
    ratios = {name: statistics.median(on[column] / off[column] for on, off in pairs)
              for name, column in (("p50", 1), ("p99", 2), ("CPU", 4))}
    print(f"\n{connections} connections, on against off, median of the pairs: "
          + ", ".join(f"{name} {ratio:.3f}" for name, ratio in ratios.items()))
print(f"\nThe shadow was asked {asked:,} texts; {dropped:,} were dropped.")
PYTHON

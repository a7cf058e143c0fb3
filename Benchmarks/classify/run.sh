#!/usr/bin/env bash
# Throughput of `POST /classify` in alternating rounds, against a plain-C libmicrohttpd server that
# does the same work and against nginx, which answers a constant of the same size.
# usage: run.sh [SECONDS-PER-RUN [ROUNDS]]
# Needs wrk, nginx, gcc, python3 and a release build. Prints Markdown rows.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-3} rounds=${2:-7} model=models/mood.json
server=${SERVER:-.build/release/server}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
freePorts='
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*[each.getsockname()[1] for each in sockets])'
read -r plainPort ourPort adminPort nginxPort <<<"$(python3 -c "$freePorts")"
threads=$(nproc)
((threads > 1)) || threads=2
# gcc makes the faster yardstick; clang's was 18 % slower.
gcc -O3 -march=native -Wall -Wextra Benchmarks/classify/plain_server.c -lmicrohttpd -lm \
    -o "$work/plain"
python3 Benchmarks/classify/flatten_checkpoint.py "$model" >"$work/model.txt"
"$server" --port "$ourPort" --admin-port "$adminPort" --models models --threads "$threads" \
    --state "$work/state" --default-model mood >"$work/log" 2>&1 &
ours=$!
"$work/plain" "$work/model.txt" "$plainPort" "$threads" &
plain=$!
curl -s --retry 50 --retry-connrefused --retry-delay 1 \
    -o /dev/null "http://127.0.0.1:$ourPort/readyz"
text='{"text":"I am not very happy right now and this is not good"}'
ask() { # port file
    curl -s --retry 50 --retry-connrefused --retry-delay 1 "http://127.0.0.1:$1/classify" \
        -H 'Content-Type: application/json' -d "$text" >"$2"
}
ask "$plainPort" "$work/answer-plain"
ask "$ourPort" "$work/answer-ours"
python3 - "$work/answer-plain" "$work/answer-ours" <<'PYTHON'
import json, sys
plain, ours = (json.load(open(path)) for path in sys.argv[1:])
assert plain["label"] == ours["label"], (plain, ours)
scores = [(plain["scores"][label], ours["scores"][label]) for label in plain["scores"]]
assert all(abs(theirs - own) < 1e-5 for theirs, own in scores), (plain, ours)
PYTHON
cat >"$work/nginx.conf" <<CONF
daemon off;
worker_processes $threads;
pid $work/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $work/nginx-body;
    proxy_temp_path $work/nginx-proxy;
    fastcgi_temp_path $work/nginx-fastcgi;
    uwsgi_temp_path $work/nginx-uwsgi;
    scgi_temp_path $work/nginx-scgi;
    default_type application/json;
    server {
        listen 127.0.0.1:$nginxPort backlog=4096;
        location / { return 200 '$(<"$work/answer-ours")'; }
    }
}
CONF
nginx -c "$work/nginx.conf" -p "$work" -e "$work/nginx.log" &
nginx=$!
ask "$nginxPort" "$work/answer-nginx"
cmp "$work/answer-ours" "$work/answer-nginx"

cat - Benchmarks/classify/report.lua >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.body = '$text'
wrk.headers["Content-Type"] = "application/json"
LUA
ticks() { # of a process and its children
    local pid files=("/proc/$1/stat")
    for pid in $(cat "/proc/$1/task/"*/children); do files+=("/proc/$pid/stat"); done
    awk '{ sum += $14 + $15 } END { print sum }' "${files[@]}"
}
measure() { # name connections seconds: "name connections requests/s p50 p99 failed cpu-µs"
    local before after result pid=${!1} port="${1}Port"
    before=$(ticks "$pid")
    result=$(wrk -t1 -c"$2" -d"$3s" -s "$work/post.lua" "http://127.0.0.1:${!port}/classify" \
        | sed -n 's/^RESULT //p')
    after=$(ticks "$pid")
    awk -v name="$1 $2" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" \
        '{ print name, $1 / $2 * 1e6, $3, $4, $5, ticks / hertz * 1e6 / $1 }' <<<"$result"
}
oursPort=$ourPort
for name in plain ours nginx; do measure "$name" 16 1 >/dev/null; done
for ((round = 1; round <= rounds; round++)); do
    for name in plain nginx ours; do measure "$name" 16 "$seconds"; done
    for connections in 256 1000; do
        for name in nginx ours; do measure "$name" "$connections" "$seconds"; done
    done
done | tee "$work/rounds" >&2

python3 - "$work/rounds" <<'PYTHON'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    name, connections, *figures = line.split()
    rows.setdefault((name, int(connections)), []).append([float(each) for each in figures])
assert not any(row[3] for several in rows.values() for row in several), "some requests failed"
def median(name, connections, column):
    return statistics.median(row[column] for row in rows[name, connections])
def ratio(connections, other, column=0, of="ours"):
    return median(of, connections, column) / median(other, connections, column)
def spread(connections, other):
    pairs = [our[0] / their[0]
             for our, their in zip(rows["ours", connections], rows[other, connections])]
    return f"{min(pairs):.2f} to {max(pairs):.2f}"
print("| `POST /classify`, 13 words | requests a second | p50, p99 (µs) | CPU a request (µs) |")
print("|---|---|---|---|")
for (name, connections) in sorted(rows, key=lambda key: (key[1], key[0])):
    rate, middle, late, _, cpu = (median(name, connections, column) for column in range(5))
    label = {"ours": "Elman", "plain": "plain C", "nginx": "nginx, a constant"}[name]
    print(f"| {label}, {connections} connections | {rate:,.0f} | {middle:.0f}, {late:.0f} "
          f"| {cpu:.1f} |")
thousand = median("ours", 1000, 0) / median("ours", 16, 0)
print("\n| ratio of the medians | measured | per round | bar |")
print("|---|---|---|---|")
print(f"| throughput against plain C, 16 connections | {ratio(16, 'plain'):.2f} "
      f"| {spread(16, 'plain')} | 1.05 |")
for connections, bar in (16, 0.72), (256, 0.70), (1000, 0.70):
    print(f"| throughput against nginx, {connections} connections "
          f"| {ratio(connections, 'nginx'):.2f} | {spread(connections, 'nginx')} | {bar:.2f} |")
for connections in 256, 1000:
    print(f"| p99 against nginx, {connections} connections "
          f"| {ratio(connections, 'nginx', 2):.2f} | | at most 2 |")
print(f"| throughput at 1,000 connections against 16 | {thousand:.2f} | | 0.85 |")
print(f"| CPU a request against plain C | {ratio(16, 'plain', 4):.2f} | | at most 1.00 |")
PYTHON

#!/usr/bin/env bash
# Trains a model, classifies, corrects and trains again. usage: elman.sh [URL]
set -euo pipefail

url=${1:-http://localhost:8080}
rows=$(cat "$(dirname "$0")/rows.json")

# Posts JSON and prints the answer; stops with what the service says of an error.
post() { # path, body
    local answer status
    answer=$(curl -sS -w '\n%{http_code}' "$url$1" -H 'Content-Type: application/json' \
        -H 'Prefer: wait=60' -d "$2")
    status=${answer##*$'\n'} answer=${answer%$'\n'*}
    ((status < 300)) || { echo "$1: $answer" >&2; exit 1; }
    echo "$answer"
}

# Prints the first member of that name in an answer.
member() { # name
    grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d : -f 2 | tr -d '"'
}

train() { # members of the request beside the model
    echo "training $(post /train "{\"model\": \"desk\", $1}" | member state)"
}

classify() { # text
    echo "$1: $(post /classify "{\"model\": \"desk\", \"text\": \"$1\"}" | member label)"
}

train "\"replace\": true, \"examples\": $rows"
classify "a crash when I log in"
correction='{"model": "desk", "text": "where is my parcel", "label": "shipping"}'
echo "corrected, $(post /feedback "$correction" | member total) rows"
train '"extend": true'
classify "where is my parcel"

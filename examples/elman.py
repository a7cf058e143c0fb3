"""Trains a model, classifies, corrects and trains again. usage: elman.py [URL]"""
import json
import pathlib
import sys
import urllib.error
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"
ROWS = json.loads(pathlib.Path(__file__).with_name("rows.json").read_text())


def post(path, body):
    """The answer to a JSON body; ends the program with what the service says of an error."""
    fields = {"Content-Type": "application/json", "Prefer": "wait=60"}
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), fields)
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        sys.exit(f"{path}: {json.load(error)['detail']}")


def train(**members):
    """Waits for the end of a job, 60 seconds at most."""
    print("training", post("/train", {"model": "desk", **members})["state"])


def classify(text):
    print(f"{text}: {post('/classify', {'model': 'desk', 'text': text})['label']}")


train(examples=ROWS, replace=True)
classify("a crash when I log in")
correction = {"model": "desk", "text": "where is my parcel", "label": "shipping"}
print(f"corrected, {post('/feedback', correction)['total']} rows")
train(extend=True)
classify("where is my parcel")

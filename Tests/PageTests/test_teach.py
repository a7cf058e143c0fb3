"""Teach: rows come in, are corrected, and become a version."""
import gzip
import json
import random

import pytest
from playwright.sync_api import expect

from conftest import DESK, Server, Visit, axe_faults, overflow

CSV = "label,text\n" + "".join(f"{label},{text}\n" for label, text in DESK)


def paste(page, text):
    page.get_by_label("Paste or drop").fill(text)


def model_field(page):
    return page.get_by_role("textbox", name="Model")


def columns(page):
    return [
        page.get_by_label(name).locator("option:checked").inner_text()
        for name in ("Labels are in", "Texts are in")
    ]


def test_teaches_and_tries(visit, server):
    """From pasted rows to an answer, with the report in the page."""
    page = visit.open("#/teach/mood")
    paste(page, CSV)
    model_field(page).fill("helpdesk")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Version 1 is live")).to_be_visible(timeout=60000)
    frame = page.frame_locator("iframe.report")
    expect(frame.get_by_role("heading", name="Training report of helpdesk")).to_be_visible()
    expect(page.locator(".run .chart polyline")).to_have_count(1)
    assert axe_faults(page) == []
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("a crash when I log in")
    expect(page.locator(".answer .label")).to_have_text("bug")


@pytest.mark.parametrize("text, names, rows", [
    (CSV, ["label", "text"], 8),
    ("text\tlabel\nmy card\ta\nyour card\tb\n", ["label", "text"], 2),
    ("sep=;\nreview;stars;sentiment\n\"a; \"\"b\"\"\nc\";5;good\nd;1;bad\n",
     ["sentiment", "review"], 2),
    ("glad,what a fine day\ngrumpy,nothing works\n", ["column 1", "column 2"], 2),
    ("what a fine day it is,glad\nnothing works at all,grumpy\nso fine a day,glad\n",
     ["column 2", "column 1"], 3),
    ('{"intent":"a","utterance":"x y"}\n{"utterance":"z","intent":["b"]}\n',
     ["intent", "utterance"], 2),
    ('[{"text":"x","label":1},{"text":"y","label":2}]', ["label", "text"], 2),
    ("__label__a x y\n__label__b z\n", ["label", "text"], 2),
])
def test_recognises(visit, text, names, rows):
    """Formats and columns are recognised, and shown before anything is sent."""
    page = visit.open("#/teach/mood")
    paste(page, text)
    expect(page.get_by_text(f": {rows} rows")).to_be_visible()
    assert columns(page) == names


def test_corrects(visit):
    """What was understood wrongly is put right by hand, and bad rows are named by line."""
    page = visit.open("#/teach/mood")
    paste(page, "name,what\na,one two\nb,three four\n,five\nb,\n")
    expect(page.get_by_text("line 4: there is no label")).to_be_visible()
    expect(page.get_by_text("line 5: there is no text")).to_be_visible()
    page.get_by_role("button", name="Swap").click()
    assert columns(page) == ["column 2", "column 1"]
    page.get_by_label("The first row names the columns").check()
    assert columns(page) == ["name", "what"] or columns(page) == ["what", "name"]


def test_types_rows(visit):
    """Rows are typed with the keyboard alone."""
    page = visit.open("#/teach/mood")
    model_field(page).fill("typed")
    page.get_by_label("Label", exact=True).focus()
    for label, text in [("sunny", "no cloud at all"), ("rainy", "take an umbrella")]:
        page.get_by_label("Label", exact=True).fill(label)
        page.keyboard.press("Tab")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.get_by_text("2 rows, 2 labels")).to_be_visible()
    page.get_by_role("button", name="Remove take an umbrella").click()
    expect(page.get_by_text("There must be two labels at least.")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_be_disabled()


def test_refused_rows(visit):
    """What the server refuses is told by the line that it came from."""
    visit.expect_fault("422")
    page = visit.open("#/teach/mood")
    model_field(page).fill("refused")
    paste(page, "label,text\na,one\nb\u202e,two\n")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert").filter(has_text="Line 3")).to_be_visible()


@pytest.mark.parametrize("content, note", [
    (gzip.compress(CSV.encode()), "gzip"), (CSV.encode("utf-16"), "UTF-16"),
    (CSV.replace("wrong", "fals\u00e9").encode("cp1252"), "Windows-1252"),
])
def test_files(visit, tmp_path, content, note):
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    page = visit.open("#/teach/mood")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(page.get_by_text(": 8 rows")).to_be_visible()
    expect(page.locator(".drop")).to_contain_text(note)


def test_large_file(visit, tmp_path):
    """100,000 rows of 150 labels are read and shown within seconds."""
    words = "card money app login error refund parcel late payment invoice".split()
    draw = random.Random(1)
    lines = [f"label{n % 150},{' '.join(draw.choices(words, k=9))}" for n in range(100000)]
    file = tmp_path / "large.csv"
    file.write_text("label,text\n" + "\n".join(lines))
    page = visit.open("#/teach/mood")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(page.get_by_text(": 100,000 rows")).to_be_visible(timeout=5000)
    expect(page.get_by_text("and 138 other labels.")).to_be_visible()
    assert overflow(page) <= 0


def test_candidate_and_other_thing(visit, server):
    """A version that waits is told as such, with the button that makes it live."""
    server.train("waiting", DESK)
    page = visit.open("#/teach/waiting")
    page.get_by_text("Recipe, options, promotion").click()
    page.get_by_label("Goes live").select_option("never")
    page.get_by_label("Recipe", exact=True).select_option("linear")
    paste(page, CSV + "shipping,where is my parcel\n")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Version 2 waits")).to_be_visible(timeout=60000)
    page.get_by_role("button", name="Make it live anyway").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    assert json.loads(server.get("/models/waiting"))["live_version"] == 2


def test_cancel(visit, server):
    """A job is cancelled from the page, and a visit finds one that is under way."""
    page = visit.open("#/teach/mood")
    model_field(page).fill("endless")
    paste(page, CSV)
    page.get_by_text("Recipe, options, promotion").click()
    page.get_by_label("Recipe", exact=True).select_option("article")
    page.get_by_label("Epochs").fill("100000")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_text("epoch")).to_be_visible(timeout=30000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=30000)


def test_restart(browser, tmp_path):
    """A job whose server restarts is followed further."""
    server = Server(tmp_path)
    visit = Visit(browser, server)
    for fault in ("ERR_CONNECTION", "ERR_EMPTY", "ERR_INCOMPLETE", "503"):
        visit.expect_fault(fault)
    try:
        page = visit.open("#/teach/mood")
        model_field(page).fill("long")
        paste(page, CSV)
        page.get_by_text("Recipe, options, promotion").click()
        page.get_by_label("Recipe", exact=True).select_option("article")
        page.get_by_label("Epochs").fill("100000")
        page.get_by_role("button", name="Start").click()
        expect(page.locator(".run")).to_contain_text("epoch", timeout=30000)
        server.stop()
        expect(page.locator("#banner")).to_contain_text("does not answer")
        server.start()
        expect(page.locator("#banner")).to_be_empty(timeout=30000)
        expect(page.locator(".run")).to_contain_text("epoch", timeout=30000)
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=30000)
    finally:
        visit.context.close()
        server.stop()
    visit.check()

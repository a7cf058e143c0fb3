"""Data: examples are searched, filtered, relabelled, deleted, exported; golden cases are kept."""
import json

import pytest
from playwright.sync_api import expect

from conftest import DESK, axe_faults


@pytest.fixture
def model(server):
    name = f"data-{model.count}"
    model.count += 1
    server.train(name, DESK)
    server.send("POST", "/feedback", {"model": name, "text": "where is it", "label": "shipping"})
    return name


model.count = 0


def rows(page):
    return page.locator(".rows tbody tr")


def stored(server, name):
    found = json.loads(server.get(f"/models/{name}/examples?limit=1000"))["examples"]
    return {row["text"]: row["label"] for row in found}


def test_finds(visit, model):
    page = visit.open(f"#/data/{model}")
    expect(rows(page)).to_have_count(9)
    assert axe_faults(page) == []
    page.get_by_label("Search in texts").fill("CRASH")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Search in texts").fill("")
    page.get_by_label("Label", exact=True).select_option("billing")
    expect(rows(page)).to_have_count(4)
    page.get_by_label("Label", exact=True).select_option("")
    page.get_by_label("Source").select_option("feedback")
    expect(rows(page)).to_have_count(1)


def test_relabels_and_deletes(visit, server, model):
    page = visit.open(f"#/data/{model}")
    page.get_by_label("Search in texts").fill("crash")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("All rows of this page").check()
    page.get_by_label("New label").fill("crash")
    page.get_by_role("button", name="Relabel").click()
    expect(page.get_by_text("2 rows relabelled.")).to_be_visible()
    assert stored(server, model)["the app crashes at start"] == "crash"
    page.get_by_role("button", name="Undo").click()
    expect(rows(page).first).to_contain_text("bug")
    assert stored(server, model)["the app crashes at start"] == "bug"
    page.get_by_label("All rows of this page").check()
    page.get_by_role("button", name="Delete them").click()
    expect(rows(page)).to_have_count(0)
    assert "the app crashes at start" not in stored(server, model)


@pytest.mark.parametrize("form, start", [
    ("CSV", "label,text,source\n"), ("TSV", "label\ttext\tsource\n"), ("JSONL", "{"),
])
def test_exports(visit, model, form, start):
    page = visit.open(f"#/data/{model}")
    expect(rows(page)).to_have_count(9)
    with page.expect_download() as download:
        page.get_by_role("button", name=form, exact=True).click()
    text = download.value.path().read_text()
    assert text.startswith(start) and "where is it" in text


def test_golden(visit, server, model):
    page = visit.open(f"#/data/{model}")
    page.get_by_label("Add cases").fill(
        "billing,refund my last payment\nbilling,the app crashes at start"
    )
    page.get_by_role("button", name="Add", exact=True).click()
    cases = page.locator(".golden li")
    expect(cases).to_have_count(2)
    expect(cases.nth(0)).to_contain_text("passes")
    expect(cases.nth(1)).to_contain_text("fails")
    page.get_by_role("button", name="Remove the app crashes at start").click()
    expect(cases).to_have_count(1)
    assert len(json.loads(server.get(f"/models/{model}/golden"))["cases"]) == 1


def test_large_set(visit, server):
    """100,000 examples: pages turn at once, and a search goes through all of them."""
    lines = "".join(f"label{n % 150},text number {n}\n" for n in range(100000))
    server.send(
        "POST", "/models/large/examples", lines.encode(), {"Content-Type": "text/csv"}
    )
    page = visit.open("#/data/large")
    expect(rows(page)).to_have_count(100)
    page.get_by_role("button", name="On", exact=True).click()
    expect(rows(page).first).to_contain_text("text number 100")
    expect(page.get_by_text("page 2")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_label("Search in texts").fill("number 99999")
    expect(rows(page)).to_have_count(1, timeout=30000)
    assert page.evaluate("document.querySelectorAll('*').length") < 4000

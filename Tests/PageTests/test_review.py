"""Review: one text, one key, one decision."""
import json

import pytest
from playwright.sync_api import expect

from conftest import Server, Visit, axe_faults

SUBJECTS = "invoice payment refund charge bill receipt fee price credit balance".split()
FAULTS = "crash error bug freeze glitch failure exception hang lag fault".split()
ROWS = [("billing", f"a question about the {word} of last month") for word in SUBJECTS]
ROWS += [("bug", f"the app shows a {word} when it starts") for word in FAULTS]
WRONG = "the app shows a crash and an error when it starts"


@pytest.fixture
def suspicious(server):
    """A model with one row whose label looks wrong."""
    model = f"suspicious-{suspicious.count}"
    suspicious.count += 1
    server.train(model, ROWS + [("billing", WRONG)])
    return model


suspicious.count = 0


def label_of(server, model, text):
    rows = json.loads(server.get(f"/models/{model}/examples?limit=1000"))["examples"]
    return [row["label"] for row in rows if row["text"] == text]


def open_suspects(visit, model):
    page = visit.open(f"#/review/{model}")
    page.get_by_role("button", name="Suspected labels").click()
    expect(page.locator(".review-text")).to_have_text(WRONG)
    expect(page.locator(".choices button")).to_have_count(2)
    return page


def test_one_key_decides(visit, server, suspicious):
    """A digit relabels the row, and the counter counts."""
    page = open_suspects(visit, suspicious)
    assert axe_faults(page) == []
    page.keyboard.press("2")
    expect(page.get_by_text("1 correction that no version has learnt")).to_be_visible()
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("heading", name="Versions of").wait_for()
    assert label_of(server, suspicious, WRONG) == ["bug"]
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Train with them now").click()
    expect(page.get_by_role("heading", name="Version 2")).to_be_visible(timeout=60000)


def test_undo(visit, server, suspicious):
    """A decision is taken back before it is sent, and after."""
    page = open_suspects(visit, suspicious)
    page.keyboard.press("2")
    page.keyboard.press("u")
    expect(page.locator(".review-text")).to_have_text(WRONG)
    assert label_of(server, suspicious, WRONG) == ["billing"]
    page.keyboard.press("2")
    page.get_by_role("link", name="Try").click()
    page.get_by_role("textbox", name="Text", exact=True).wait_for()
    assert label_of(server, suspicious, WRONG) == ["bug"]
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".review-text")).to_have_text(WRONG)
    assert label_of(server, suspicious, WRONG) == ["billing"]


def test_skip_and_another_label(visit, server, suspicious):
    page = open_suspects(visit, suspicious)
    page.keyboard.press("s")
    expect(page.locator(".review-text")).not_to_have_text(WRONG)
    page.keyboard.press("u")
    page.keyboard.press("/")
    page.keyboard.type("crashes")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Data").click()
    page.get_by_role("heading", name="Data of").wait_for()
    assert label_of(server, suspicious, WRONG) == ["crashes"]


@pytest.mark.parametrize("order", ["Least sure", "Closest calls", "At random"])
def test_predictions(browser, server, tmp_path, order):
    """Answers that the server remembers are decided on; the least sure come first."""
    if "/predictions" not in json.loads(server.get("/"))["paths"]:
        pytest.skip("this server does not list predictions")
    server = Server(tmp_path)
    visit = Visit(browser, server)
    try:
        server.train("desk", ROWS)
        texts = ["a question about the crash of last month", "the app shows a bill", "refund"]
        server.send("POST", "/classify", {"model": "desk", "texts": texts})
        page = visit.open("#/review/desk")
        page.get_by_role("button", name=order).click()
        # What was shown before can no longer be decided on.
        expect(page.locator(".review-text")).not_to_be_empty()
        expect(page.locator(".choices button")).to_have_count(2)
        seen = page.locator(".review-text").inner_text()
        assert seen in texts
        page.keyboard.press("1")
        expect(page.locator(".review-text")).not_to_have_text(seen)
        page.get_by_role("link", name="Versions").click()
        page.get_by_role("heading", name="Versions of").wait_for()
        found = json.loads(server.get("/models/desk/examples?source=feedback"))["examples"]
        assert [(row["text"], row["label"]) for row in found] == [(seen, "billing")]
    finally:
        visit.context.close()
        server.stop()
    visit.check()


def test_many_labels(visit, server):
    """Of 150 labels the most probable nine have digits, and any other can be typed."""
    rows = [(f"label-{n:03}", f"word{n} and {part}") for n in range(150) for part in "ab"]
    server.train("many", rows)
    page = visit.open("#/try/many")
    page.get_by_role("textbox", name="Text", exact=True).fill("word77 and a")
    page.get_by_role("button", name="Show all 150 labels").click()
    expect(page.locator(".bars li")).to_have_count(150)
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name="Surest mistakes").click()
    expect(page.locator(".choices button")).to_have_count(9)
    # Until a text has its own nine, the digits of the one before it mean nothing.
    held = []
    page.route("**/classify", lambda route: held.append(route))
    before = page.locator(".review-text").inner_text()
    page.keyboard.press("s")
    expect(page.locator(".review-text")).not_to_have_text(before)
    text = page.locator(".review-text").inner_text()
    page.keyboard.press("1")
    expect(page.locator(".review-text")).to_have_text(text)
    held[0].continue_()
    page.unroute("**/classify")

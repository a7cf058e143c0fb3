"""The page with a model that gives a text several labels: nothing makes one label of a set."""
import json

import pytest
from playwright.sync_api import expect

from conftest import Visit, axe_faults

ROWS = [
    (["bill"], "my invoice is wrong"), (["bill"], "please refund the payment"),
    (["bill"], "the last invoice was charged twice"), (["bill"], "refund my last payment"),
    (["bug"], "the app crashes at start"), (["bug"], "an error when I log in"),
    (["bug"], "the app shows an error"), (["bug"], "it crashes when I log in"),
    (["bill", "bug"], "the app crashes and the invoice is wrong"),
    (["bill", "bug"], "an error in the payment of my invoice"), ([], "hello and good morning"),
    ([], "thank you very much"),
]


@pytest.fixture
def tags(server):
    """A model of sets, its own for each test."""
    model = f"tags-{tags.count}"
    tags.count += 1
    body = {
        "model": model, "promote": "always",
        "examples": [{"labels": labels, "text": text} for labels, text in ROWS],
    }
    job = json.loads(server.send("POST", "/train", body, {"Prefer": "wait=60"})[1])
    assert job["state"] == "succeeded", job
    return model


tags.count = 0


def stored(server, model):
    rows = json.loads(server.get(f"/models/{model}/examples?limit=1000"))["examples"]
    return {row["text"]: row.get("labels", row.get("label")) for row in rows}


def test_try(visit, server, tags):
    """The labels that pass are said and marked; the code to copy reads `labels`."""
    page = visit.open(f"#/try/{tags}")
    text = "the app crashes and the invoice is wrong"
    body = {"model": tags, "text": text, "remember": False}
    answer = json.loads(server.send("POST", "/classify", body)[1])
    page.get_by_role("textbox", name="Text", exact=True).fill(text)
    said = ", ".join(answer["labels"]) or "(none)"
    expect(page.locator(".answer .label")).to_have_text(said)
    expect(page.locator(".bars .best")).to_have_count(len(answer["labels"]))
    page.get_by_role("tab", name="Python").click()
    expect(page.get_by_role("tabpanel")).to_contain_text('["labels"]')
    page.get_by_role("tab", name="JavaScript").click()
    expect(page.get_by_role("tabpanel")).to_contain_text(".labels")
    assert "undefined" not in page.locator("main").inner_text()


def test_review(visit, server, tags):
    """Digits mark labels, Enter takes the marked ones, and a set comes to the rows."""
    text = "the invoice is wrong, and the app shows an error"
    server.send("POST", "/classify", {"model": tags, "text": text})
    page = visit.open(f"#/review/{tags}")
    expect(page.locator(".review-text")).to_have_text(text)
    choices = page.locator(".choices button")
    expect(choices).to_have_count(2)
    assert axe_faults(page) == []
    names = [name.split("\n")[1] for name in choices.all_inner_texts()]
    for digit in ("1", "2"):
        if choices.nth(int(digit) - 1).get_attribute("aria-pressed") != "true":
            page.keyboard.press(digit)
    for place in (0, 1):
        expect(choices.nth(place)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    expect(choices.nth(0)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("1")
    assert text not in stored(server, tags)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("heading", name="Versions of").wait_for()
    assert sorted(stored(server, tags)[text]) == sorted(names) == ["bill", "bug"]


def test_review_none(visit, server, tags):
    """No mark is an answer too: a text without a label."""
    text = "hello, my invoice"
    server.send("POST", "/classify", {"model": tags, "text": text})
    page = visit.open(f"#/review/{tags}")
    expect(page.locator(".review-text")).to_have_text(text)
    pressed = page.locator('.choices button[aria-pressed="true"]')
    while pressed.count():
        pressed.first.click()
    page.get_by_role("button", name="Take the marked").click()
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("heading", name="Versions of").wait_for()
    assert stored(server, tags)[text] == []


def test_data(visit, server, tags):
    """Sets are shown, given with commas, and come back whole."""
    both, none = "the app crashes and the invoice is wrong", "hello and good morning"
    page = visit.open(f"#/data/{tags}")
    row = page.locator("tbody tr", has_text=both)
    expect(row).to_contain_text("bill, bug")
    row.get_by_role("checkbox").check()
    page.locator("tbody tr", has_text=none).get_by_role("checkbox").check()
    page.get_by_label("New label").fill("bug,  praise")
    page.get_by_role("button", name="Relabel").click()
    expect(page.get_by_text("2 rows relabelled.")).to_be_visible()
    assert stored(server, tags)[both] == stored(server, tags)[none] == ["bug", "praise"]
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("bill, bug")
    assert stored(server, tags)[both] == ["bill", "bug"] and stored(server, tags)[none] == []
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete them").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)
    assert stored(server, tags)[both] == ["bill", "bug"]


def test_teach(visit, tags):
    """Rows with several labels are left out, and the reason is said."""
    page = visit.open("#/teach/")
    page.get_by_label("Paste or drop").fill(
        '{"labels": ["bill", "bug"], "text": "both"}\n{"labels": ["bill"], "text": "one"}\n'
        '{"labels": ["bug"], "text": "other"}'
    )
    expect(page.get_by_text("line 1: it has several labels")).to_be_visible()
    expect(page.get_by_text("2 rows, 2 labels")).to_be_visible()


def test_versions(browser, server, tags):
    """Two versions are compared by their sets."""
    body = {"model": tags, "extend": True, "promote": "never", "options": {"seed": 2}}
    job = json.loads(server.send("POST", "/train", body, {"Prefer": "wait=60"})[1])
    assert job["state"] == "succeeded", job
    visit = Visit(browser, server)
    page = visit.open(f"#/versions/{tags}")
    page.get_by_label("On texts of your own").fill("invoice\nthe app crashes")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.locator("#compare").get_by_text("another label").wait_for()
    assert "undefined" not in page.locator("main").inner_text()
    visit.context.close()
    visit.check()

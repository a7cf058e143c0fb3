"""Versions: promote, roll back, compare, carry away and bring."""
import json

import pytest
from playwright.sync_api import expect

from conftest import DESK, axe_faults


@pytest.fixture(scope="module")
def desk(server):
    server.train("desk", DESK)
    more = DESK + [("shipping", "where is my parcel"), ("shipping", "the parcel is late")]
    server.train("desk", more, replace=True, promote="always")


def version(page, number):
    return page.locator("li.card").filter(has=page.get_by_role("heading", name=f"Version {number}"))


def live(server):
    return json.loads(server.get("/models/desk"))["live_version"]


def test_roll_back_and_promote(visit, server, desk):
    page = visit.open("#/versions/desk")
    page.get_by_role("button", name="Roll back to version 1").click()
    expect(version(page, 1).locator(".badge.good")).to_have_text("live")
    assert live(server) == 1
    page.get_by_role("button", name="Undo").click()
    expect(version(page, 2).locator(".badge.good")).to_have_text("live")
    page.get_by_role("button", name="Make live: version 1").click()
    expect(version(page, 1).locator(".badge.good")).to_have_text("live")
    page.get_by_role("button", name="Make live: version 2").click()
    expect(version(page, 2).locator(".badge.good")).to_have_text("live")
    assert live(server) == 2


def test_golden_cases_stand_in_the_way(visit, server, desk):
    """A version that fails golden cases says which, and goes live only when told twice."""
    visit.expect_fault("409")
    server.send("PUT", "/models/desk/golden", {
        "cases": [{"text": "where is my parcel", "label": "shipping"}],
    })
    page = visit.open("#/versions/desk")
    page.get_by_role("button", name="Make live: version 1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("where is my parcel")
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Make it live anyway").click()
    expect(version(page, 1).locator(".badge.good")).to_have_text("live")
    server.send("PUT", "/models/desk/golden", {"cases": []})
    server.send("PUT", "/models/desk/live", {"version": 2})


def test_pin_and_delete(visit, server, desk):
    page = visit.open("#/versions/desk")
    page.get_by_role("button", name="Pin: version 1").click()
    expect(version(page, 1)).to_contain_text("pinned")
    expect(page.get_by_role("button", name="Delete: version 1")).to_have_count(0)
    page.get_by_role("button", name="Unpin: version 1").click()
    page.get_by_role("button", name="Delete: version 1").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(version(page, 1)).to_be_visible()


def test_compare(visit, desk):
    page = visit.open("#/versions/desk")
    page.get_by_label("From").select_option("1")
    page.get_by_label("To", exact=True).select_option("2")
    page.get_by_label("On texts of your own").fill("where is my parcel\nrefund my payment")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("#compare tbody tr").first).to_contain_text("where is my parcel")
    expect(page.locator("#compare")).to_contain_text("of 2 texts")


def test_download_and_upload(visit, server, desk, tmp_path):
    page = visit.open("#/versions/desk")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download: version 2").click()
    checkpoint = json.loads(download.value.path().read_text())
    checkpoint["model"] = "copy"
    file = tmp_path / "copy.json"
    file.write_text(json.dumps(checkpoint))
    visit.expect_fault("422")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a checkpoint").click()
    chooser.value.set_files(file)
    expect(page.locator(".notice.wrong")).to_be_visible()


def test_shadow(visit, server, desk):
    """A version answers in shadow and no longer, and its report says how."""
    page = visit.open("#/versions/desk")
    live = json.loads(server.get("/models/desk"))["live_version"]
    other = 3 - live
    page.get_by_role("button", name=f"Shadow: version {other}").click()
    expect(version(page, other)).to_contain_text("in shadow")
    server.send("POST", "/classify", {"model": "desk", "text": "where is my parcel"})
    for _ in range(100):
        if json.loads(server.get("/models/desk/shadow"))["total"]:
            break
        page.wait_for_timeout(100)
    page.get_by_role("button", name=f"Report: version {other}").click()
    heading = f"In shadow of version {live}"
    report = page.frame_locator("iframe.report")
    expect(report.get_by_role("heading", name=heading)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"End shadow: version {other}").click()
    expect(version(page, other)).not_to_contain_text("in shadow")
    server.send("GET", "/models/desk/shadow", codes=(404,))


def test_report(visit, desk):
    """The report stands in the page, styled, and no script of it runs."""
    page = visit.open("#/versions/desk")
    page.get_by_role("button", name="Report: version 2").click()
    frame = page.frame_locator("iframe.report")
    expect(frame.get_by_role("heading", name="Training report of desk, version 2")).to_be_visible()
    card = frame.locator("section").first
    assert card.evaluate("element => getComputedStyle(element).borderRadius") == "8px"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

"""Inside: the network unrolled, and the laboratory."""
import re

import pytest
from playwright.sync_api import expect

from conftest import DESK, axe_faults


@pytest.fixture(scope="module", params=["article", "elman", "gru", "lstm", "minimal_rnn"])
def cell(request, server):
    recipe = request.param
    model = f"inside-{recipe}".replace("_", "-")
    server.train(model, DESK, options={"recipe": recipe, "epochs": 3, "hidden": 8})
    return recipe, model


def test_unrolls(visit, cell):
    """One column a word, p after each step, and the length of the gradient at each state."""
    recipe, model = cell
    page = visit.open(f"#/inside/{model}")
    page.get_by_role("textbox", name="Text").fill("the app crashes when I log in")
    expect(page.locator(".columns li")).to_have_count(7)
    expect(page.locator("canvas")).to_have_attribute("aria-label", re.compile("7 words, 8 units$"))
    gates = {"gru": 3, "lstm": 4, "minimal_rnn": 1}.get(recipe, 0)
    expect(page.get_by_label("Show").locator("option")).to_have_count(1 + gates)
    if gates:
        page.get_by_label("Show").select_option(index=1)
    page.get_by_label("Loss of the label").select_option("billing")
    expect(page.get_by_role("status").filter(has_text="the loss of billing")).to_be_visible()
    painted = page.evaluate("""() => {
        const canvas = document.querySelector("canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
    }""")
    assert painted


def test_nothing_to_unroll(visit, server):
    """A network without states says so, and the way out."""
    visit.expect_fault("422")
    server.train("flat", DESK)
    page = visit.open("#/inside/flat")
    page.get_by_role("textbox", name="Text").fill("the app crashes")
    expect(page.get_by_text("has no recurrent network")).to_be_visible()


def test_laboratory(visit):
    """Runs lie over each other; the finite differences tell the slip from the right gradient."""
    page = visit.open("#/inside/mood")
    page.get_by_label("Hidden size").fill("3")
    page.get_by_label("Epochs").fill("2")
    runs = page.get_by_role("list", name="Runs").get_by_role("listitem")
    page.get_by_role("button", name="right: the transpose of W2").click()
    expect(runs).to_have_count(3)
    for run in range(3):
        expect(runs.nth(run)).to_contain_text("right", timeout=30000)
        expect(runs.nth(run)).not_to_contain_text("…", timeout=30000)
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="dW2"))
    slip, right = [float(text) for text in row.locator("td").all_inner_texts()]
    assert slip > 0.01 and right < 1e-6, (slip, right)
    expect(page.locator(".chart polyline").nth(4)).to_be_attached()
    assert axe_faults(page) == []
    page.get_by_role("button", name="Clear").click()
    expect(runs).to_have_count(0)

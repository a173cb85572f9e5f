"""Analysis in a real browser where tactics prove the result at once, without a single visit."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from web_parts import point, quiet_page

WON_AT_ONCE = ("15x15/h8a1h9c1h10e1", "6x6x4/c3a1d3a6")
LOST_AT_ONCE = ("15x15/h8h9i9j11g7i10h10j10j8g8", "6x6x4/c3a1d3a6e3")


def first_row(page: Page) -> list[str]:
    """A candidate's move, share and visits."""
    return page.locator("#candidates tr").first.locator("td").all_inner_texts()[:3]


def expect_rest(page: Page, proof: str) -> None:
    """The analysis has ended with a proof, and says so."""
    expect(page.locator("#speed")).to_have_text(f"0 simulations · proven {proof}")
    expect(page.locator("#analyse")).to_have_text("Analyse")
    expect(page.locator("#no-candidates")).to_be_hidden()


@pytest.mark.parametrize(
    ("position", "proof"), [(one, "win") for one in WON_AT_ONCE] + [(one, "loss") for one in LOST_AT_ONCE]
)
def test_what_tactics_prove_at_once_is_shown_in_the_table_and_on_the_board(
    browser: Browser, address: str, position: str, proof: str
) -> None:
    with quiet_page(browser, address, f"/#{position}") as page:
        page.locator("#analyse").click()
        expect_rest(page, proof)
        move, share, visits = first_row(page)
        assert (share, visits) == (proof, "0")
        expect(page.locator(".candidate.best .share")).to_have_text(proof)
        expect(point(page, move)).to_have_attribute("aria-label", re.compile(f"candidate 1, {proof}, 0 visits"))
        assert page.locator(".candidate").count() == page.locator("#candidates tr:visible").count()
        page.locator("#analyse").click()
        expect_rest(page, proof)


def test_an_analysis_at_rest_goes_on_with_the_next_position(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#15x15/h8a1h9c1h10e1") as page:
        page.keyboard.press(" ")
        expect_rest(page, "win")
        page.keyboard.press("Home")
        expect(page.locator("#analyse")).to_have_text("Stop")
        expect(page.locator("#speed")).to_contain_text("a second")
        page.keyboard.press(" ")
        expect(page.locator("#analyse")).to_have_text("Analyse")

"""What can be read on the page on the smallest phones."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from web_parts import new_game, quiet_page, wait_for_turn


def cut_names(page: Page) -> list[str]:
    """The names at the board that do not fit into their places."""
    script = """names => names.filter(({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
        scrollWidth > clientWidth || scrollHeight > clientHeight).map(name => name.textContent)"""
    names: Any = page.locator(".seat-name").evaluate_all(script)
    return list(names)


@pytest.mark.parametrize("width", [320, 360, 390])
@pytest.mark.parametrize("clock", ["", "15+10"])
def test_the_level_of_the_computer_can_be_read_in_play(
    browser: Browser, address: str, width: int, clock: str
) -> None:
    phone: dict[str, Any] = {"viewport": {"width": width, "height": 740}, "has_touch": True, "is_mobile": True}
    with quiet_page(browser, address, **phone) as page:
        new_game(page, "white", level="beginner", clock=clock)
        wait_for_turn(page)
        expect(page.locator("#seat-black .seat-name")).to_have_text("Computer, beginner")
        assert cut_names(page) == []
        before = page.locator(".seats").bounding_box()
        page.evaluate("document.getElementById('seat-black').classList.add('thinking')")
        assert cut_names(page) == []
        assert page.locator(".seats").bounding_box() == before, "the board stands still"
        assert page.evaluate("document.documentElement.scrollWidth") == width, "nothing stands out"

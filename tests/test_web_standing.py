"""Where the game stands on the page, whatever is looked at, tried out or pressed meanwhile."""

import re

from playwright.sync_api import Page, expect
from web_parts import new_game, point, saved, status, stones, stop_time, wait_for_turn

from ui.clock import clock_text


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def moves_of(page: Page, *names: str) -> None:
    for name in names:
        point(page, name).click()
        expect(status(page)).to_contain_text(name)


def test_a_hint_that_is_asked_for_together_with_a_move_does_not_stop_the_computer(page: Page) -> None:
    page.evaluate("""() => {
        document.querySelector('[data-point="b2"]').click();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "h", bubbles: true }));
    }""")
    wait_for_turn(page)
    assert len(stones(page)) == 2


def test_what_was_tried_in_analysis_comes_back_with_a_resignation_taken_back(page: Page) -> None:
    new_game(page, "both")
    moves_of(page, "c3", "d4")
    page.locator("#tab-analyse").click()
    moves_of(page, "b2", "e5")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    moves_of(page, "f6")
    before = saved(page, "sgf")
    page.locator("#tab-play").click()
    press(page, "Resign")
    expect(status(page)).to_contain_text("won by resignation.")
    assert saved(page, "sgf").count(";") == 1 + 2
    press(page, "Undo")
    expect(status(page)).to_have_text("White d4. Black to move.")
    assert saved(page, "sgf") == before


def test_the_computer_makes_no_move_in_a_variation_that_play_never_came_to(page: Page) -> None:
    point(page, "c3").click()
    wait_for_turn(page)
    page.locator("#tab-analyse").click()
    page.keyboard.press("Home")
    moves_of(page, "a1")
    before = saved(page, "sgf")
    page.locator("#tab-play").click()
    expect(status(page)).to_contain_text("The game went on otherwise")
    page.wait_for_timeout(1500)
    assert stones(page) == {"a1": "Black"}
    assert saved(page, "sgf") == before
    page.keyboard.press("m")
    wait_for_turn(page)
    assert len(stones(page)) == 2


def test_a_move_that_is_made_again_earns_no_second_increment(page: Page) -> None:
    stop_time(page)
    new_game(page, "both", clock="1+1")
    moves_of(page, "c3", "d4")
    for _ in range(3):
        page.locator("#back").click()
        expect(status(page)).to_have_text("Black c3. White to move.")
        moves_of(page, "d4")
    expect(page.locator("#seat-white .seat-clock")).to_have_text("1:01")


def test_who_resigns_while_looking_back_is_who_was_to_move_in_the_game(page: Page) -> None:
    new_game(page, "both")
    moves_of(page, "c3", "d4", "a1")
    page.locator("#back").click()
    press(page, "Resign")
    expect(status(page)).to_have_text("Black won by resignation.")
    assert re.search(r"RE\[B\+R\].*;B\[cd\];W\[dc\];B\[af\]", saved(page, "sgf").replace("\n", ""))


def test_nobody_resigns_a_game_that_is_over_while_looking_back(page: Page) -> None:
    new_game(page, "both")
    moves_of(page, "a1", "a2", "b1", "b2", "c1", "c2")
    point(page, "d1").click()
    expect(status(page)).to_have_text("Black won with a line.")
    page.locator("#back").click()
    expect(page.get_by_role("button", name="Resign")).to_be_disabled()


def test_enter_puts_no_stone_where_the_board_has_not_the_focus(page: Page) -> None:
    point(page, "b2").click()
    wait_for_turn(page)
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_be_disabled()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    assert stones(page) == {}
    assert page.locator("#panel-play").is_visible()


def test_where_the_browser_lets_no_page_copy_it_says_what_to_do(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    press(page, "Copy link")
    expect(status(page)).to_contain_text("copy the address bar")


def test_the_clocks_of_the_page_show_what_those_of_the_terminal_do(page: Page) -> None:
    seconds = [0, 0.04, 0.1, 1.1, 9.7, 19.96, 20, 59.01, 298.1, 300, 5400]
    script = (
        "async seconds => { const { clockText } = await import('/static/clock.js'); return seconds.map(clockText); }"
    )
    assert page.evaluate(script, seconds) == [clock_text(float(one)) for one in seconds]

"""Whose turn it is on the page: what undo takes back, what is kept as the game, and who moves next."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from web_parts import (
    free_point,
    new_game,
    point,
    quiet_page,
    saved,
    status,
    stones,
    stop_time,
    wait_for_turn,
)

LOST_GAME = "(;FF[4]GM[4]SZ[6]RU[6x6x4]RE[W+R];B[cc];W[dd];B[cd];W[dc];B[aa];W[bb])"


@pytest.fixture
def lost(page: Page, tmp_path: Path) -> Page:
    """Shows a game that Black gave up, in analysis."""
    file = tmp_path / "game.sgf"
    file.write_text(LOST_GAME, encoding="utf-8")
    page.locator("#file").set_input_files(file)
    expect(page.get_by_role("treeitem")).to_have_count(7)
    return page


def undo(page: Page) -> None:
    page.get_by_role("button", name="Undo").click()


def redo(page: Page) -> None:
    page.keyboard.press("r")


def test_what_is_played_after_an_undo_is_the_game(page: Page) -> None:
    new_game(page, "both", size="15")
    expect(point(page, "o15")).to_be_attached()
    point(page, "f1").click()
    undo(page)
    for name in ("h8", "j9"):
        point(page, name).click()
        expect(status(page)).to_contain_text(name)
    assert saved(page, "psq").splitlines()[1].startswith("8,8")
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("White won by resignation.")
    game = saved(page, "sgf")
    assert "RE[W+R]" in game
    assert game.index("B[hh]") < game.index("W[jg]") < game.index("B[fo]"), "what was taken back is a variation"


def test_the_move_that_was_taken_back_can_be_played_again(page: Page) -> None:
    point(page, "c3").click()
    wait_for_turn(page)
    undo(page)
    expect(status(page)).to_have_text("Your move.")
    point(page, "c3").click()
    expect(status(page)).to_contain_text("White ")
    wait_for_turn(page)
    assert len(stones(page)) == 2


def test_looking_at_a_finished_game_leaves_its_result(lost: Page) -> None:
    lost.keyboard.press("b")
    lost.keyboard.press("Backspace")
    expect(status(lost)).to_have_text("Black a6. White to move.")
    assert "RE[W+R]" in saved(lost, "sgf")
    lost.locator("#first").click()
    for name in ("f1", "f2"):
        point(lost, name).click()
        expect(status(lost)).to_contain_text(name)
    assert "RE[W+R]" in saved(lost, "sgf")


def test_playing_on_in_a_finished_game_takes_its_result_away(lost: Page) -> None:
    lost.locator("#tab-play").click()
    expect(status(lost)).to_have_text("White won by resignation.")
    undo(lost)
    expect(status(lost)).to_have_text("White b5. Your move.")
    point(lost, "f1").click()
    wait_for_turn(lost)
    assert "RE[W+R]" not in saved(lost, "sgf")


def test_undo_after_resigning_takes_back_nothing_else(page: Page) -> None:
    point(page, "c3").click()
    wait_for_turn(page)
    before = stones(page)
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("White won by resignation.")
    undo(page)
    wait_for_turn(page)
    assert stones(page) == before


def test_moves_taken_back_are_no_part_of_a_game_resigned_after(page: Page) -> None:
    for _ in range(2):
        point(page, free_point(page)).click()
        wait_for_turn(page)
    assert saved(page, "sgf").count(";") == 1 + 4
    undo(page)
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("White won by resignation.")
    record = saved(page, "sgf")
    assert record.count(";") == 1 + 2
    assert "RE[W+R]" in record


def test_moves_looked_back_from_or_redone_stay_in_a_game_resigned_then(page: Page) -> None:
    for _ in range(2):
        point(page, free_point(page)).click()
        wait_for_turn(page)
    undo(page)
    redo(page)
    page.keyboard.press("Home")
    redo(page)  # a step of looking: play had gone further
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("White won by resignation.")
    assert saved(page, "sgf").count(";") == 1 + 4


def test_what_the_computer_began_with_is_not_taken_back(page: Page) -> None:
    new_game(page, "white", level="beginner")
    wait_for_turn(page)
    before = stones(page)
    undo(page)
    expect(status(page)).to_have_text("There is no move to take back.")
    assert stones(page) == before
    point(page, free_point(page)).click()
    wait_for_turn(page)
    assert len(stones(page)) == 3


def test_nothing_is_taken_back_where_the_computer_begins_a_set_up_position(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#6x6x4///" + "_".join(["......"] * 6) + "-w") as page:
        expect(status(page)).to_have_text(re.compile("White .* Your move"))
        before = stones(page)
        undo(page)
        expect(status(page)).to_have_text("There is no move to take back.")
        assert stones(page) == before


def test_taking_a_resignation_back_while_looking_elsewhere_makes_no_other_move(page: Page) -> None:
    new_game(page, "white", level="beginner")
    wait_for_turn(page)
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("Black won by resignation.")
    page.keyboard.press("Home")
    undo(page)
    expect(status(page)).to_have_text("Black moved next.")
    page.keyboard.press("End")
    wait_for_turn(page)
    assert len(stones(page)) == 1


def test_the_stones_of_an_opening_are_not_taken_back_nor_put_by_the_computer(page: Page) -> None:
    new_game(page, "white", opening="swap2", level="beginner")
    expect(status(page)).to_contain_text("Choose your colour.")
    before = stones(page)
    undo(page)
    expect(status(page)).to_have_text("The opening's stones stay where they are.")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(status(page)).to_have_text("The computer makes no moves for you in the opening.")
    assert stones(page) == before
    page.get_by_role("button", name="Play White").click()
    wait_for_turn(page)
    undo(page)
    expect(status(page)).to_have_text("There is no move to take back.")
    assert stones(page) == before


def test_own_stones_of_an_opening_can_be_taken_back(page: Page) -> None:
    new_game(page, "black", opening="swap2", level="beginner")
    for name in ("c3", "d4"):
        point(page, name).click()
        expect(status(page)).to_contain_text(name)
    undo(page)
    expect(status(page)).to_have_text("Black c3. Put 2 stones: White next.")
    page.keyboard.press("m")
    expect(status(page)).to_have_text("The computer makes no moves for you in the opening.")
    assert list(stones(page)) == ["c3"]


def test_a_pasted_link_leaves_the_opening_and_the_clock_of_the_game_before(page: Page) -> None:
    new_game(page, "black", opening="swap2", clock="5+3")
    expect(status(page)).to_have_text("Put 3 stones: Black next.")
    page.evaluate("location.hash = '#6x6x4/a1b2c3d4'")
    expect(status(page)).to_have_text("White d4. Black to move.")
    page.locator("#tab-play").click()
    expect(status(page)).to_have_text("White d4. Your move.")
    assert page.locator(".seat-clock").all_inner_texts() == ["", ""]


def test_a_pasted_link_is_followed_though_the_page_redraws_in_that_moment(page: Page) -> None:
    wait_for_turn(page)
    press = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true }))"
    page.evaluate(f"() => {{ location.hash = '#6x6x4/a1b2'; {press}; }}")
    expect(status(page)).to_have_text("White b2. Black to move.")


def test_the_clock_of_a_game_that_was_left_runs_out_for_no_other(page: Page) -> None:
    stop_time(page)
    new_game(page, "both", clock="1+1")
    expect(status(page)).to_have_text("Black to move.")
    new_game(page, "both", clock="")
    expect(page.locator("#seat-black .seat-clock")).to_have_text("")
    page.clock.fast_forward(61_000)
    point(page, "c3").click()
    expect(status(page)).to_have_text("Black c3. White to move.")


def test_a_reload_keeps_the_clocks(page: Page) -> None:
    stop_time(page)
    new_game(page, "both", clock="1+1")
    point(page, "c3").click()
    expect(status(page)).to_have_text("Black c3. White to move.")
    page.clock.run_for(15_500)
    page.reload()
    expect(page.locator("#seat-white .seat-clock")).to_have_text("0:45")
    expect(page.locator("#seat-black .seat-clock")).to_have_text("1:01")
    expect(status(page)).to_have_text("Black c3. White to move.")
    undo(page)
    expect(status(page)).to_have_text("Black to move.")
    page.reload()
    expect(status(page)).to_have_text("Black to move.")
    page.clock.fast_forward(62_000)
    expect(status(page)).to_have_text("White won on time.")


@pytest.mark.parametrize("you", ["black", "white"])
def test_a_reload_keeps_the_opening(page: Page, you: str) -> None:
    new_game(page, you, opening="swap2", clock="5+3")
    if you == "black":
        point(page, "c3").click()
    else:
        page.get_by_role("button", name="Put two more stones").click()
    expect(status(page)).to_have_text(re.compile("Put 2 stones"))
    before, told = stones(page), status(page).inner_text()
    page.reload()
    expect(status(page)).to_have_text(told)
    assert stones(page) == before
    for _ in range(2):
        point(page, free_point(page)).click()
    wait_for_turn(page)
    assert "" not in page.locator(".seat-clock").all_inner_texts()
    assert len(stones(page)) in ((3, 4) if you == "black" else (5, 6))


@pytest.mark.parametrize("size", ["3", "5", "22"])
def test_a_new_game_is_on_any_board_there_is(page: Page, size: str) -> None:
    new_game(page, "both", size=size, variant="standard")
    expect(page.get_by_role("gridcell")).to_have_count(int(size) ** 2)
    expect(status(page)).to_have_text("Black to move.")
    point(page, "b2").click()
    expect(status(page)).to_have_text("Black b2. White to move.")


def test_the_new_game_form_offers_only_what_goes_together(page: Page) -> None:
    page.locator("#new-game").click()
    form = page.locator("#new-form")
    form.locator("select[name=variant]").select_option("renju")
    form.locator("select[name=size]").select_option("4")
    expect(form.locator("select[name=variant]")).to_have_value("freestyle")
    expect(form.locator("select[name=winLength]")).to_have_value("4")
    expect(form.locator("option[value=renju]")).to_be_disabled()
    expect(form.locator("select[name=winLength] option[value='5']")).to_be_disabled()


def test_a_finished_game_keeps_who_played_it_whatever_a_new_one_would_be(page: Page) -> None:
    new_game(page, level="easy")
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("White won by resignation.")
    before = saved(page, "sgf")
    assert "PW[Computer, easy]" in before
    page.locator("#new-game").click()
    page.locator("#new-form select[name=level]").select_option("beginner")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#seat-white .seat-name")).to_have_text("Computer, easy")
    assert saved(page, "sgf") == before

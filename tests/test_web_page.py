"""The page in a real browser: whole games by mouse, keyboard and finger, and what a person does around them."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from web_parts import (
    free_point,
    new_game,
    point,
    quiet_page,
    status,
    stones,
    stop_time,
    wait_for_turn,
)

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OVER = re.compile("won|draw")


def is_over(page: Page) -> bool:
    return OVER.search(status(page).inner_text()) is not None


def test_a_whole_game_is_played_by_clicks_and_ends_with_a_marked_line(page: Page) -> None:
    for _ in range(18):
        wait_for_turn(page)
        if is_over(page):
            break
        point(page, free_point(page)).click()
    expect(status(page)).to_have_text(OVER)
    if "won" in status(page).inner_text():
        expect(page.locator(".win-stone")).to_have_count(4)
    before = stones(page)
    point(page, free_point(page)).click()
    assert stones(page) == before


def test_a_whole_game_is_played_with_the_keyboard_alone(page: Page) -> None:
    for _ in range(18):
        wait_for_turn(page)
        if is_over(page):
            break
        here, wanted = (
            str(page.locator('.point[tabindex="0"]').get_attribute("data-point")),
            free_point(page),
        )
        for key, steps in (
            ("ArrowRight", ord(wanted[0]) - ord(here[0])),
            ("ArrowUp", int(wanted[1]) - int(here[1])),
        ):
            opposite = {"ArrowRight": "ArrowLeft", "ArrowUp": "ArrowDown"}[key]
            for _ in range(abs(steps)):
                page.keyboard.press(key if steps > 0 else opposite)
        page.keyboard.press("Enter")
        assert wanted in stones(page)
    expect(status(page)).to_have_text(OVER)


def test_a_whole_game_is_played_on_a_phone_by_aiming_and_confirming(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, **PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
        for turn in range(18):
            wait_for_turn(page)
            if is_over(page):
                break
            name = free_point(page)
            point(page, name).tap()
            assert name not in stones(page)
            confirm = page.get_by_role("button", name="Place") if turn % 2 else point(page, name)
            confirm.tap()
            assert name in stones(page)
        expect(status(page)).to_have_text(OVER)


def test_every_point_says_what_it_holds_and_the_status_is_spoken(page: Page) -> None:
    expect(page.get_by_role("grid", name="Board").get_by_role("gridcell")).to_have_count(36)
    expect(status(page)).to_have_attribute("aria-live", "polite")
    point(page, "c3").click()
    wait_for_turn(page)
    expect(point(page, "c3")).to_have_attribute("aria-label", "c3, Black, move 1")
    (reply,) = stones(page).keys() - {"c3"}
    expect(point(page, reply)).to_have_attribute("aria-label", f"{reply}, White, move 2, last move")
    expect(status(page)).to_have_text(f"White {reply}. Your move.")


def test_undo_and_redo_go_back_and_on_by_a_whole_turn(page: Page) -> None:
    point(page, "c3").click()
    wait_for_turn(page)
    before = stones(page)
    page.get_by_role("button", name="Undo").click()
    assert stones(page) == {}
    page.keyboard.press("r")
    assert stones(page) == before
    page.keyboard.press("Control+z")
    assert stones(page) == {}


def test_the_computer_begins_where_the_person_plays_white(page: Page) -> None:
    new_game(page, "white", level="beginner")
    wait_for_turn(page)
    assert list(stones(page).values()) == ["Black"]


def test_a_hint_is_marked_and_told(page: Page) -> None:
    page.keyboard.press("h")
    expect(status(page)).to_have_text(re.compile("Hint: [a-f][1-6]"))
    expect(page.locator(".hint")).to_have_count(1)


def test_resigning_ends_the_game(page: Page) -> None:
    page.get_by_role("button", name="Resign").click()
    expect(status(page)).to_have_text("White won by resignation.")
    page.reload()
    expect(status(page)).to_have_text("White won by resignation.")
    page.keyboard.press("u")
    wait_for_turn(page)


def test_a_clock_that_runs_out_loses_the_game(page: Page) -> None:
    stop_time(page)
    new_game(page, "both", clock="1+1")
    point(page, "c3").click()
    expect(status(page)).to_have_text("Black c3. White to move.")
    expect(page.locator("#seat-black .seat-clock")).to_have_text("1:01")
    page.clock.run_for(1_500)
    expect(page.locator("#seat-white .seat-clock")).to_have_text("0:59")
    page.clock.fast_forward(61_000)
    expect(status(page)).to_have_text("Black won on time.")
    page.keyboard.press("u")
    point(page, "d4").click()
    page.clock.fast_forward(61_000)
    assert len(stones(page)) == 2, "who goes on after a loss on time has no clock"
    expect(page.locator("#seat-black .seat-clock")).to_have_text("")


def test_renju_shows_the_forbidden_points_and_refuses_them(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#renju-15x15/h9a1h10a3i8a5j8a7") as page:
        expect(page.locator(".forbidden-mark")).to_have_count(1)
        expect(point(page, "h8")).to_have_attribute("aria-label", "h8, empty, forbidden, double three")
        point(page, "h8").click()
        expect(status(page)).to_have_text("h8 is forbidden to Black: double three.")
        assert "h8" not in stones(page)


@pytest.mark.parametrize("you", ["black", "white"])
def test_swap2_leads_to_a_game_for_either_side(page: Page, you: str) -> None:
    new_game(page, you, opening="swap2", level="beginner", clock="1+1")
    if you == "black":
        for name in ("c3", "d4", "b5"):
            point(page, name).click()
    else:
        page.get_by_role("button", name="Put two more stones").click()
        for _ in range(2):
            point(page, free_point(page)).click()
    wait_for_turn(page)
    minutes, seconds = max(page.locator(".seat-clock").all_inner_texts()).split(":")
    assert 60 * int(minutes) + int(seconds) <= 61, "an opening earns no time"
    assert len(stones(page)) in ((3, 4) if you == "black" else (5, 6))
    names = page.locator(".seat-name").all_inner_texts()
    assert sorted(names) == ["Computer, beginner", "You"]


def test_a_reload_keeps_the_position_and_the_game_goes_on(page: Page) -> None:
    point(page, "c3").click()
    wait_for_turn(page)
    before = stones(page)
    page.reload()
    expect(point(page, "c3")).to_have_attribute("aria-label", re.compile("Black"))
    assert stones(page) == before
    point(page, free_point(page)).click()
    wait_for_turn(page)
    assert len(stones(page)) >= 3


def test_a_link_shows_its_position_in_another_browser(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#15x15/h8i9g7/2") as page:
        expect(point(page, "i9")).to_have_attribute("aria-label", re.compile("White, move 2"))
        assert stones(page) == {"h8": "Black", "i9": "White"}


def test_a_link_to_a_set_up_position_shows_it_and_can_be_saved(browser: Browser, address: str) -> None:
    start = "_".join(["......", ".X#...", ".O....", "......", "......", "......"]) + "-b"
    with quiet_page(browser, address, f"/#6x6x4/a1//{start}") as page:
        expect(point(page, "a1")).to_have_attribute("aria-label", "a1, Black, move 1, last move")
        expect(point(page, "c5")).to_have_attribute("aria-label", "c5, blocked")
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Save SGF").click()
        assert "AB[bb]AW[bc]" in Path(downloading.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize("nonsense", ["99x99/a1", "15x15/h8h8", "15x15/zz", "foo"])
def test_a_link_that_holds_no_position_is_told_in_a_new_tab(browser: Browser, address: str, nonsense: str) -> None:
    with quiet_page(browser, address, f"/#{nonsense}") as page:
        expect(status(page)).to_have_text("The address holds no position.")
        page.wait_for_timeout(300)
        expect(status(page)).to_have_text("The address holds no position.")
        assert stones(page) == {}
        point(page, "c3").click()
        wait_for_turn(page)
        page.reload()
        wait_for_turn(page)
        assert len(stones(page)) == 2


def test_a_link_in_capitals_is_read(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#15X15/H8I9") as page:
        expect(status(page)).to_have_text("White i9. Black to move.")
        assert stones(page) == {"h8": "Black", "i9": "White"}
        page.evaluate("location.hash = 'Renju-15x15/H8'")
        expect(status(page)).to_have_text("Black h8. White to move.")
        assert stones(page) == {"h8": "Black"}


def test_nonsense_in_the_address_changes_nothing(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#%E0%A4%A") as page:
        for nonsense in ("99x99/a1", "6x6x4/z9", "6x6x4/c3/1/XX-q", "renju-6x6x4", "<b>"):
            expect(status(page)).to_have_text("The address holds no position.")
            page.locator("#tab-analyse").click()
            page.locator("#tab-play").click()  # takes the notice away
            wait_for_turn(page)
            page.evaluate("hash => { location.hash = hash; }", nonsense)
            expect(status(page)).to_have_text("The address holds no position.")
            assert stones(page) == {}


def test_two_pages_do_not_disturb_each_other(browser: Browser, address: str) -> None:
    with quiet_page(browser, address) as one, quiet_page(browser, address, "/#15x15/h8") as two:
        two.keyboard.press(" ")
        expect(two.locator(".candidate.best")).to_be_visible()
        point(one, "c3").click()
        wait_for_turn(one)
        assert len(stones(one)) == 2
        assert stones(two) == {"h8": "Black"}
        made = two.locator("#speed").inner_text()
        expect(two.locator("#speed")).not_to_have_text(made)


def test_light_and_dark_can_be_chosen_and_are_kept(page: Page) -> None:
    def background() -> Any:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = background()
    page.locator("#theme").click()
    assert background() == light
    page.locator("#theme").click()
    dark = background()
    assert dark != light
    page.reload()
    expect(point(page, "a1")).to_be_attached()
    assert background() == dark

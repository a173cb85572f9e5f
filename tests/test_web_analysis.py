"""Analysis in a real browser: candidates that grow, lines on hover, the graph, variations, the review of a game."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from web_parts import point, quiet_page, stones

WON_GAME = "a1c3a6c4f1c5f6c2"
"""White wins on the c file: Black, who could have won, never looks."""


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser, address, "/#15x15/h8i9g7") as shown:
        yield shown


@pytest.fixture
def won(browser: Browser, address: str) -> Iterator[Page]:
    with quiet_page(browser, address, f"/#6x6x4/{WON_GAME}") as shown:
        yield shown


def count_of(page: Page) -> float:
    """Simulations shown above the table."""
    match = re.match(r"([0-9.]+)(k?)", page.locator("#speed").inner_text())
    assert match is not None
    return float(match[1]) * (1000 if match[2] else 1)


def analyse(page: Page) -> None:
    page.keyboard.press(" ")
    expect(page.locator(".candidate.best")).to_be_visible()


def own_address(page: Page) -> str:
    """As the page has it now; `page.url` is told a moment later."""
    return str(page.evaluate("location.href"))


def here(page: Page) -> Any:
    return page.locator("#graph").get_attribute("aria-valuenow")


def test_tab_switches_from_play_to_analysis_and_back_and_escape_leaves_the_board(page: Page) -> None:
    expect(page.get_by_role("tabpanel", name="Analyse")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel", name="Play")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel", name="Analyse")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#analyse")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel", name="Analyse")).to_be_visible()


def test_an_analysis_appears_grows_and_stops(page: Page) -> None:
    analyse(page)
    before = count_of(page)
    page.wait_for_function(
        "before => parseFloat(document.querySelector('#speed').textContent) !== before", arg=before
    )
    assert count_of(page) > before
    page.keyboard.press(" ")
    expect(page.locator("#analyse")).to_have_text("Analyse")
    page.wait_for_timeout(300)
    stopped = count_of(page)
    page.wait_for_timeout(500)
    assert count_of(page) == stopped


def test_analysis_follows_the_position_that_is_shown(page: Page) -> None:
    analyse(page)
    page.keyboard.press("ArrowLeft")
    expect(point(page, "g7")).to_have_attribute("aria-label", re.compile("empty"))
    expect(page.locator(".candidate.best")).to_be_visible()
    expect(page.locator("#candidates tr:visible").first).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(point(page, "g7")).to_have_attribute("aria-label", re.compile("Black, move 3"))


def test_pointing_at_a_candidate_shows_the_expected_line(page: Page) -> None:
    analyse(page)
    page.wait_for_function("() => document.querySelector('#candidates .line').textContent !== ''")
    page.keyboard.press(" ")
    best = page.locator("#candidates button").first
    name = best.inner_text()
    best.hover()
    expect(page.locator(".preview-stone").nth(1)).to_be_attached()
    page.mouse.move(1, 1)
    expect(page.locator(".preview-stone")).to_have_count(0)
    point(page, name).hover()
    expect(page.locator(".preview-stone").nth(1)).to_be_attached()
    expect(point(page, name)).to_have_attribute("aria-label", re.compile("candidate 1, [0-9]+%, [0-9]+ visits"))


def test_on_a_phone_a_tap_shows_the_line_and_a_second_one_plays(browser: Browser, address: str) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with quiet_page(browser, address, "/#15x15/h8i9g7", **phone) as page:
        page.locator("#analyse").tap()
        page.wait_for_function("() => document.querySelector('#candidates .line').textContent !== ''")
        page.locator("#analyse").tap()
        name = page.locator("#candidates button").first.inner_text()
        point(page, name).tap()
        expect(page.locator(".preview-stone").nth(1)).to_be_attached()
        assert name not in stones(page)
        point(page, name).tap()
        assert name in stones(page)


def test_the_heat_map_shows_the_networks_first_impression(page: Page) -> None:
    analyse(page)
    assert page.locator(".heat-square").count() == 0
    page.get_by_label("Heat map").check()
    expect(page.locator(".heat-square").first).to_be_attached()


def test_keys_walk_through_the_game(page: Page) -> None:
    page.keyboard.press("Home")
    assert stones(page) == {}
    page.keyboard.press("ArrowRight")
    assert stones(page) == {"h8": "Black"}
    page.keyboard.press("End")
    assert len(stones(page)) == 3
    assert own_address(page).endswith("#15x15/h8i9g7")
    page.keyboard.press("ArrowLeft")
    assert own_address(page).endswith("#15x15/h8i9g7/2")


def test_a_click_into_the_graph_jumps_there(page: Page) -> None:
    graph = page.locator("#graph")
    box = graph.bounding_box()
    assert box is not None
    graph.click(position={"x": box["width"] / 3, "y": 20})
    assert here(page) == "1"
    assert stones(page) == {"h8": "Black"}
    graph.click(position={"x": box["width"] - 2, "y": 20})
    assert len(stones(page)) == 3


def test_another_move_makes_a_variation_that_can_be_visited_promoted_and_deleted(page: Page) -> None:
    page.keyboard.press("ArrowLeft")
    point(page, "j10").click()
    expect(page.get_by_role("treeitem")).to_have_count(5)
    assert own_address(page).endswith("#15x15/h8i9j10")
    page.keyboard.press("ArrowUp")
    assert own_address(page).endswith("#15x15/h8i9g7")
    page.get_by_role("treeitem", name="3, Black j10").click()
    page.get_by_role("button", name="Main line").click()
    page.keyboard.press("ArrowDown")
    assert own_address(page).endswith("#15x15/h8i9g7")
    page.keyboard.press("Delete")
    expect(page.get_by_role("treeitem")).to_have_count(4)
    page.reload()
    expect(page.get_by_role("treeitem")).to_have_count(4)


def test_a_finished_game_can_be_saved_after_another_end_was_made_its_main_line(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    game = "(;GM[4]SZ[6]RU[6x6x4]RE[B+];B[aa];W[ac];B[ba];W[bc];B[ca];W[cc](;B[da])(;B[ff];W[dc]))"
    file = tmp_path / "game.sgf"
    file.write_text(game, encoding="utf-8")
    with quiet_page(browser, address, "/#6x6x4/") as page:
        page.locator("#file").set_input_files(file)
        page.get_by_role("treeitem", name="8, White d4").click()
        page.get_by_role("button", name="Main line").click()
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Save SGF").click()
        downloading.value.save_as(file)
    assert "RE[W+" in file.read_text(encoding="utf-8")


def test_a_comment_stays_with_its_position_even_over_a_reload(page: Page) -> None:
    comment = page.get_by_label("Comment on this position")
    comment.fill("A fine move")
    page.keyboard.press("Escape")
    page.locator("#back").click()
    expect(comment).to_have_value("")
    page.locator("#forward").click()
    expect(comment).to_have_value("A fine move")
    page.reload()
    expect(comment).to_have_value("A fine move")


def test_the_review_finds_the_mistake_and_what_was_better(won: Page) -> None:
    expect(won.locator("#status")).to_have_text("White won with a line.")
    won.get_by_role("button", name="Review the game").click()
    expect(won.locator("#status")).to_have_text(re.compile("The review is done: .* lost more"), timeout=40_000)
    mistakes = won.locator(".mistake")
    assert mistakes.count() >= 1
    assert " Black " in won.locator(".mistake-move").first.inner_text()
    expect(mistakes.first).to_contain_text(re.compile("−[0-9]+%"))
    expect(mistakes.first).to_contain_text("better")
    ply = int(won.locator(".mistake-move").first.inner_text().split(".")[0])
    mistakes.first.click()
    assert here(won) == str(ply - 1)
    expect(won.locator("#graph .dot")).to_have_count(len(WON_GAME) // 2 + 1)


def test_move_numbers_and_coordinates_can_be_shown_and_hidden(page: Page) -> None:
    expect(page.locator(".coordinate")).to_have_count(30)
    page.get_by_label("Coordinates").uncheck()
    expect(page.locator(".coordinate")).to_have_count(0)
    expect(page.locator(".number")).to_have_count(0)
    page.get_by_label("Move numbers").check()
    assert sorted(page.locator(".stones .number").all_text_contents()) == ["1", "2", "3"]


def test_the_computer_moves_where_a_review_is_left_for_play(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#6x6x4/c4d3c3d4a6") as page:
        page.get_by_role("button", name="Review the game").click()
        page.wait_for_function("() => document.querySelector('#review-progress').value >= 1")
        page.locator("#tab-play").click()
        expect(page.locator("#status")).to_have_text(re.compile("Your move"))
        assert len(stones(page)) == 6
        page.locator("#tab-analyse").click()
        expect(page.locator("#review")).to_have_text("Review the game")


def test_review_and_analysis_end_each_other(page: Page) -> None:
    page.locator("#review").click()
    expect(page.locator("#review")).to_have_text("Stop the review")
    page.locator("#analyse").click()
    expect(page.locator("#review")).to_have_text("Review the game")
    expect(page.locator("#analyse")).to_have_text("Stop")
    expect(page.locator("#speed")).to_contain_text("a second")
    page.wait_for_timeout(500)
    before = count_of(page)
    page.wait_for_timeout(500)
    assert count_of(page) > before
    page.locator("#review").click()
    expect(page.locator("#analyse")).to_have_text("Analyse")
    expect(page.locator("#status")).to_have_text(re.compile("The review is done"))


def test_the_computers_move_ends_a_review(page: Page) -> None:
    page.locator("#review").click()
    expect(page.locator("#review")).to_have_text("Stop the review")
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("m")
    expect(page.locator("#review")).to_have_text("Review the game")
    expect(page.locator("#status")).to_contain_text("Black to move.")
    assert len(stones(page)) == 4


def test_a_review_of_an_illegal_line_ends_in_words(browser: Browser, address: str) -> None:
    with quiet_page(browser, address, "/#6x6x4/a1a2b1b2c1c2d1d2e1e2/3") as page:
        page.get_by_role("button", name="Review the game").click()
        expect(page.locator("#status")).to_have_text(re.compile("The review ended early: .*over"))
        expect(page.locator("#review")).to_have_text("Review the game")

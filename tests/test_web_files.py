"""Games as files on the page, in a real browser: opened, saved, and refused."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from web_parts import point, saved, status


def test_a_saved_game_opens_again_as_the_same_tree(page: Page, tmp_path: Path) -> None:
    game = "(;GM[4]SZ[6]RU[6x6x4]PB[Ann];B[cc]C[centre];W[dd](;B[cd];W[dc])(;B[dc](;W[aa])(;W[bb])))"
    file = tmp_path / "game.sgf"
    file.write_text(game, encoding="utf-8")
    page.locator("#file").set_input_files(file)
    expect(page.get_by_role("treeitem")).to_have_count(8)
    expect(page.locator("#seat-black")).to_contain_text("Ann")
    labels = page.get_by_role("treeitem").evaluate_all("items => items.map(item => item.getAttribute('aria-label'))")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Save SGF").click()
    again = tmp_path / "again.sgf"
    downloading.value.save_as(again)
    page.locator("#file").set_input_files(again)
    expect(page.get_by_role("treeitem")).to_have_count(8)
    assert labels == page.get_by_role("treeitem").evaluate_all(
        "items => items.map(item => item.getAttribute('aria-label'))"
    )


def test_psq_is_said_not_to_hold_the_rules(page: Page, tmp_path: Path) -> None:
    file, without_rules = tmp_path / "game.sgf", tmp_path / "game.psq"
    for rules, moves, told in (("renju", ";B[hh];W[ii]", True), ("", ";B[hh]", False)):
        file.write_text(f"(;GM[4]SZ[15]RU[{rules}]{moves})", encoding="utf-8")
        page.locator("#file").set_input_files(file)
        expect(page.get_by_role("treeitem")).to_have_count(1 + moves.count(";"))
        assert saved(page, "psq").splitlines()[1] == "8,8,0"
        if told:
            expect(status(page)).to_have_text("PSQ does not hold the rules, renju-15x15; SGF does.")
            without_rules.write_text(saved(page, "psq"), encoding="utf-8")
            page.locator("#file").set_input_files(without_rules)
            expect(status(page)).to_have_text("Opened as renju-15x15: PSQ keeps no rules.")
        else:
            expect(status(page)).not_to_contain_text("PSQ")


def test_a_file_that_is_no_game_is_refused_in_words(browser: Browser, address: str, tmp_path: Path) -> None:
    profile = browser.new_context()
    page = profile.new_page()
    page.goto(f"http://{address}/")
    expect(point(page, "a1")).to_be_attached()
    for name, content, complaint in (
        ("game.sgf", "(;SZ[99])", "99"),
        ("hello.sgf", "hello", "not SGF: no game begins with '\\(;'"),
        ("50% & más #1.PSQ", "hello", "not PSQ"),
        ("hello.txt", "hello", "'h' is not a point"),
    ):
        file = tmp_path / name
        file.write_text(content, encoding="utf-8")
        page.locator("#file").set_input_files(file)
        expect(status(page)).to_have_text(re.compile(complaint))
    profile.close()

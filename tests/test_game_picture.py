"""A game as SVG: what is drawn where, what moves when, and what a real browser makes of it."""

import math
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from gomoku.board import Board
from gomoku.errors import RecordError
from gomoku.game_picture import NEAR, PAUSE, UNIT, Look, picture_text, save_game, write_picture
from gomoku.game_tree import tree_of
from gomoku.match import derived_seed
from gomoku.notation import parse_moves, point_name
from gomoku.player import Limit
from gomoku.random_player import RandomPlayer
from gomoku.record_forms import parse_position
from gomoku.records import GameRecord, RecordedMove, Start, record_of
from gomoku.rules import BLACK, MAX_SIZE, MIN_SIZE, Rules, parse_rules

SVG = "{http://www.w3.org/2000/svg}"
WON = "a1a2b1b2c1c2d1"
"""Black wins on 6x6x4 along the lower edge, from the corner on."""


def game(moves: str, rules: str = "6x6x4") -> GameRecord:
    return parse_position(moves, parse_rules(rules))


def drawn(record: GameRecord, look: Look | None = None, ply: int | None = None) -> ET.Element:
    return ET.fromstring(picture_text(record, look, ply))


def part(picture: ET.Element, name: str) -> ET.Element:
    (found,) = [group for group in picture if group.get("class") == name]
    return found


def stones(picture: ET.Element) -> dict[str, str]:
    """What stands where by where its circle is drawn: `{"c3": "black"}`."""
    side = round((float(str(picture.get("width"))) - NEAR) // UNIT)
    found = {}
    for stone in part(picture, "stones").iter(f"{SVG}g"):
        if "stone" not in str(stone.get("class")).split():
            continue
        circle = stone.findall(f"{SVG}circle")[-1]
        col, row = (float(str(circle.get(name))) / UNIT for name in ("cx", "cy"))
        assert row % 1 == col % 1 == 0
        name = point_name(int(row) * side + int(col), side)
        assert name == stone.get("data-point")
        found[name] = str(stone.get("class")).removeprefix("stone ")
    return found


def numbers(picture: ET.Element) -> dict[str, str]:
    return {
        str(stone.get("data-point")): str(text.text)
        for stone in part(picture, "stones").iter(f"{SVG}g")
        for text in stone.findall(f"{SVG}text")
    }


def shown_at(element: ET.Element, second: float) -> bool:
    """Whether an element is to be seen, by its own `animate`."""
    animation = element.find(f"{SVG}animate")
    if animation is None:
        return element.get("visibility") != "hidden"
    assert animation.get("calcMode") == "discrete"
    assert animation.get("repeatCount") == "indefinite"
    duration = float(str(animation.get("dur")).removesuffix("s"))
    begins = [float(key) * duration for key in str(animation.get("keyTimes")).split(";")]
    values = str(animation.get("values")).split(";")
    assert len(values) == len(begins)
    assert sorted(begins) == begins
    assert begins[0] == 0
    return [value for value, begin in zip(values, begins, strict=True) if begin <= second + 1e-3][-1] == "visible"


def test_every_stone_stands_on_its_point_with_its_number() -> None:
    picture = drawn(game("c3d4b2f6"), Look(numbers=True))
    assert stones(picture) == {"c3": "black", "d4": "white", "b2": "black", "f6": "white"}
    assert numbers(picture) == {"c3": "1", "d4": "2", "b2": "3", "f6": "4"}
    assert numbers(drawn(game("c3d4b2f6"))) == {}


@pytest.mark.parametrize("size", range(MIN_SIZE, MAX_SIZE + 1))
def test_corners_edges_and_coordinates_are_inside_the_picture_at_every_size(size: int) -> None:
    last = size * size - 1
    record = record_of(Board.from_moves(Rules(size, 3), [0, last, size - 1, last - size + 1]))
    picture = drawn(record, Look(numbers=True))
    far = chr(ord("a") + size - 1)
    assert stones(picture) == {f"a{size}": "black", f"{far}1": "white", f"{far}{size}": "black", "a1": "white"}
    left, top, width, height = (float(number) for number in str(picture.get("viewBox")).split())
    for circle in part(picture, "stones").iter(f"{SVG}circle"):
        x, y, radius = (float(str(circle.get(name))) for name in ("cx", "cy", "r"))
        assert left <= x - radius
        assert x + radius <= left + width
        assert top <= y - radius
        assert y + radius <= top + height
    texts = [text.text for text in part(picture, "wood").iter(f"{SVG}text")]
    assert len(texts) == 2 * size
    assert set(texts) == {str(number) for number in range(1, size + 1)} | {chr(ord("a") + col) for col in range(size)}


def places(elements: Sequence[ET.Element]) -> list[tuple[float, float]]:
    return [(float(str(one.get("cx"))) / UNIT, float(str(one.get("cy"))) / UNIT) for one in elements]


@pytest.mark.parametrize("look", [Look(), Look(numbers=True), Look(dark=True)])
def test_the_last_move_and_the_line_that_won_are_marked(look: Look) -> None:
    picture = drawn(game(WON), look)
    assert places(part(picture, "last").findall(f"{SVG}circle")) == [(3, 5)]
    assert places(part(picture, "win").findall(f"{SVG}circle")) == [(0, 5), (1, 5), (2, 5), (3, 5)]
    before = drawn(game(WON), look, ply=6)
    assert places(part(before, "last").findall(f"{SVG}circle")) == [(2, 4)]
    assert list(part(before, "win")) == []


def test_a_position_is_shown_after_as_many_moves_as_asked_for() -> None:
    assert stones(drawn(game(WON), ply=0)) == {}
    assert stones(drawn(game(WON), ply=3)) == {"a1": "black", "a2": "white", "b1": "black"}
    for ply in (-1, 8):
        with pytest.raises(RecordError, match=f"ply {ply} is not between 0 and 7"):
            drawn(game(WON), ply=ply)


def test_stones_that_were_set_up_have_no_number_and_blocked_points_are_drawn() -> None:
    cells = [0] * 36
    cells[0], cells[1], cells[2] = 1, -1, 2
    record = GameRecord(parse_rules("6x6x4"), (RecordedMove(14),), Start(tuple(cells), BLACK))
    picture = drawn(record, Look(numbers=True, animated=True))
    assert stones(picture) == {"a6": "black", "b6": "white", "c4": "black"}
    assert numbers(picture) == {"c4": "1"}
    assert len(part(picture, "stones").findall(f"{SVG}rect")) == 1
    standing = part(picture, "stones").findall(f"{SVG}g")[0]
    assert standing.find(f"{SVG}animate") is None, "it is there from the beginning"


def test_the_moving_picture_plays_a_move_a_second_and_begins_again() -> None:
    picture = drawn(game(WON), Look(animated=True))
    moving = part(picture, "stones").findall(f"{SVG}g")
    marks = part(picture, "last").findall(f"{SVG}circle")
    assert len(moving) == len(marks) == 7
    for second in range(7 + PAUSE):
        assert sum(shown_at(stone, second) for stone in moving) == min(second, 7)
        assert [shown_at(mark, second) for mark in marks] == [number == min(second, 7) for number in range(1, 8)]
        assert shown_at(part(picture, "win"), second) == (second >= 7)
    durations = {animation.get("dur") for animation in picture.iter(f"{SVG}animate")}
    assert durations == {f"{7 + PAUSE}s"}


def test_a_moving_picture_where_nothing_moves_shows_the_last_position() -> None:
    picture = drawn(game(WON), Look(animated=True))
    marks = part(picture, "last").findall(f"{SVG}circle")
    assert [mark.get("visibility") for mark in marks] == ["hidden"] * 6 + [None]
    assert all(stone.get("visibility") is None for stone in part(picture, "stones"))


def test_a_picture_holds_no_script_and_nothing_from_elsewhere() -> None:
    text = picture_text(game(WON), Look(True, True, True)).replace("http://www.w3.org/2000/svg", "")
    for word in ("script", "href", "http", "onload", "foreignObject"):
        assert word not in text


@given(st.text(), st.text())
@settings(max_examples=50)
def test_any_name_makes_well_formed_xml(black: str, white: str) -> None:
    record = GameRecord(parse_rules("6x6x4"), black=black, white=white)
    title = ET.fromstring(picture_text(record)).find(f"{SVG}title")
    assert title is not None
    assert "6x6x4, 0 moves" in str(title.text)
    picture_text(GameRecord(parse_rules("3x3x3"), black="\ud800\x00<b>&")).encode()


@given(st.integers(0, 10**6), st.integers(MIN_SIZE, 10))
@settings(max_examples=20)
def test_the_picture_of_any_game_holds_the_stones_of_its_board(seed: int, size: int) -> None:
    board, player = Board(Rules(size, 3)), RandomPlayer(seed=seed)
    while board.outcome is None:
        (decision,) = player.decide([board], Limit(seed=derived_seed(seed, board.ply)))
        board.push(decision.move)
    picture = drawn(record_of(board), Look(numbers=True))
    colours = {1: "black", -1: "white"}
    expected = {point_name(move, size): colours[int(board.cells[move])] for move in board.moves}
    assert stones(picture) == expected
    assert list(numbers(picture)) == [point_name(move, size) for move in board.moves]
    assert len(part(picture, "win").findall(f"{SVG}circle")) == len(board.winning_line())


def test_a_picture_is_never_written_over_a_file_and_its_name_ends_in_svg(tmp_path: Path) -> None:
    path = tmp_path / "game.svg"
    write_picture(game(WON), path)
    with pytest.raises(FileExistsError, match="exists already"):
        write_picture(game("c3"), path)
    assert path.read_text(encoding="utf-8") == picture_text(game(WON))
    with pytest.raises(RecordError, match=r"does not end in \.svg"):
        write_picture(game(WON), tmp_path / "game.png")
    save_game(game(WON), tmp_path / "saved.SVG", tree_of(game(WON)))
    save_game(game(WON), tmp_path / "saved.sgf", tree_of(game(WON)))
    assert (tmp_path / "saved.SVG").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "saved.sgf").read_text(encoding="utf-8").startswith("(;")


DARK_STONE, LIGHT_STONE, WOOD = (30, 28, 25), (246, 241, 231), (227, 190, 130)
COLOUR_AT = """async ([url, points]) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return points.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3));
}"""
SHOWN_AT = """second => {
    document.documentElement.pauseAnimations();
    document.documentElement.setCurrentTime(second);
    return [...document.querySelectorAll(".stone")].filter(stone => getComputedStyle(stone).visibility === "visible")
        .map(stone => stone.dataset.point);
}"""


def test_a_real_browser_shows_stones_wood_and_each_move_in_its_second(browser: Browser, tmp_path: Path) -> None:
    record = game("c3d4f1a6")
    left, top, *_ = (float(number) for number in str(drawn(record).get("viewBox")).split())

    def pixel(name: str) -> tuple[float, float]:
        (move,) = parse_moves(name, 6)
        # Beside the mark of the last move in the middle.
        return move % 6 * UNIT - left + 9, move // 6 * UNIT - top + 9

    write_picture(record, tmp_path / "moving.svg", Look(animated=True))
    page = browser.new_page()
    expected = {"c3": DARK_STONE, "f1": DARK_STONE, "d4": LIGHT_STONE, "a6": LIGHT_STONE, "b2": WOOD}
    url = "data:image/svg+xml;base64," + b64encode(picture_text(record).encode()).decode()
    colours = page.evaluate(COLOUR_AT, [url, [pixel(name) for name in expected]])
    for (name, wanted), colour in zip(expected.items(), colours, strict=True):
        assert math.dist(wanted, colour) < 40, f"{name} is {colour}"
    page.goto((tmp_path / "moving.svg").as_uri())
    for second in range(5 + PAUSE - 1):
        assert page.evaluate(SHOWN_AT, second + 0.5) == ["c3", "d4", "f1", "a6"][:second]
    assert page.evaluate(SHOWN_AT, 4 + PAUSE + 2.5) == ["c3", "d4"], "it begins again"
    page.close()

"""One point in every notation, and reading back what was written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomoku.errors import NotationError
from gomoku.notation import (
    gomocup_name,
    moves_name,
    parse_drawing,
    parse_gomocup,
    parse_moves,
    parse_point,
    point_name,
    position_text,
)
from gomoku.records import GameRecord, RecordedMove
from gomoku.rules import MAX_SIZE, MIN_SIZE, Rules
from gomoku.sgf import sgf_text

SAME_POINTS = [
    # size, move, people, Gomocup, SGF
    (15, 112, "h8", "7,7", "hh"),
    (15, 0, "a15", "0,0", "aa"),
    (15, 14, "o15", "14,0", "oa"),
    (15, 210, "a1", "0,14", "ao"),
    (15, 224, "o1", "14,14", "oo"),
    (15, 128, "i7", "8,8", "ii"),
    (6, 9, "d5", "3,1", "db"),
    (20, 21, "b19", "1,1", "bb"),
    (22, 483, "v1", "21,21", "vv"),
    (3, 5, "c2", "2,1", "cb"),
]
points = st.integers(MIN_SIZE, MAX_SIZE).flatmap(
    lambda size: st.tuples(st.integers(0, size * size - 1), st.just(size))
)


@pytest.mark.parametrize(("size", "move", "people", "gomocup", "sgf"), SAME_POINTS)
def test_a_point_has_one_name_in_every_notation(size: int, move: int, people: str, gomocup: str, sgf: str) -> None:
    assert point_name(move, size) == people
    assert parse_point(people, size) == move
    assert gomocup_name(move, size) == gomocup
    assert parse_gomocup(gomocup, size) == move
    record = GameRecord(Rules(size, 3), (RecordedMove(move),))
    assert f";B[{sgf}]" in sgf_text(record)


@given(points)
def test_every_name_of_a_point_is_read_back(point: tuple[int, int]) -> None:
    move, size = point
    assert parse_point(point_name(move, size), size) == move
    assert parse_gomocup(gomocup_name(move, size), size) == move


@given(st.integers(MIN_SIZE, MAX_SIZE), st.data())
def test_every_position_string_is_read_back(size: int, data: st.DataObject) -> None:
    moves = data.draw(st.lists(st.integers(0, size * size - 1), unique=True, max_size=40))
    assert parse_moves(moves_name(moves, size), size) == moves


def test_position_strings_may_hold_spaces_commas_and_capitals() -> None:
    assert parse_moves(" H8, i9\ng7 ", 15) == parse_moves("h8i9g7", 15)
    assert parse_moves("", 15) == []


@pytest.mark.parametrize("text", ["", "h", "8", "h0", "h16", "p1", "h8h9", "8h", "7,7", "h-8", "h\u0668", "ää"])
def test_what_is_no_point_is_refused_with_the_text_and_the_range(text: str) -> None:
    with pytest.raises(NotationError, match="between a1 and o15") as caught:
        parse_point(text, 15)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["", "7", "7,", "15,0", "0,15", "-1,0", "7,7,1", "7;7", "h8", "7.0,7", "\u0667,7"])
def test_what_is_no_gomocup_point_is_refused_with_the_text_and_the_range(text: str) -> None:
    with pytest.raises(NotationError, match="between 0,0 and 14,14") as caught:
        parse_gomocup(text, 15)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(("text", "culprit"), [("h8i99", "i99"), ("h8 7,7", "7"), ("h8?", "?"), ("h8i9H8", "H8")])
def test_a_position_string_is_refused_with_the_part_that_is_wrong(text: str, culprit: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_moves(text, 15)
    assert repr(culprit) in str(caught.value)


@given(st.integers(MIN_SIZE, 8), st.data())
def test_a_drawing_is_read_back(size: int, data: st.DataObject) -> None:
    contents = st.lists(st.sampled_from([1, -1, 0, 2]), min_size=size * size, max_size=size * size)
    cells = np.array(data.draw(contents), dtype=np.int8)
    drawing = [line[3:] for line in position_text(cells, size).split("\n")[1:]]
    assert (parse_drawing(drawing) == cells).all()


def test_the_last_move_stands_in_brackets_at_the_board_s_edges_too() -> None:
    cells = np.array([1, 0, -1, 0, 1, 0, 0, 0, 0], dtype=np.int8)
    assert position_text(cells, 3, 0).split("\n")[1] == " 3 (X). O"
    assert position_text(cells, 3, 2).split("\n")[1] == " 3  X .(O)"
    assert position_text(cells, 3, 4).split("\n")[2] == " 2  .(X)."
    assert position_text(cells, 3) == "    a b c\n 3  X . O\n 2  . X .\n 1  . . ."


@pytest.mark.parametrize(
    ("drawing", "complaint"),
    [("...\n..\n...", "'..' has 2 points"), ("..\n..\n..", "has 2 points"), ("..\n.x", "'x' in row '.x'")],
)
def test_a_drawing_that_is_not_square_or_not_understood_is_refused(drawing: str, complaint: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_drawing(drawing)
    assert complaint in str(caught.value)

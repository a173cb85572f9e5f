"""PSQ, position strings and opening lines, and the one door to all forms of a record."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gomoku.board import Board
from gomoku.errors import NotationError, RecordError
from gomoku.notation import parse_moves
from gomoku.opening_lines import offsets_name, openings_text, parse_opening_line
from gomoku.psq import parse_psq, psq_text
from gomoku.record_forms import (
    Form,
    form_of,
    parse_likely_tree,
    parse_position,
    parse_record,
    parse_tree,
    position_string,
    record_text,
    tree_text,
)
from gomoku.records import GameRecord, record_of
from gomoku.rules import WHITE, Rules, Variant, parse_rules

names = st.sampled_from(["", "Ann", "pbrain-x.exe", "two words"])


@st.composite
def games(draw: st.DrawFn) -> GameRecord:
    board = Board(draw(st.sampled_from([Rules(15), Rules(20), Rules(5), Rules(22)])))
    rng = draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(0, 30))):
        if board.outcome is None:
            board.push(rng.choice(board.legal_moves()))
    return record_of(board, black=draw(names), white=draw(names))


@settings(max_examples=40)
@given(games(), st.booleans())
def test_games_are_read_back_in_every_form(record: GameRecord, from_top: bool) -> None:
    assert parse_psq(psq_text(record)) == record
    for form in (Form.SGF, Form.JSON, Form.PSQ):
        assert form_of(record_text(record, form)) is form
        assert parse_record(record_text(record, form)) == record
        assert parse_tree(tree_text(parse_tree(record_text(record, form)), form)).main_line() == record
    bare = replace(record, black="", white="")
    assert parse_position(position_string(record, from_top), record.rules, from_top) == bare
    assert parse_record(record_text(record, Form.POSITION), rules=record.rules) == bare


PSQ = "Piskvorky 15x15, 11:11, 0\n8,8,0\n9,8,12\n8,9\n"


def test_psq_counts_from_one_at_the_top_left() -> None:
    record = GameRecord(Rules(), parse_psq(PSQ).line, black="Ann")
    assert psq_text(record) == "Piskvorky 15x15, 0:0, 0\n8,8,0\n9,8,0\n8,9,0\nAnn\nhomo-2\n-1\n"
    assert record.moves == tuple(parse_moves("h8 i8 h7", 15))


@pytest.mark.parametrize(
    ("text", "black", "white"),
    [
        (PSQ, "", ""),
        (PSQ + "-1\n", "", ""),
        (PSQ.replace("\n", "\r\n") + "A.zip\r\nB.zip\r\n-1\r\n0,Freestyle15_1\r\n", "A.zip", "B.zip"),
        (PSQ.replace("11, 0", "11, 1") + "A\nB\n0\n", "B", "A"),
        (PSQ.replace(", 11:11, 0", " , 0 - 0") + "homo-1\nX", "", "X"),
        ("\n piskvorky 15 x 15\n 8 , 8 , 3\n\n9;8\n8,9,-1\nhomo-1\nhomo-2\n15", "", ""),
    ],
)
def test_psq_of_other_programs_is_read(text: str, black: str, white: str) -> None:
    record = parse_psq(text)
    assert record.moves == tuple(parse_moves("h8 i8 h7", 15))
    assert (record.black, record.white) == (black, white)


def test_a_psq_game_that_goes_on_after_an_overline_was_played_by_other_rules() -> None:
    moves = ["1,1", "1,9", "2,1", "2,9", "3,1", "3,9", "5,1", "5,9", "6,1", "6,9", "4,1", "8,8"]
    assert parse_psq("\n".join(["Piskvorky 15x15, 0:0, 0", *moves])).rules.variant is Variant.STANDARD
    with pytest.raises(RecordError, match=r"move 12: .* the game is over"):
        parse_psq("\n".join(["Piskvorky 15x15", *moves]), Variant.FREESTYLE)
    for likely, taken_for in (("renju-15x15", "standard-15x15"), ("standard-20x20", "standard-15x15")):
        game = parse_likely_tree("\n".join(["Piskvorky 15x15", *moves]), None, parse_rules(likely)).game
        assert game.rules.name == taken_for
    assert parse_likely_tree(PSQ, None, parse_rules("renju-6x6")).game.rules.name == "renju-15x15"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: not PSQ"),
        ("Gomoku 15x15", "line 1: not PSQ"),
        ("Piskvorky 15x20, 0:0, 0", "15x20 is not square"),
        ("Piskvorky 30x30, 0:0, 0", "line 1: board size 30"),
        ("Piskvorky 4x4, 0:0, 0", "win length 5 does not fit"),
        ("Piskvorky 15x15\n8,8,0\n8,8,0", "move 2: h8 is occupied"),
        ("Piskvorky 15x15\n16,1,0", "move 1: '16,1,0' is not between 1,1 and 15,15"),
        ("Piskvorky 15x15\n0,1,0", "move 1: '0,1,0' is not between"),
    ],
)
def test_psq_that_is_no_legal_game_is_refused_with_the_place(text: str, complaint: str) -> None:
    with pytest.raises(RecordError, match=complaint):
        parse_psq(text)


def test_what_a_form_cannot_hold_is_refused() -> None:
    set_up = record_of(Board.from_drawing(Rules(5), "X....\n.....\n.....\n.....\n.....", WHITE))
    for form in (Form.PSQ, Form.POSITION):
        with pytest.raises(RecordError, match="set up"):
            record_text(set_up, form)
    with pytest.raises(RecordError, match="five in a row"):
        psq_text(GameRecord(Rules(6, 4)))
    for name in ("3,4", "-1", "7,7,0"):
        with pytest.raises(RecordError, match="cannot be a player's name"):
            psq_text(GameRecord(Rules(), white=name))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("h8 z9", "'z9' is not a point"),
        ("h8h8", "'h8' comes twice"),
        ("h16", "'h16' is not a point"),
        ("a1" * 6000, "too long for a game"),
        ("{" + " " * 4_000_001, "too long for a game"),
    ],
)
def test_what_comes_through_the_door_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(RecordError, match=complaint):
        parse_record(text)


def test_rows_may_be_counted_from_the_top() -> None:
    assert parse_position("a1", Rules(), from_top=True).moves == (0,)
    assert parse_position("a1", Rules()).moves == (210,)


@pytest.mark.parametrize("as_offsets", [False, True])
@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 224), min_size=1, max_size=6, unique=True), min_size=1, max_size=4))
def test_openings_are_read_back(as_offsets: bool, openings: list[list[int]]) -> None:
    lines = openings_text(openings, 15, as_offsets).splitlines()
    assert [parse_opening_line(line, 15) for line in lines] == openings


def test_offsets_are_column_and_row_from_the_centre() -> None:
    moves = parse_opening_line("8,-3, 6,-4, 5,-4,", 20)
    assert moves == [7 * 20 + 18, 6 * 20 + 16, 6 * 20 + 15]
    assert offsets_name(moves, 20) == "8,-3, 6,-4, 5,-4"
    assert parse_opening_line("0 0 1 1", 15) == [112, 128]


@pytest.mark.parametrize("text", ["1,2,3", "9,0", "0,0, 0,0", "1,,2", "1;2", "²,1", "-", ""])
def test_lines_that_are_no_opening_are_refused(text: str) -> None:
    with pytest.raises(NotationError):
        parse_opening_line(text, 15)

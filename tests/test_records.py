"""Records: what is written is read back, and what is not a legal game is refused."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gomoku.board import Board, Outcome
from gomoku.errors import RecordError
from gomoku.game_tree import tree_of
from gomoku.notation import parse_moves
from gomoku.record_files import read_record, write_tree
from gomoku.records import FORFEIT, RESIGNATION, TIME, GameRecord, json_text, parse_json, record_of
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE, Rules, Variant
from gomoku.sgf import parse_sgf, sgf_text

FORMATS = [(json_text, parse_json), (sgf_text, parse_sgf)]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)
values = st.none() | st.floats(-1, 1)
every_rules = st.sampled_from(
    [Rules(3, 3), Rules(6, 4), Rules(22, 6, Variant.STANDARD), Rules(7, 5, Variant.RENJU), Rules(15, 5), Rules(6, 5)]
)


@st.composite
def boards(draw: st.DrawFn) -> Board:
    rules = draw(every_rules)
    cells = np.zeros(rules.num_points, np.int8)
    for move in draw(st.sets(st.integers(0, 8), max_size=3)):
        cells[move] = draw(st.sampled_from([BLACK, WHITE, BLOCKED]))
    board = Board.from_cells(rules, cells, draw(st.sampled_from([BLACK, WHITE])))
    rng = draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(0, 20))):
        if board.outcome is None:
            board.push(rng.choice(board.legal_moves()))
    return board


@st.composite
def records(draw: st.DrawFn) -> GameRecord:
    board = draw(boards())
    ended = None
    if board.outcome is None and draw(st.booleans()):
        reason = draw(st.sampled_from([RESIGNATION, TIME, FORFEIT]) | texts)
        ended = Outcome(draw(st.sampled_from([BLACK, WHITE, 0])), reason)
    names = {name: draw(texts) for name in ("black", "white", "date")}
    judged = [draw(values) for _ in board.moves]
    record = record_of(board, ended=ended, values=judged, **names)
    line = tuple(replace(played, comment=draw(texts)) for played in record.line)
    return replace(record, line=line, comment=draw(texts))


@settings(max_examples=150)
@given(records())
def test_a_record_is_read_back_from_json_and_sgf(record: GameRecord) -> None:
    assert parse_json(json_text(record)) == record
    assert parse_sgf(sgf_text(record)) == record
    assert "\n" not in json_text(record)


@given(boards())
def test_a_record_replays_to_the_board_it_was_made_of(board: Board) -> None:
    replayed = record_of(board).replay()
    assert replayed.key == board.key
    assert replayed.moves == board.moves
    assert replayed.outcome == board.outcome


def test_an_sgf_record_says_what_other_programs_read() -> None:
    board = Board.from_moves(Rules(15, 5, Variant.RENJU), parse_moves("h8 i9", 15))
    record = record_of(board, ended=Outcome(WHITE, RESIGNATION), black="Ann", white="a]b\\c", values=[0.25, 0.5])
    assert sgf_text(record) == (
        "(;FF[4]GM[4]CA[UTF-8]AP[gomoku-zero]SZ[15]RU[renju]PB[Ann]PW[a\\]b\\\\c]RE[W+R]\n"
        ";B[hh]V[0.25];W[ig]V[-0.5])\n"
    )


def test_whole_numbers_in_an_sgf_record_have_no_empty_fraction() -> None:
    board = Board.from_moves(Rules(15), parse_moves("h8 i9", 15))
    assert ";B[hh]V[1];W[ig]V[0]" in sgf_text(record_of(board, values=[1.0, 0.0]))


def test_an_sgf_record_holds_its_set_up_stones() -> None:
    board = Board.from_drawing(Rules(3, 3), "XO.\n.#.\n...", WHITE)
    board.push(2)
    assert "AB[aa]AW[ba]BLOCKED[bb]PL[W]\n;W[ca])" in sgf_text(record_of(board))


@pytest.mark.parametrize(
    ("text", "rules", "moves", "result"),
    [
        ("(;SZ[15];B[hh];W[ii])", "15x15", "h8i7", "*"),
        (
            "mail header\n(\n;GM[1]SZ[15:15]RU[FREESTYLE]RE[W+Time];B[hh](;W[ii];B[aa])(;W[gg]))",
            "15x15",
            "h8i7a15",
            "0-1",
        ),
        ("(;GM[1]SZ[19]RU[Japanese];B[dd];W[pp])", "19x19", "d16p4", "*"),
        ("(;GM[1]SZ[6]RU[6x6x4];B[cc])", "6x6x4", "c4", "*"),
        ("(;SZ[15]RU[];B[hh])", "15x15", "h8", "*"),
        ("(;RU[4]RE[0];B[hh])", "renju-15x15", "h8", "1/2-1/2"),
        ("(;SZ[15]RU[1]RE[Void];Black[hh];White[gg])", "standard-15x15", "h8g9", "*"),
        ("(;SZ[3]RU[3x3x3];B[aa];W[bb];B[ab];W[cc];B[ac])", "3x3x3", "a3b2a2c1a1", "1-0"),
        ("(;SZ[15];AB[aa:bb]PL[B];B[hh]C[a \\] and\\\n b])", "15x15", "h8", "*"),
    ],
)
def test_sgf_of_other_programs_is_read(text: str, rules: str, moves: str, result: str) -> None:
    record = parse_sgf(text)
    assert record.rules.name == rules
    assert list(record.moves) == parse_moves(moves, record.rules.size)
    assert record.result == result


def test_a_rectangle_of_set_up_stones_is_filled() -> None:
    record = parse_sgf("(;SZ[15]AB[aa:bb]PL[B])")
    assert record.start is not None
    assert [move for move, cell in enumerate(record.start.cells) if cell != EMPTY] == [0, 1, 15, 16]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no game begins"),
        ("(;SZ[15]", r"1 '\)' are missing"),
        ("(;SZ[15]\n;B[hh];B[ii])", "line 2: move 2 has to be one move of White"),
        ("(;SZ[15];B[hh]\n;W[hh])", "move 2: h8 is occupied"),
        ("(;SZ[15];B[pp])", "line 1: move 1: 'pp' is not a point between aa and oo"),
        ("(;SZ[15];B[])", "move 1: '' is not a point"),
        ("(;SZ[15];B[aa:bb])", "move 1: 'aa:bb' is not one point"),
        ("(;SZ[15:14])", "SZ.15:14. is not the size"),
        ("(;SZ[99])", "board size 99"),
        ("(;GM[1]SZ[99]RU[Japanese])", "line 1: board size 99"),
        ("(;SZ[x])", "SZ.x. is not the size"),
        ("(;SZ[15]RU[Japanese])", "RU may also be one of freestyle"),
        ("(;SZ[15]RU[6x6x4])", "contradicts"),
        ("(;GM[2])", "is not Gomoku"),
        ("(;SZ[15])(;SZ[15])", "may hold one game"),
        ("(;SZ[15];B[hh];AB[aa])", "set up after the game's start"),
        ("(;SZ[15]\n;B[hh]?)", "line 2: '\\?\\)' is not SGF"),
        ("(;[hh])", "belongs to no property"),
        ("(;SZ[3]RU[3x3x3]RE[W+];B[aa];W[bb];B[ab];W[cc];B[ac])", "result 0-1 contradicts"),
        ("(;SZ[3]RU[3x3x3];B[aa];W[bb];B[ab];W[cc];B[ac];W[cb])", "move 6: .* the game is over"),
    ],
)
def test_sgf_that_is_no_legal_game_is_refused_with_the_place(text: str, complaint: str) -> None:
    with pytest.raises(RecordError, match=complaint):
        parse_sgf(text)


GOOD = {"format": "gomoku-record-1", "rules": "6x6x4", "moves": "c3d4"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": "x"}, "not a game record"),
        ({"rules": "6x7"}, "must be square"),
        ({"rules": 6}, "rules has to be a text, not 6"),
        ({"moves": ["c3"]}, "moves has to be a text"),
        ({"moves": "c3z9"}, "'z9' is not a point between a1 and f6"),
        ({"moves": "c3d4c3"}, "'c3' comes twice"),
        ({"result": "2-0"}, "'2-0' is not one of 1-0"),
        ({"black": None}, "black has to be a text"),
        ({"winner": "me"}, "unknown field 'winner'"),
        ({"values": [0.5]}, "1 values for 2 moves"),
        ({"values": [0.5, 1.5]}, "move 2: the value 1.5"),
        ({"values": [0.5, float("nan")]}, "move 2: the value nan"),
        ({"values": [True, 0]}, "move 1: the value True"),
        ({"comments": ["", 1]}, "move 2: the comment"),
        ({"comments": "x"}, "comments has to be a list"),
        ({"start": []}, "start has to be"),
        ({"start": {"rows": ["..."], "to_play": "black"}}, "start: row"),
        ({"start": {"rows": ["...", "...", "..."], "to_play": "black"}}, "9 points do not make a board of 6x6x4"),
        ({"start": {"rows": [1], "to_play": "black"}}, "start: rows has to be a list of texts"),
        ({"start": {"rows": ["......"] * 6, "to_play": "red"}}, "to_play 'red' is not one of black, white"),
        (
            {"start": {"rows": ["...X.."] + ["......"] * 5, "to_play": "black"}, "moves": "d6"},
            "move 1: d6 is occupied",
        ),
    ],
)
def test_json_that_is_no_legal_game_is_refused_with_the_field(changes: dict, complaint: str) -> None:
    with pytest.raises(RecordError, match=complaint):
        parse_json(json.dumps(GOOD | changes))


@pytest.mark.parametrize("text", ["", "[]", "7", '"x"', "{", "[" * 100_000, "1" * 5000, '{"format"'])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        parse_json(text)


def test_the_result_is_filled_in_where_the_board_shows_it() -> None:
    text = json.dumps(GOOD | {"rules": "3x3x3", "moves": "a3b2a2c1a1"})
    assert parse_json(text).result == "1-0"
    assert parse_json(text).reason == "line"


def long_record() -> GameRecord:
    board = Board.from_drawing(Rules(15, 5, Variant.STANDARD), "\n".join(["X" + "." * 14] + ["." * 15] * 14), WHITE)
    rng = random.Random(5)
    for _ in range(30):
        board.push(rng.choice(board.legal_moves()))
    return record_of(board, black="A", white="B", date="2026-01-31", values=[0.5] * 30)


@pytest.mark.parametrize(("write", "parse"), FORMATS)
def test_a_record_that_was_cut_off_is_refused(write, parse) -> None:
    text = write(long_record()).rstrip()
    for length in range(len(text)):
        with pytest.raises(RecordError):
            parse(text[:length])


@pytest.mark.parametrize(("write", "parse"), FORMATS)
def test_a_mutilated_record_is_refused_or_is_another_legal_game(write, parse) -> None:
    text = write(long_record())
    rng = random.Random(7)
    refused = 0
    for _ in range(500):
        at, length = rng.randrange(len(text)), rng.randrange(1, 9)
        damage = "".join(rng.choice(text + '\x00\\[](){};:"é\ud800') for _ in range(rng.randrange(4)))
        try:
            parse(text[:at] + damage + text[at + length :]).replay()
        except RecordError:
            refused += 1
    assert refused > 250


@pytest.mark.parametrize("suffix", [".sgf", ".json", ".SGF"])
def test_a_file_is_read_back_by_its_suffix(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"game{suffix}"
    record = replace(long_record(), black="Ünal 五")
    write_tree(tree_of(record), path)
    assert read_record(path) == record
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "game.sgf"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists already"):
        write_tree(tree_of(long_record()), path)
    assert path.read_text() == "mine"


def test_a_file_of_another_suffix_is_refused(tmp_path: Path) -> None:
    for use in (lambda path: write_tree(tree_of(long_record()), path), read_record):
        with pytest.raises(RecordError, match=r"does not end in \.sgf or \.json"):
            use(tmp_path / "game.txt")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_game_is_named_in_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "game.sgf"
    path.write_bytes(b"\xff\xfe\x00garbage")
    with pytest.raises(RecordError, match=r"game\.sgf: line 1: not SGF"):
        read_record(path)


def test_a_file_in_an_old_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "game.sgf"
    path.write_bytes("(;SZ[15]PB[Müller];B[hh])".encode("latin-1"))
    assert read_record(path).black == "Müller"

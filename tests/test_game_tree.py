"""Games with variations: SGF out and in, an independent reader, and files that were mutilated."""

import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgfmill import sgf

from benchmarks.mutilated_records import mutilate
from gomoku.board import Board
from gomoku.errors import RecordError
from gomoku.game_tree import START, GameTree, GrowingTree, TreeMove, checked_tree, tree_of
from gomoku.notation import parse_moves
from gomoku.record_files import read_tree, write_tree
from gomoku.records import GameRecord, RecordedMove
from gomoku.rules import Rules, Variant
from gomoku.sgf import parse_sgf, parse_sgf_tree, sgf_tree_text

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8)
MUTILATED = 300
"""Of each form; `python -m benchmarks.mutilated_records` takes 10,000."""


@st.composite
def trees(draw: st.DrawFn) -> GameTree:
    rules = draw(st.sampled_from([Rules(5, 4), Rules(15), Rules(9, variant=Variant.RENJU), Rules(6, 5)]))
    rng = draw(st.randoms(use_true_random=False))
    moves: list[TreeMove] = []

    def grow(board: Board, parent: int, depth: int) -> None:
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3)) if depth < 6 else 0):
            if board.outcome is not None:
                return
            move = rng.choice(board.legal_moves())
            played = RecordedMove(move, rng.choice(("", "]\\;(x")), rng.choice((None, 0.5, -1.0)))
            moves.append(TreeMove(played, parent))
            board.push(move)
            grow(board, len(moves) - 1, depth + 1)
            board.pop()

    grow(Board(rules), START, 0)
    return checked_tree(GameTree(GameRecord(rules, black=draw(texts), comment=draw(texts)), tuple(moves)))


def ladder() -> GameTree:
    """h8 i9 g7, with a variation on the second move and two on the first."""
    points = [parse_moves(name, 15)[0] for name in ("h8", "i9", "g7", "h9", "j10", "a1", "o15")]
    parents = [START, 0, 1, 0, 3, START, START]
    moves = tuple(TreeMove(RecordedMove(move), parent) for move, parent in zip(points, parents, strict=True))
    return GameTree(GameRecord(Rules()), moves)


@settings(max_examples=40)
@given(trees())
def test_a_tree_is_read_back_from_sgf(tree: GameTree) -> None:
    assert parse_sgf_tree(sgf_tree_text(tree)) == tree
    assert parse_sgf(sgf_tree_text(tree)) == tree.main_line()


@settings(max_examples=20)
@given(trees())
def test_an_independent_reader_finds_the_same_tree(tree: GameTree) -> None:
    size = tree.game.rules.size
    followers = tree.children()
    game = sgf.Sgf_game.from_bytes(sgf_tree_text(tree).encode())
    assert game.get_size() == size

    def compare(node: sgf.Tree_node, index: int, colour: str) -> None:
        assert len(node) == len(followers[index])
        for child, follower in zip(node, followers[index], strict=True):
            played = tree.moves[follower].played
            row, col = divmod(played.move, size)
            assert child.get_move() == (colour, (size - 1 - row, col))
            assert (child.get("C") if child.has_property("C") else "") == played.comment
            assert child.has_property("V") == (played.value is not None)
            compare(child, follower, "w" if colour == "b" else "b")

    compare(game.get_root(), START, "b")


def test_variations_are_written_between_brackets_each_on_a_line() -> None:
    assert sgf_tree_text(ladder()) == (
        "(;FF[4]GM[4]CA[UTF-8]AP[gomoku-zero]SZ[15]RU[freestyle]\n"
        "(;B[hh]\n(;W[ig];B[gi])\n(;W[hg];B[jf]))\n(;B[ao])\n(;B[oa]))\n"
    )


def test_a_tree_knows_its_lines() -> None:
    tree = ladder()
    assert tree.main_line().moves == tuple(parse_moves("h8i9g7", 15))
    assert tree.path(4) == [0, 3, 4]
    assert tree.path(START) == []
    assert tree_of(tree.main_line()).main_line() == tree.main_line()


def test_a_game_that_goes_on_keeps_the_lines_it_left() -> None:
    tree = ladder()
    growing = GrowingTree(tree)
    assert growing.tree(tree.game) == tree
    i9, a15 = parse_moves("i9a15", 15)
    assert growing.pop().move == tree.moves[2].played.move
    assert growing.pop().move == i9
    growing.push(RecordedMove(a15, value=0.25))
    left = growing.tree(tree.game)
    assert left.main_line().moves == tuple(parse_moves("h8a15", 15))
    assert sorted(move.played.move for move in left.moves) == sorted([*(m.played.move for m in tree.moves), a15])
    growing.push(RecordedMove(tree.moves[2].played.move))
    growing.pop()
    assert growing.tree(tree.game) == left, "what was taken back is not played"
    growing.pop()
    assert growing.tree(tree.game).main_line().moves == tuple(parse_moves("h8", 15)), "nor what the file brought"
    growing.push(RecordedMove(i9, value=-0.5))
    growing.push(tree.moves[2].played)
    again = growing.tree(tree.game)
    assert again.main_line().moves == tree.main_line().moves
    assert again.main_line().line[1] == RecordedMove(i9, value=-0.5)
    assert len(again.moves) == len(tree.moves) + 2


@settings(max_examples=30)
@given(trees(), st.randoms(use_true_random=False))
def test_a_game_that_goes_on_anyhow_is_a_legal_tree_with_its_own_line_first(tree: GameTree, rng: Random) -> None:
    growing, board = GrowingTree(tree), tree.main_line().replay()
    for _ in range(20):
        if board.moves and (rng.random() < 0.5 or board.outcome is not None):
            assert growing.pop().move == board.pop()
        elif board.outcome is None:
            move = rng.choice(board.legal_moves())
            board.push(move)
            growing.push(RecordedMove(move))
    grown = checked_tree(growing.tree(GameRecord(tree.game.rules)))
    here = tuple(board.moves)
    assert grown.main_line().moves == here
    assert grown.main_line().line == growing.line
    assert lines_of(grown) >= {line for line in lines_of(tree) if line[: len(here)] != here}
    assert checked_tree(GrowingTree(grown).tree(grown.game)) == grown


def lines_of(tree: GameTree) -> set[tuple[int, ...]]:
    return {tuple(tree.moves[index].played.move for index in tree.path(end)) for end in range(len(tree.moves))}


def test_nodes_of_other_programs_are_understood() -> None:
    text = "(;GM[1]SZ[15];AB[aa]PL[W];C[no move];W[hh](;C[nor here];B[ii])(;B[jj];W[kk])(;))"
    tree = parse_sgf_tree(text)
    assert [move.parent for move in tree.moves] == [START, 0, 0, 2]
    assert tree.game.start is not None
    assert tree.moves[0].played.comment == "nor here"


def test_an_illegal_variation_is_refused_but_spares_the_main_line() -> None:
    text = "(;SZ[15];B[hh](;W[ii])(;W[jj];B[hh]))"
    assert parse_sgf(text).moves == tuple(parse_moves("h8i7", 15))
    with pytest.raises(RecordError, match="move 3: h8 is occupied"):
        parse_sgf_tree(text)
    with pytest.raises(RecordError, match="line 1: move 2 has to be one move of White"):
        parse_sgf_tree("(;SZ[15];B[hh](;W[ii])(;B[jj]))")
    with pytest.raises(RecordError, match="does not follow"):
        checked_tree(replace(ladder(), moves=(TreeMove(RecordedMove(3), parent=7),)))
    with pytest.raises(RecordError, match="is occupied"):
        sgf_tree_text(GameTree(GameRecord(Rules()), (TreeMove(RecordedMove(3)), TreeMove(RecordedMove(3), 0))))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("(;SZ[15]" + ";B[hh]" * 21_000 + ")", "more than 20000 moves"),
        ("(;SZ[15]C[" + "x" * 4_000_001 + "])", "too long for a game"),
        ("(;SZ[15]" + "(" * 100_000, "100001 '\\)' are missing"),
        ("(;SZ[15]AB" + "[aa:oo]" * 2000 + ")", "2000 points and rectangles are set up"),
        ("(;" + "C[" * 100_000, "is not SGF"),
        ("(" * 500_000, "no game begins"),
    ],
)
def test_a_monstrous_file_is_refused_soon(text: str, complaint: str) -> None:
    started = time.monotonic()
    with pytest.raises(RecordError, match=complaint):
        parse_sgf_tree(text)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("suffix", [".sgf", ".json", ".psq"])
def test_a_tree_goes_through_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"game{suffix}"
    tree = checked_tree(ladder())
    write_tree(tree, path)
    assert read_tree(path) == (tree if suffix == ".sgf" else tree_of(tree.main_line()))


def test_mutilated_files_are_refused_in_one_line_and_in_time() -> None:
    for report in mutilate(MUTILATED, seed=11):
        assert report.refused > MUTILATED / 10
        assert report.longest_complaint < 200
        assert report.slowest_seconds < 1

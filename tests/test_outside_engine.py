"""Programs of others as engines: the real script in a process of its own, with a package in place of theirs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from arena.gomocup_player import GomocupPlayer, GomocupSpec
from benchmarks.outside_engine import in_order
from gomoku.board import Board
from gomoku.match import Pairing, play_games
from gomoku.random_player import RandomPlayer
from gomoku.rules import Rules

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "outside_engine.py"
RULES = Rules(7, 5)
BOARD = """
class Board:
    EMPTY, BLACK, WHITE, SIZE = 0, 1, 2, 20
    def __init__(self): self.stones = {}
    def place_stone(self, row, col, player):
        assert (row, col) not in self.stones and max(row, col) < self.SIZE
        assert (len(self.stones) % 2 == 0) == (player == self.BLACK)
        self.stones[row, col] = player
"""
AI = """
class GomokuAI:
    def __init__(self, level): self.level = level
    def get_move(self, board, player):
        print(self.level, 'thinks for', player)
        return next((r, c) for r in range(board.SIZE) for c in range(board.SIZE) if (r, c) not in board.stones)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a `gomoku-terminal` that plays the first free point, and talks while it thinks."""
    package = tmp_path / "gomoku-terminal" / "gomoku"
    package.mkdir(parents=True)
    for name, text in {"__init__": "", "board": BOARD, "ai": AI}.items():
        (package / f"{name}.py").write_text(text)
    return tmp_path


@pytest.fixture
def engine(folder: Path) -> Iterator[GomocupPlayer]:
    command = (sys.executable, str(SCRIPT), "gomoku-terminal:easy", str(folder))
    with closing(GomocupPlayer(RULES, GomocupSpec(command, 10.0))) as player:
        yield player


@pytest.mark.parametrize("start", [(), (0, 24), (24, 30, 31)], ids=["empty", "even", "odd"])
def test_it_plays_whole_games_with_both_colours_from_any_opening(
    engine: GomocupPlayer, start: tuple[int, ...]
) -> None:
    board, other = Board.from_moves(RULES, start), RandomPlayer()
    games = play_games([Pairing(engine, other, board, 1), Pairing(other, engine, board, 2)])
    for side, game in enumerate(games):
        assert game.outcome.reason == "line"
        first = next(ply for ply in range(len(start), len(start) + 2) if ply % 2 == side)
        free = next(move for move in range(49) if move not in game.moves[:first])
        assert game.moves[first] == free


def test_a_board_s_stones_come_in_turn_and_black_s_first() -> None:
    assert in_order(["1,1,1", "2,2,2", "3,3,1", "4,4,2"]) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert in_order(["1,1,1", "2,2,2", "3,3,2"]) == [(2, 2), (1, 1), (3, 3)]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "one of gobang, gomoku, gomoku-terminal:easy, "),
        (["gomokubench:best"], "gomokubench:standard"),
        (["gobang", "nowhere"], "pip install --no-deps --target nowhere/gobang gobang==0.1.0"),
    ],
)
def test_what_is_not_there_gets_one_line(words: list[str], complaint: str) -> None:
    done = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1

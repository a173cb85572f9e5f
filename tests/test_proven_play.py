"""`benchmarks.proven_play`: what it counts, and that it finds a move that gives a win away."""

import subprocess
import sys
from pathlib import Path

from arena.specs import Contestant, parse_spec
from benchmarks.proven_play import Ledger, judge, play
from gomoku.board import Board
from gomoku.opening_split import canonical_key
from gomoku.player import Decision, Proof
from gomoku.random_player import RandomPlayer
from gomoku.rules import Rules

ROOT = Path(__file__).resolve().parent.parent
MODEL = Contestant.find(parse_spec(f"{ROOT / 'models' / '6x6x4'}@50"))
RULES = Rules(6, 4)


def test_moves_of_the_first_player_alone_are_noted_once_for_all_their_forms() -> None:
    ledger = Ledger()
    for moves, proof in (([14], None), ([15], None), ([14, 0], None), ([14, 0, 15], Proof.WIN)):
        ledger.note(0, Board.from_moves(RULES, moves), Decision(moves[-1], 0.0, proof=proof))
    assert (ledger.moves, ledger.proven_at_once) == (3, 1)
    assert list(ledger.left) == [canonical_key(Board.from_moves(RULES, [14]))]
    full = Ledger(is_full=True)
    full.note(0, Board.from_moves(RULES, [14, 0, 15]), Decision(15, 1.0, proof=Proof.WIN))
    full.note(0, Board.from_moves(RULES, [14, 0, 15, 1, 16, 2, 17]), Decision(17, 1.0, proof=Proof.WIN))
    assert (full.moves, len(full.left)) == (2, 1), "a game that is won needs no proof"


def test_a_move_that_gives_the_win_away_is_found_and_one_that_keeps_it_is_proven() -> None:
    keeps = Board.from_moves(RULES, [14, 0, 15, 1, 20])
    gives_away = Board.from_moves(RULES, [14, 20, 0, 21, 35, 22, 5])  # White makes four
    verdict = judge([keeps, gives_away], MODEL, 50_000)
    assert (verdict.won, verdict.wrong, verdict.unknown) == (1, [gives_away], [])
    assert judge([Board.from_moves(RULES, [14])], MODEL, 50).unknown != []


def test_the_shipped_model_wins_as_the_first_player_and_every_move_is_accounted_for() -> None:
    ledger = Ledger()
    (ours,) = MODEL.players(1, RULES)
    assert play(ours, RandomPlayer(), [Board(RULES)] * 6, 1, ledger) == 6
    assert 6 * 4 <= ledger.moves <= 6 * 18
    assert ledger.proven_at_once + len(ledger.left) <= ledger.moves


def test_a_player_that_is_no_model_is_refused_in_one_line() -> None:
    command = [sys.executable, "-m", "benchmarks.proven_play", "pure@10"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "proven_play: error: pure@10 is not a model\n")

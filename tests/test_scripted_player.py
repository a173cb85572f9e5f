"""The scripted player: what every player must do, its levels, and that it sees what lies open."""

import time
from itertools import pairwise

import numpy as np
import pytest

from arena.scripted import FULL_LEVEL, SCRIPTED_LEVELS, ScriptedPlayer
from gomoku.board import Board
from gomoku.match import Pairing, play_games
from gomoku.player import Limit, Player, Proof
from gomoku.random_player import RandomPlayer
from gomoku.rules import Rules, parse_rules

EVERY_LEVEL = range(1, FULL_LEVEL + 1)
SHORT = Limit(simulations=300, seed=1)


def drawn(name: str, drawing: str) -> Board:
    return Board.from_drawing(parse_rules(name), drawing)


SPLIT_FOUR = """
    . . . . . . . . .
    . . . . . . . . .
    . . . . . . . . .
    . . . . . . . . X
    . . . . . . . . O
    . . . . . . . . O
    . . . . X . . . O
    . . . . X X . . .
    . . . . . . . . O
"""
OPEN_THREE = """
    . . . . . . . . .
    . . . . . . . . .
    . . . . O . . . .
    . . . . O . . . .
    . . . . O . . . .
    . . X . . . . . .
    . . . . . . X . .
    X . . . . . . . .
    . . . . . . . . .
"""


@pytest.mark.parametrize("level", EVERY_LEVEL)
@pytest.mark.parametrize("name", ["6x6x4", "9x9", "7x7x3", "12x12x6", "standard-15x15", "renju-15x15", "20x20"])
def test_every_level_plays_legal_moves_under_all_rules(name: str, level: int) -> None:
    player = ScriptedPlayer(level=level)
    board = Board(parse_rules(name))
    for ply in range(8):
        board.push(player.decide([board], Limit(simulations=40, seed=ply))[0].move)
        if board.outcome is not None:
            break


@pytest.mark.parametrize("level", EVERY_LEVEL)
def test_equal_seeds_give_equal_moves_whoever_shares_the_call(level: int) -> None:
    rules = Rules(9, 5)
    rng = np.random.default_rng(level)
    boards = [Board.from_moves(rules, [int(move) for move in rng.permutation(81)[:7]]) for _ in range(3)]
    limits = [Limit(simulations=300, seed=seed) for seed in range(3)]
    together = [one.move for one in ScriptedPlayer(level=level).decide(boards, limits)]
    alone = [
        ScriptedPlayer(level=level).decide([board], one)[0].move for board, one in zip(boards, limits, strict=True)
    ]
    assert together == alone


def test_decisions_leave_the_boards_alone() -> None:
    board = drawn("9x9", OPEN_THREE)
    before = board.key
    ScriptedPlayer().decide([board], SHORT)
    assert board.key == before


@pytest.mark.parametrize("level", range(3, FULL_LEVEL + 1))
def test_from_level_3_on_fours_and_open_threes_are_stopped(level: int) -> None:
    player = ScriptedPlayer(level=level)
    assert player.decide([drawn("9x9", SPLIT_FOUR)], SHORT)[0].move == 7 * 9 + 8
    open_three = drawn("9x9", OPEN_THREE)
    assert player.decide([open_three], SHORT)[0].move in (1 * 9 + 4, 5 * 9 + 4, 0 * 9 + 4, 6 * 9 + 4)


def test_levels_rise_in_strength_from_random_on() -> None:
    rules = Rules(13, 5)
    ladder: list[Player] = [RandomPlayer(), ScriptedPlayer(level=1), ScriptedPlayer(level=2), ScriptedPlayer(level=5)]
    for weaker, stronger in pairwise(ladder):
        pairings = [
            Pairing(*pair, Board(rules), seed)
            for seed in range(4)
            for pair in ((weaker, stronger), (stronger, weaker))
        ]
        games = play_games(pairings, limit=Limit(simulations=1000))
        won = sum(game.outcome.winner == (1 if number % 2 else -1) for number, game in enumerate(games))
        assert won >= 6, f"{won} of 8"


def test_a_win_by_fours_is_proven() -> None:
    board = drawn(
        "9x9",
        """
        . . . . . . . . .
        . . . . . . O . .
        . . . . . O . . .
        . . O X X X . . .
        . . . X . . . . .
        . . . X . . . . .
        . . . . . . . . .
        . . O . O . . . .
        . . . . . . . . .
        """,
    )
    decision = ScriptedPlayer().decide([board], Limit(simulations=5000, seed=1))[0]
    assert decision.proof == Proof.WIN
    assert decision.value == 1


def test_a_clock_and_a_stop_are_obeyed() -> None:
    board = Board.from_moves(Rules(), [112, 113, 97, 98])
    player = ScriptedPlayer()
    player.decide([board], SHORT)  # compiles
    for limit in (Limit(seconds=0.05), Limit(seconds=600, stop=lambda: True)):
        started = time.perf_counter()
        assert board.is_legal(player.decide([board], limit)[0].move)
        assert time.perf_counter() - started < 20


def test_positions_are_counted_and_the_limit_on_them_holds() -> None:
    board = Board.from_moves(Rules(), [112, 113, 97, 98])
    decision = ScriptedPlayer().decide([board], Limit(simulations=500, seed=1))[0]
    assert 0 < decision.simulations <= 500 + SCRIPTED_LEVELS[-1].leaf_positions + 1


def test_the_player_goes_on_where_every_move_loses_and_on_the_last_free_point() -> None:
    lost = Board.from_moves(Rules(9, 5), [0, 36, 2, 37, 4, 38, 6, 39, 80])
    assert lost.to_play == -1
    lost.push(70)
    for level in EVERY_LEVEL:
        assert lost.is_legal(ScriptedPlayer(level=level).decide([lost], SHORT)[0].move)
    last = drawn("4x4x4", "X O X O\nX O X O\nO X O X\nO X O .")
    assert ScriptedPlayer().decide([last], SHORT)[0].move == 15


def test_in_renju_black_plays_on_where_its_only_defence_is_a_foul() -> None:
    drawing = """
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . X . . .
        . . . . X . . . .
        . . . . O O O O X
        . . . X . . . . .
        . . . X . . . . .
        . . . . . . . . .
    """
    board = Board.from_drawing(parse_rules("renju-9x9"), drawing, to_play=1)
    assert board.foul_at(5 * 9 + 3) == "double three"
    assert board.is_legal(ScriptedPlayer().decide([board], SHORT)[0].move)


@pytest.mark.parametrize("level", [0, FULL_LEVEL + 1])
def test_a_level_that_does_not_exist_is_named(level: int) -> None:
    with pytest.raises(ValueError, match=f"level {level} is not between 1 and {FULL_LEVEL}"):
        ScriptedPlayer(level=level)

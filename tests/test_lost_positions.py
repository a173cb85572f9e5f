"""What a player with tactics does where every move is proven to lose, and after the errors of others."""

import gc
import time
import weakref
from typing import Any

import numpy as np
import pytest
from reference_search import HashEvaluator

from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.player import Limit, Proof
from gomoku.rules import Rules, parse_rules
from mcts import player as player_module
from mcts.config import PLAY_TACTICS, SearchConfig
from mcts.evaluator import Evaluation, Positions
from mcts.player import PlayerOptions, SearchPlayer
from mcts.search import Search

RULES = Rules(6, 4)


def player(**options: object) -> SearchPlayer:
    return SearchPlayer("ours", HashEvaluator(), PlayerOptions(**options))


def test_in_a_lost_position_the_move_is_that_of_a_search_which_believes_in_no_proof() -> None:
    # Black threatens open threes everywhere; White's stones lie in the corners.
    board = Board.from_moves(RULES, parse_moves("c3a6d3f1c4a1d4", 6))
    tactical = player(search=SearchConfig(tactics=PLAY_TACTICS))
    hopeful = player(search=SearchConfig(solver=False))
    for seed in range(5):
        limit = Limit(simulations=60, seed=seed)
        (decision,), (expected,) = tactical.decide([board], limit), hopeful.decide([board], limit)
        assert decision.proof is Proof.LOSS
        assert decision.value == -1
        assert decision.move == expected.move
        assert decision.simulations == 60
    started = time.perf_counter()
    assert tactical.decide([board], Limit(seconds=0.2, seed=1))[0].proof is Proof.LOSS
    assert time.perf_counter() - started < 5


def test_the_search_for_a_lost_position_leaves_no_second_tree_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[weakref.ref[Search]] = []

    def noted(*arguments: Any) -> Search:
        search = Search(*arguments)
        searches.append(weakref.ref(search))
        return search

    monkeypatch.setattr(player_module, "Search", noted)
    board = Board.from_moves(RULES, parse_moves("c3a6d3f1c4a1d4", 6))
    tactical = player(search=SearchConfig(tactics=PLAY_TACTICS), reuse=True)
    for _ in range(2):
        assert tactical.decide([board], Limit(simulations=60, seed=1))[0].proof is Proof.LOSS
    gc.collect()
    assert len(searches) > 1
    assert [search() is not None for search in searches].count(True) == 1, "the kept one"


class FollowsALine:
    """Believes in given points and in nothing else; every position looks even."""

    def __init__(self, points: list[int]) -> None:
        self._points = points

    def evaluate(self, positions: Positions) -> Evaluation:
        priors = positions.legal.astype(np.float32)
        priors[:, self._points] *= 1e6
        priors /= priors.sum(axis=1, keepdims=True)
        even = np.zeros(len(priors), np.float32)
        return Evaluation(priors, even, even)


@pytest.mark.parametrize("reuse", [False, True])
def test_an_error_that_the_kept_tree_had_marked_is_punished_by_a_move_that_wins(reuse: bool) -> None:
    rules = parse_rules("15x15")
    board = Board.from_moves(rules, parse_moves("f11a1h7a3j8c1", 15))
    (ours, theirs) = parse_moves("h9o1", 15)
    search = SearchConfig(tactics=PLAY_TACTICS)
    thinker = SearchPlayer("it", FollowsALine([ours, theirs]), PlayerOptions(search=search, reuse=reuse))
    limit = Limit(simulations=300, seed=1)
    (first,) = thinker.decide([board], limit)
    assert first.move == ours
    board.push(ours)
    board.push(theirs)
    (second,) = thinker.decide([board], limit)
    assert second.proof is Proof.WIN
    board.push(second.move)
    (answer,) = SearchPlayer("judge", HashEvaluator(), PlayerOptions(search=search)).decide([board], limit)
    assert answer.proof is Proof.LOSS

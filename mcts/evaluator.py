"""The seam between the search and whatever judges positions: a network, random rollouts, a table."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gomoku.board import Board
from gomoku.kernels import seen_by
from gomoku.rules import Rules


class Positions(NamedTuple):
    """A batch of `B` unfinished positions under one set of rules; `A = size * size` points.

    There are no last moves: Gomoku's future does not depend on them, and a judgement of the stones alone holds for
    boards that were set up, for transpositions and for analysis.
    """

    rules: Rules
    stones: NDArray[np.int8]
    """`[B, size, size]`: +1 side to move, -1 opponent, 0 empty, 2 blocked."""
    to_play: NDArray[np.int8]
    """`[B]`: BLACK (1) or WHITE (-1)."""
    legal: NDArray[np.bool_]
    """`[B, A]`: legal moves; at least one per row."""
    seeds: NDArray[np.uint64]
    """`[B]`: the random stream of each row, so that an evaluator that draws lots gives the same answer whoever
    shares the batch."""


class Evaluation(NamedTuple):
    """What an evaluator says of `B` positions."""

    priors: NDArray[np.float32]
    """`[B, A]`: probabilities, 0 on illegal moves, sum 1."""
    values: NDArray[np.float32]
    """`[B]`: in [-1, 1], from the side to move; a draw is 0."""
    draws: NDArray[np.float32]
    """`[B]`: the probability of a draw, for searches to which a draw is not 0; at most 1 - |value|."""


def empty_evaluation(batch: int, num_points: int) -> Evaluation:
    """Room for the answers to `batch` positions."""
    values, draws = (np.empty(batch, dtype=np.float32) for _ in range(2))
    return Evaluation(np.empty((batch, num_points), dtype=np.float32), values, draws)


class Evaluator(Protocol):
    """Judges positions. A row's answer does not depend on the other rows."""

    def evaluate(self, positions: Positions) -> Evaluation: ...


class UniformEvaluator:
    """Knows nothing: every legal move alike, every value 0. For tests, and for search by proof alone."""

    def evaluate(self, positions: Positions) -> Evaluation:
        legal = positions.legal.astype(np.float32)
        values = np.zeros(len(legal), dtype=np.float32)
        return Evaluation(legal / legal.sum(axis=1, keepdims=True), values, values.copy())


def rows_of(positions: Positions, rows: NDArray[np.int64]) -> Positions:
    """Some positions of a batch, in the order in which their numbers stand in `rows`."""
    return Positions(
        rules=positions.rules,
        stones=positions.stones[rows],
        to_play=positions.to_play[rows],
        legal=positions.legal[rows],
        seeds=positions.seeds[rows],
    )


def positions_of(boards: Sequence[Board], seeds: Sequence[int] | None = None) -> Positions:
    """Gathers unfinished boards of the same rules into one batch; seeds default to 0."""
    rules = boards[0].rules
    stones = np.empty((len(boards), rules.num_points), dtype=np.int8)
    for board, row in zip(boards, stones, strict=True):
        seen_by(board.cells, board.to_play, row)
    return Positions(
        rules=rules,
        stones=stones.reshape(-1, rules.size, rules.size),
        to_play=np.array([board.to_play for board in boards], dtype=np.int8),
        legal=np.stack([board.legal_mask() for board in boards]),
        seeds=np.array(seeds if seeds is not None else [0] * len(boards), dtype=np.uint64),
    )

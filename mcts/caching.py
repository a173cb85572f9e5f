"""Evaluations not spent: an evaluator in front of another, which remembers what was asked.

A position that was answered before is answered from memory, and one that stands twice in a batch is evaluated once.
Either way the bits are those of a fresh answer: an evaluator's row does not depend on the rows beside it, and
positions are compared whole, so that no collision of hashes can give a wrong one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.rules import Rules
from mcts.evaluator import Evaluation, Evaluator, Positions, empty_evaluation, rows_of
from mcts.random_stream import GAMMA, mix

WAYS = 4
"""Places where a position may be kept. When all are taken, the one that was not used for longest is given away."""


class _Table(NamedTuple):
    """`n` places for positions of `A` points; `WAYS` neighbours are one set, and the hash says which."""

    words: NDArray[np.uint64]
    """`[n, W]` the whole position: two bits per point and one for the side to move."""
    used: NDArray[np.int64]
    """`[n]` number of the batch that used the place last; 0: none did."""
    waits: NDArray[np.int32]
    """`[n]` which of the batch's open questions it waits for; -1: its answer is here."""
    priors: NDArray[np.float32]
    """`[n, A]`"""
    values: NDArray[np.float32]
    """`[n]`"""
    draws: NDArray[np.float32]
    """`[n]`"""


class _Plan(NamedTuple):
    """Where the answers of a batch of `B` rows come from."""

    question: NDArray[np.int64]
    """`[B]` the open question that is this row's; -1: it is answered."""
    row: NDArray[np.int64]
    """`[B]` per open question: a row that asks it."""
    place: NDArray[np.int64]
    """`[B]` per open question: where its answer goes; -1: nowhere."""


class CachingEvaluator:
    """Asks `evaluator` only what it does not know yet. For one thread, and for positions under one set of rules.

    The evaluator must always say the same of a position, so it must not be one that draws lots by `Positions.seeds`.
    """

    def __init__(self, evaluator: Evaluator, rules: Rules, num_positions: int) -> None:
        """Starts empty.

        Args:
          num_positions: how many it can remember, ≥ 1, rounded up to a multiple of `WAYS`. They take
            `bytes_per_position` each, as they come in.
        """
        self.rules = rules
        self.asked = 0
        """Rows so far."""
        self.evaluated = 0
        """Those of them that were handed on."""
        self._evaluator = evaluator
        self._batch = 0
        places = -(-num_positions // WAYS) * WAYS
        self._table = _Table(
            words=np.zeros((places, _words_of(rules.num_points)), dtype=np.uint64),
            used=np.zeros(places, dtype=np.int64),
            waits=np.zeros(places, dtype=np.int32),
            priors=np.zeros((places, rules.num_points), dtype=np.float32),
            values=np.zeros(places, dtype=np.float32),
            draws=np.zeros(places, dtype=np.float32),
        )

    def evaluate(self, positions: Positions) -> Evaluation:
        """Judges `B` positions; see `Evaluator`."""
        assert positions.rules == self.rules, f"{positions.rules.name} in a cache of {self.rules.name}"
        batch, points = positions.legal.shape
        self._batch += 1
        plan = _Plan(*(np.empty(batch, dtype=np.int64) for _ in _Plan._fields))
        answer = empty_evaluation(batch, points)
        stones = positions.stones.reshape(batch, points)
        count = _look_up(self._table, self._batch, stones, positions.to_play, plan, answer)
        self.asked += batch
        self.evaluated += count
        if count == 0:
            return answer
        if count == batch:
            fresh = answer = self._evaluator.evaluate(positions)
        else:
            fresh = self._evaluator.evaluate(rows_of(positions, plan.row[:count]))
        _take_in(self._table, plan, count, fresh, answer)
        return answer


def bytes_per_position(num_points: int) -> int:
    """Memory that a remembered position takes."""
    return 8 * _words_of(num_points) + 8 + 4 + 4 * num_points + 4 + 4


def _words_of(num_points: int) -> int:
    """Words of 64 bits that hold a position."""
    return 1 + 2 * num_points // 64


@kernel
def _look_up(
    table: _Table,
    batch: int,
    stones: NDArray[np.int8],
    to_play: NDArray[np.int8],
    plan: _Plan,
    answer: Evaluation,
) -> int:
    """Answers the rows that are known, takes places for the others, and returns the number of open questions.

    Args:
      batch: its number, larger than any before.
      stones: `[B, A]` as in `Positions`.
    """
    count = 0
    words = np.zeros(table.words.shape[1], dtype=np.uint64)
    for row in range(len(stones)):
        first = WAYS * int(_pack(stones[row], to_play[row], words) % np.uint64(len(table.used) // WAYS))
        place, is_found = first, False
        for candidate in range(first, first + WAYS):
            if table.used[candidate] > 0 and np.array_equal(table.words[candidate], words):
                place, is_found = candidate, True
                break
            if table.used[candidate] < table.used[place]:
                place = candidate
        is_waiting = is_found and table.waits[place] >= 0
        if is_found and not is_waiting:
            table.used[place] = batch
            answer.priors[row] = table.priors[place]
            answer.values[row] = table.values[place]
            answer.draws[row] = table.draws[place]
            plan.question[row] = -1
            continue
        if is_waiting and table.used[place] == batch:
            plan.question[row] = table.waits[place]
            continue
        plan.question[row] = count
        plan.row[count] = row
        # A place that this batch uses already is not given away: others may wait for it.
        if table.used[place] == batch:
            plan.place[count] = -1
        else:
            plan.place[count] = place
            table.words[place] = words
            table.used[place] = batch
            table.waits[place] = count
        count += 1
    return count


@kernel
def _pack(stones: NDArray[np.int8], to_play: int, words: NDArray[np.uint64]) -> np.uint64:
    """Writes the whole position into words and returns a hash of them."""
    words[:] = 0
    for point in range(len(stones)):
        words[point >> 5] |= np.uint64(stones[point] + 1) << np.uint64(2 * (point & 31))
    words[-1] |= np.uint64(to_play > 0) << np.uint64(63)
    bits = np.uint64(0)
    for word in words:
        bits = mix((bits ^ word) + GAMMA)
    return bits


@kernel
def _take_in(table: _Table, plan: _Plan, count: int, fresh: Evaluation, answer: Evaluation) -> None:
    """Keeps the answers to the open questions and hands them to all rows that asked."""
    for question in range(count):
        place = plan.place[question]
        if place >= 0:
            table.priors[place] = fresh.priors[question]
            table.values[place] = fresh.values[question]
            table.draws[place] = fresh.draws[question]
            table.waits[place] = -1
    if count == len(plan.question):
        return
    for row in range(len(plan.question)):
        question = plan.question[row]
        if question >= 0:
            answer.priors[row] = fresh.priors[question]
            answer.values[row] = fresh.values[question]
            answer.draws[row] = fresh.draws[question]

"""What is learnt from: positions with their targets, packed, and how batches are drawn from them.

The eight symmetries are applied here, one at random to each position drawn, and never stored.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.kernels import fill_legal, seen_by
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE, KernelRules, Rules
from gomoku.symmetry import NUM_SYMMETRIES, symmetry_tables
from mcts.evaluator import Positions

VALUE_ONE = 32767
"""A certain win."""
NOWHERE = -1
"""In place of a sample's index."""


class Sample(NamedTuple):
    """One position of a game and what is known of it."""

    cells: NDArray[np.int8]
    """`[A]`"""
    to_play: int
    policy_moves: NDArray[np.uint16]
    """`[M]` the moves that the search gave weight to."""
    policy_weights: NDArray[np.uint16]
    """`[M]` in proportion."""
    outcome: int
    """1 if the side to move won in the end, 0 if it was a draw, -1 if it lost."""
    game: int
    """The game's number."""
    value: float = 0.0
    """What the search thought of it, for the side to move."""


class Samples(NamedTuple):
    """`n` packed positions under the same rules; `A` points, `W = ceil(A / 8)` bytes of bits."""

    black: NDArray[np.uint8]
    """`[n, W]`"""
    white: NDArray[np.uint8]
    """`[n, W]`"""
    blocked: NDArray[np.uint8]
    """`[n, W]`"""
    to_play: NDArray[np.int8]
    """`[n]`"""
    outcome: NDArray[np.int8]
    """`[n]` for the side to move."""
    game: NDArray[np.int64]
    """`[n]`"""
    policy_start: NDArray[np.int64]
    """`[n + 1]` where each position's moves lie in the next two."""
    policy_moves: NDArray[np.uint16]
    """`[sum M]`"""
    policy_weights: NDArray[np.uint16]
    """`[sum M]` in proportion within a position."""
    value: NDArray[np.int16]
    """`[n]` the search's, for the side to move, in parts of `VALUE_ONE`."""

    @property
    def num_bytes(self) -> int:
        return sum(array.nbytes for array in self)


class Batch(NamedTuple):
    """`B` positions as the network learns them; `A` points."""

    stones: NDArray[np.int8]
    """`[B, A]` +1 side to move, -1 opponent, 0 empty, 2 blocked."""
    to_play: NDArray[np.int8]
    """`[B]`"""
    legal: NDArray[np.bool_]
    """`[B, A]`"""
    policy_target: NDArray[np.float32]
    """`[B, A]` sum 1, 0 where not legal."""
    outcome: NDArray[np.int8]
    """`[B]` 1 won, 0 drawn, -1 lost, by the side to move."""
    value: NDArray[np.float32]
    """`[B]` the search's, from -1 to 1, for the side to move."""
    reply_target: NDArray[np.float32]
    """`[B, A]` what the opponent's search said of the position that followed: sum 1; all 0 where that is unknown."""

    def positions(self, rules: Rules) -> Positions:
        """The same as an evaluator takes them; no seeds."""
        rows = len(self.to_play)
        stones = self.stones.reshape(rows, rules.size, rules.size)
        return Positions(rules, stones, self.to_play, self.legal, np.zeros(rows, dtype=np.uint64))


def pack_samples(samples: list[Sample], num_points: int) -> Samples:
    """Packs positions, in their order."""
    cells = np.array([sample.cells for sample in samples], dtype=np.int8).reshape(len(samples), num_points)
    lengths = [len(sample.policy_moves) for sample in samples]
    return Samples(
        black=np.packbits(cells == BLACK, axis=1),
        white=np.packbits(cells == WHITE, axis=1),
        blocked=np.packbits(cells == BLOCKED, axis=1),
        to_play=np.array([sample.to_play for sample in samples], dtype=np.int8),
        outcome=np.array([sample.outcome for sample in samples], dtype=np.int8),
        game=np.array([sample.game for sample in samples], dtype=np.int64),
        policy_start=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64),
        policy_moves=np.concatenate([np.zeros(0, np.uint16), *(sample.policy_moves for sample in samples)]),
        policy_weights=np.concatenate([np.zeros(0, np.uint16), *(sample.policy_weights for sample in samples)]),
        value=np.rint([VALUE_ONE * sample.value for sample in samples]).astype(np.int16),
    )


def empty_batch(rows: int, num_points: int) -> Batch:
    return Batch(
        stones=np.zeros((rows, num_points), dtype=np.int8),
        to_play=np.zeros(rows, dtype=np.int8),
        legal=np.zeros((rows, num_points), dtype=np.bool_),
        policy_target=np.zeros((rows, num_points), dtype=np.float32),
        outcome=np.zeros(rows, dtype=np.int8),
        value=np.zeros(rows, dtype=np.float32),
        reply_target=np.zeros((rows, num_points), dtype=np.float32),
    )


def pack_policy(weights: NDArray[np.float64]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Moves and whole-numbered weights of a distribution `[A]`; what is below 1 in 65535 is lost."""
    scaled = np.rint(weights * 65535).astype(np.uint16)
    moves = np.flatnonzero(scaled)
    return moves.astype(np.uint16), scaled[moves]


def draw_symmetries(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    return rng.integers(NUM_SYMMETRIES, size=count)


def fill_batch(
    batch: Batch,
    rows: NDArray[np.int64],
    samples: Samples,
    chosen: NDArray[np.int64],
    turns: NDArray[np.int64],
    rules: Rules,
) -> None:
    """Writes positions into rows of a batch, each under a symmetry.

    Args:
      rows: `[K]` of the batch.
      chosen: `[K]` of the samples.
      turns: `[K]` numbers of symmetries.
    """
    _unpack(batch, rows, samples, chosen, symmetry_tables(rules.size)[turns], rules.compiled)


@kernel
def _unpack(
    batch: Batch,
    rows: NDArray[np.int64],
    samples: Samples,
    chosen: NDArray[np.int64],
    tables: NDArray[np.int32],
    rules: KernelRules,
) -> None:
    cells = np.zeros(rules.size * rules.size, dtype=np.int8)
    for k in range(len(rows)):
        row, sample, table = rows[k], chosen[k], tables[k]
        for point in range(len(cells)):
            byte, bit = point >> 3, 7 - (point & 7)
            stone = EMPTY
            if samples.black[sample, byte] >> bit & 1:
                stone = BLACK
            elif samples.white[sample, byte] >> bit & 1:
                stone = WHITE
            elif samples.blocked[sample, byte] >> bit & 1:
                stone = BLOCKED
            cells[table[point]] = stone
        to_play = samples.to_play[sample]
        fill_legal(cells, rules, to_play, batch.legal[row])
        seen_by(cells, to_play, batch.stones[row])
        batch.to_play[row] = to_play
        batch.outcome[row] = samples.outcome[sample]
        batch.value[row] = samples.value[sample] / VALUE_ONE
        _unpack_policy(batch.policy_target[row], samples, sample, table)
        _unpack_policy(batch.reply_target[row], samples, _following(samples, sample), table)


@kernel
def _unpack_policy(target: NDArray[np.float32], samples: Samples, sample: int, table: NDArray[np.int32]) -> None:
    """Writes a position's policy `[A]`, turned; zeros where there is no position."""
    target[:] = 0
    if sample == NOWHERE:
        return
    first, end = samples.policy_start[sample], samples.policy_start[sample + 1]
    total = samples.policy_weights[first:end].sum()
    for entry in range(first, end):
        target[table[samples.policy_moves[entry]]] = samples.policy_weights[entry] / total


@kernel
def _following(samples: Samples, sample: int) -> int:
    """Where the position after the next move of the same game is; NOWHERE if it was not learnt or there is none.

    Samples of a game lie one behind the other; those of one position may be several.
    """
    stones = _count_stones(samples, sample)
    for later in range(sample + 1, len(samples.game)):
        if samples.game[later] != samples.game[sample]:
            break
        more = _count_stones(samples, later) - stones
        if more:
            return later if more == 1 else NOWHERE
    return NOWHERE


@kernel
def _count_stones(samples: Samples, sample: int) -> int:
    count = 0
    for byte in range(samples.black.shape[1]):
        stones = samples.black[sample, byte] | samples.white[sample, byte]
        for bit in range(8):
            if stones >> bit & 1:
                count += 1
    return count

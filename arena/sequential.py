"""A duel that ends as soon as a sequential test has decided: `evaluate.py A B --sprt ELO0 ELO1`.

Owns the playing in blocks; the test itself is `arena/sprt.py`. The decision does not depend on the number of threads:
pairs are counted in the order of their openings, and blocks are always equally large.
"""

from collections.abc import Callable, Iterable, Sequence

from arena.duel import Duel, play_duel
from arena.sprt import Hypotheses, Sprt
from gomoku.board import Board
from gomoku.match import SIDE_BY_SIDE, derived_seed
from gomoku.player import Player

PAIRS_PER_BLOCK = 16
"""Few enough to stop soon after the decision, enough to keep the network's batches filled."""

Play = Callable[[Sequence[Board], int], Duel]
"""Plays a block of openings, with its seed."""


def player_of_blocks(
    first: Sequence[Player],
    second: Sequence[Player],
    *,
    side_by_side: int = SIDE_BY_SIDE,
    on_finished: Callable[[], None] | None = None,
) -> Play:
    """How `play_sequentially` has its blocks played: as `arena.duel.play_duel` does it."""

    def play(openings: Sequence[Board], seed: int) -> Duel:
        # As many threads as there are openings at most: an idle one has no share.
        threads = min(len(first), len(openings))
        return play_duel(
            first[:threads], second[:threads], openings, seed, side_by_side=side_by_side, on_finished=on_finished
        )

    return play


def play_sequentially(
    play: Play, blocks: Iterable[list[Board]], hypotheses: Hypotheses, seed: int, max_pairs: int
) -> tuple[Duel, Sprt]:
    """Plays block after block until the test has decided, or `max_pairs` (≥ 1) were played, or the openings end.

    A pair that repeats an earlier one move for move is no evidence and is not counted.

    Returns: all that was played, the rest of the last block included, and the test.
    """
    duel, test = Duel(()), Sprt(hypotheses)
    for number, openings in enumerate(blocks):
        block = play(openings[: max_pairs - len(duel.pairs)], derived_seed(seed, number))
        test.add(block.new_pair_scores(duel))
        duel = Duel(duel.pairs + block.pairs)
        if test.accepted is not None or len(duel.pairs) >= max_pairs:
            break
    return duel, test

"""A duel that ends as soon as a sequential test has decided: `evaluate.py A B --sprt ELO0 ELO1`.

Owns what is played, and when it ends; the test itself is `arena/sprt.py`. The decision does not depend on who plays
or on how many there are: units are always the same, and pairs are counted in the order of their openings. What others
have played meanwhile beyond the unit that decides is dropped.
"""

from collections.abc import Iterable, Iterator, Sequence

from arena.duel import Duel, duel_units
from arena.sprt import Hypotheses, Sprt
from arena.units import PAIRS_PER_UNIT, PlayedGame, Unit
from gomoku.board import Board
from gomoku.match import derived_seed

PAIRS_PER_BLOCK = PAIRS_PER_UNIT
"""Openings that are drawn at a time."""
MOST_REPEATED = 64
"""Pairs in a row that repeat earlier ones, after which a duel has nothing more to tell."""


def sequential_units(
    blocks: Iterable[list[Board]], seed: int, max_pairs: int, is_timed: bool = False
) -> Iterator[Unit]:
    """Units of `max_pairs` (≥ 1) openings, or fewer where the blocks end; see `duel_units`."""
    num_pairs = 0
    for number, block in enumerate(blocks):
        openings = block[: max_pairs - num_pairs]
        yield from duel_units(openings, derived_seed(seed, number), is_timed=is_timed, first_pair=num_pairs)
        num_pairs += len(openings)
        if num_pairs >= max_pairs:
            return


def count_sequentially(units: Iterable[Sequence[PlayedGame]], hypotheses: Hypotheses) -> tuple[Duel, Sprt]:
    """Counts unit after unit until the test has decided, they end, or `MOST_REPEATED` pairs have brought nothing new.

    A pair that repeats an earlier one move for move counts for the score, and is no further evidence: see `Sprt`.

    Args:
      units: the games of `sequential_units`, in their order.

    Returns: all that was counted, the rest of the last unit included, and the test.
    """
    duel, test = Duel(()), Sprt(hypotheses)
    for games in units:
        unit = Duel.of([games])
        test.add(unit.pair_scores, unit.new_pairs(duel))
        duel = Duel(duel.pairs + unit.pairs)
        if test.accepted is not None or test.repeated >= MOST_REPEATED:
            break
    return duel, test

"""What a match's result is worth: score and Elo difference with their 95 % interval.

Owns the arithmetic only: it sees scores of pairs (one opening, both colours), not games.

The interval is Korn and Graubard's for a proportion from clusters: Clopper and Pearson's exact binomial interval for
the *effective* number of games, the number of independent games that would scatter as much as the pairs do. The two
games of a pair depend on each other through their opening, and draws scatter less than wins and losses; both are in
the scatter of the pairs and nowhere else, so nothing has to be assumed about them.

Three things are added, because a match may be short or one-sided:

* Every scatter is estimated with `PRIOR_PAIRS` more pairs of the widest kind (both games end alike), so that fifty
  pairs that all end 1:1 do not count as certainty.
* Where one side won everything there is no scatter to be seen: every game then counts. 100 of 100 shows no more than
  a score of 96.4 %. (Given the openings, the chance to win all games is at most the mean chance to the power of
  their number, whatever the openings: the geometric mean does not exceed the arithmetic one.)
* A pair that repeats an earlier one move for move is no new evidence: the score counts all games, the interval as
  many pairs as are distinct.

Source: Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts
estimated from survey data"; Clopper and Pearson 1934.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
PRIOR_PAIRS = 2


@dataclass(frozen=True)
class Strength:
    """How the first player did against the second."""

    score: float
    """Points per game, in [0, 1]; a draw is half a point."""
    score_low: float
    score_high: float
    elo: float | None
    """None where the score is 0 or 1; its bounds are None where the score's bound is 0 or 1."""
    elo_low: float | None
    elo_high: float | None


def measure(pair_scores: Sequence[float], num_distinct: int) -> Strength:
    """Judges a match.

    Args:
      pair_scores: points per game of each pair: 0, 0.25, 0.5, 0.75 or 1.
      num_distinct: pairs that do not repeat an earlier one, 1 to the number of pairs.
    """
    assert 1 <= num_distinct <= len(pair_scores), f"{num_distinct} distinct of {len(pair_scores)} pairs"
    score = math.fsum(pair_scores) / len(pair_scores)
    low, high = score_interval(score, effective_games(pair_scores, num_distinct))
    return Strength(score, low, high, elo_of(score), elo_of(low), elo_of(high))


def score_interval(score: float, games: float) -> tuple[float, float]:
    """Clopper and Pearson's interval for a score (in [0, 1]) of independent games.

    Too wide rather than too narrow where some games were draws, or where the colours' chances differ.
    """
    # Here and not above: it takes a quarter of a second to load, and every match begins by loading this file.
    from scipy.special import betaincinv  # noqa: PLC0415 - as above

    tail = (1 - CONFIDENCE) / 2
    won, lost = score * games, (1 - score) * games
    low = float(betaincinv(won, lost + 1, tail)) if won > 0 else 0.0
    high = float(betaincinv(won + 1, lost, 1 - tail)) if lost > 0 else 1.0
    return low, high


def elo_of(score: float) -> float | None:
    """The difference in Elo that makes `score` (in [0, 1]) the expected one; None at 0 and 1."""
    return 400 * math.log10(score / (1 - score)) if 0 < score < 1 else None


def effective_games(pair_scores: Sequence[float], num_distinct: int) -> float:
    """The number of independent games, won or lost, whose score would be as uncertain as this one."""
    from scipy.special import ndtri, stdtrit  # noqa: PLC0415 - as above

    score = math.fsum(pair_scores) / len(pair_scores)
    if score in (0, 1):
        return 2.0 * num_distinct
    widest = widest_variance(score, num_distinct)
    squares = math.fsum((one - score) ** 2 for one in pair_scores) * num_distinct / len(pair_scores)
    freedom = num_distinct - 1 + PRIOR_PAIRS
    variance = (squares + PRIOR_PAIRS * widest) / freedom
    # A variance from few pairs is itself uncertain: Student's t stands for that.
    few = float(ndtri((1 + CONFIDENCE) / 2) / stdtrit(freedom, (1 + CONFIDENCE) / 2))
    return score * (1 - score) * num_distinct / variance * few**2


def widest_variance(score: float, num_pairs: int) -> float:
    """Of a pair whose two games always end alike; the score drawn towards 1/2 by one pair that went 1:1."""
    drawn = (score * num_pairs + 0.5) / (num_pairs + 1)
    return drawn * (1 - drawn)

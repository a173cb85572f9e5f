"""The sequential probability ratio test: a match that ends as soon as it has shown which of two claims holds.

Owns the arithmetic only. H0 says that the first player is `elo0` stronger, H1 that it is `elo1` stronger; the chance
to accept the wrong one is about 5 % where one of them is true. The evidence are pairs of games (one opening, both
colours), of which only the five possible scores count (the pentanomial model), so that neither draws nor the
dependence within a pair have to be modelled.

Source: Wald 1945, "Sequential tests of statistical hypotheses"; Van den Bergh 2020, "Comments on Normalized Elo" and
"The generalized SPRT" (the likelihood under a constrained mean), as used by Stockfish's testing framework.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALPHA = BETA = 0.05
"""The chance to accept H1 where H0 is true, and the other way round."""
PAIR_SCORES = np.array([0, 0.25, 0.5, 0.75, 1])
UNSEEN = 1e-3
"""Counted for each kind of pair that never occurred."""
H0, H1 = "H0", "H1"


@dataclass(frozen=True)
class Hypotheses:
    """Two claims on the difference in Elo.

    Raises:
      ValueError: they are not two, in ascending order.
    """

    elo0: float
    elo1: float

    def __post_init__(self) -> None:
        if not (-1000 <= self.elo0 < self.elo1 <= 1000):
            raise ValueError(
                f"--sprt {self.elo0:g} {self.elo1:g}: ELO0 has to be below ELO1, both from -1000 to 1000"
            )

    @property
    def lower(self) -> float:
        """At this log-likelihood ratio or below, H0 is accepted."""
        return math.log(BETA / (1 - ALPHA))

    @property
    def upper(self) -> float:
        return math.log((1 - BETA) / ALPHA)


@dataclass
class Sprt:
    """A test that is going on: give it the pairs' scores in the order in which they were played."""

    hypotheses: Hypotheses
    counts: list[int] = field(default_factory=lambda: [0] * len(PAIR_SCORES))
    distinct: int = 0
    """Pairs that repeat no earlier one."""
    repeated: int = 0
    """Pairs since the last one that was new."""
    accepted: str | None = None
    """H0 or H1; None while it is undecided. Stays what it first was."""
    llr: float = 0.0
    """The log-likelihood ratio at the end of what was counted."""

    def add(self, pair_scores: Iterable[float], are_new: Iterable[bool] = itertools.repeat(True)) -> None:
        """Counts pairs (points per game: 0, 0.25, 0.5, 0.75 or 1) up to the decision; those behind it say nothing.

        Args:
          are_new: whether each pair repeats no earlier one. How often each score occurs is counted over all pairs,
            since repeating is part of how two players do against each other; of evidence there is as much as there
            are new ones.
        """
        for score, is_new in zip(pair_scores, are_new, strict=False):
            if self.accepted is not None:
                return
            self.counts[round(4 * score)] += 1
            self.distinct += is_new
            self.repeated = 0 if is_new else self.repeated + 1
            evidence = self.distinct / sum(self.counts)
            self.llr = log_likelihood_ratio([evidence * count for count in self.counts], self.hypotheses)
            if self.llr >= self.hypotheses.upper:
                self.accepted = H1
            elif self.llr <= self.hypotheses.lower:
                self.accepted = H0

    def report(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "elo0": self.hypotheses.elo0,
            "elo1": self.hypotheses.elo1,
            "llr": self.llr,
            "lower": self.hypotheses.lower,
            "upper": self.hypotheses.upper,
            "pairs": sum(self.counts),
            "distinct_pairs": self.distinct,
            "pentanomial": list(self.counts),
            "accepted": self.accepted,
        }


def log_likelihood_ratio(counts: Sequence[float], hypotheses: Hypotheses) -> float:
    """Of H1 against H0, each at its likeliest distribution of the five scores with the mean that it claims.

    Args:
      counts: pairs that scored 0, 0.25, 0.5, 0.75 and 1 per game.
    """
    seen = np.maximum(np.asarray(counts, dtype=np.float64), UNSEEN)
    frequencies = seen / seen.sum()
    likeliest = [_with_mean(frequencies, _expected_score(elo)) for elo in (hypotheses.elo0, hypotheses.elo1)]
    return float(seen.sum() * (frequencies * np.log(likeliest[1] / likeliest[0])).sum())


def _expected_score(elo: float) -> float:
    return 1 / (1 + 10 ** (-elo / 400))


def _with_mean(frequencies: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """The distribution of this mean under which `frequencies` are likeliest: p_i / (1 + θ (a_i - mean))."""
    # Here and not above: it takes half a second to load, and every match begins by loading this file.
    from scipy.optimize import brentq  # noqa: PLC0415 - as above

    away = PAIR_SCORES - mean
    # All terms stay positive between these two, and the sum falls from one end to the other.
    low, high = -1 / away.max(), -1 / away.min()
    room = 1e-9 * (high - low)
    theta = brentq(lambda theta: float((frequencies * away / (1 + theta * away)).sum()), low + room, high - room)
    likeliest: NDArray[np.float64] = frequencies / (1 + theta * away)
    return likeliest

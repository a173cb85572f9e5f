"""Ratings of many players from one set of games: Elo by Bradley and Terry's model, with 95 % intervals.

Owns the arithmetic only. The chance to score is 1 / (1 + 10^(-difference / 400)); a draw is half a win to each side.

* The two games of a pair (one opening, both colours) depend on each other, so that the scatter is counted by pairs:
  the intervals are the model's sandwich estimate with one cluster per pair. Its filling has `PRIOR_PAIRS` more pairs
  of the widest kind for every two players that met, as in `arena/statistics.py`, so that what was never seen does not
  count as impossible.
* A pair that repeats an earlier one move for move is no new evidence: a meeting weighs as many pairs as are distinct.
* Every player has at least one virtual win and one virtual loss, spread over its opponents, so that one who won
  everything has a rating at all, and the same one however many others its opponents met. Whether the games bound it
  is said apart, and follows from who scored against whom.

Source: Bradley and Terry 1952, "Rank analysis of incomplete block designs"; Hunter 2004, "MM algorithms for
generalized Bradley-Terry models" (when a maximum exists); Liang and Zeger 1986 (the sandwich, by clusters).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.csgraph import shortest_path
from scipy.special import expit, log_expit
from scipy.stats import norm

from arena.statistics import CONFIDENCE, PRIOR_PAIRS, widest_variance

ELO = 400 / math.log(10)
"""Elo per natural unit of strength."""
PRIOR_GAMES = 2.0
"""Virtual games that each player has at least, half of them won."""


@dataclass(frozen=True)
class Meeting:
    """All pairs of games between two players."""

    first: int
    second: int
    pair_scores: tuple[float, ...]
    """Points per game of `first` in each pair: 0, 0.25, 0.5, 0.75 or 1; at least one pair."""
    num_distinct: int
    """Pairs that do not repeat an earlier one, 1 to their number."""

    @property
    def score(self) -> float:
        return math.fsum(self.pair_scores) / len(self.pair_scores)

    @property
    def games(self) -> float:
        """How many games it is worth."""
        return 2.0 * self.num_distinct


@dataclass(frozen=True)
class Rating:
    """How strong a player is, compared with the anchor."""

    elo: float
    low: float | None
    """Of the 95 % interval; None where no game bounds it from below."""
    high: float | None


def rate(num_players: int, meetings: Sequence[Meeting], anchor: int) -> list[Rating]:
    """Rates players that are all connected by meetings.

    Args:
      anchor: the player whose rating is 0 by definition.

    Returns: one rating per player.
    """
    assert num_players >= 2
    assert meetings
    prior = _prior_games(num_players, meetings)
    strengths = _most_likely(num_players, meetings, prior)
    covariance = _covariance(strengths, meetings, prior)
    contrast = np.eye(num_players)
    contrast[:, anchor] -= 1
    errors = np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance, contrast).clip(0))
    has_low, has_high = _bounded(num_players, meetings, anchor)
    half = ELO * float(norm.ppf((1 + CONFIDENCE) / 2)) * errors
    elo = ELO * (strengths - strengths[anchor])
    return [
        Rating(
            float(elo[k]),
            float(elo[k] - half[k]) if has_low[k] else None,
            float(elo[k] + half[k]) if has_high[k] else None,
        )
        for k in range(num_players)
    ]


def _prior_games(num_players: int, meetings: Sequence[Meeting]) -> NDArray[np.float64]:
    """Virtual games `[M]`, half of them won by each side: the larger of two players' shares of `PRIOR_GAMES`."""
    opponents = np.zeros(num_players)
    for meeting in meetings:
        opponents[[meeting.first, meeting.second]] += 1
    return np.array([PRIOR_GAMES / min(opponents[meeting.first], opponents[meeting.second]) for meeting in meetings])


def _most_likely(num_players: int, meetings: Sequence[Meeting], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strengths `[P]` in natural units, their sum 0."""
    first, second = _sides(meetings)
    won = np.array([meeting.score * meeting.games for meeting in meetings]) + prior / 2
    lost = np.array([(1 - meeting.score) * meeting.games for meeting in meetings]) + prior / 2

    def loss(strengths: NDArray[np.float64]) -> float:
        gap = strengths[first] - strengths[second]
        return float(-(won * log_expit(gap) + lost * log_expit(-gap)).sum() + strengths.sum() ** 2 / 2)

    def gradient(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        excess = (won + lost) * expit(strengths[first] - strengths[second]) - won
        slopes = np.full(num_players, strengths.sum())
        np.add.at(slopes, first, excess)
        np.add.at(slopes, second, -excess)
        return slopes

    def curvature(strengths: NDArray[np.float64]) -> NDArray[np.float64]:
        return _information(strengths, meetings, won + lost) + 1

    found = minimize(loss, np.zeros(num_players), jac=gradient, hess=curvature, method="Newton-CG", tol=1e-9)
    strengths: NDArray[np.float64] = found.x - found.x.mean()
    return strengths


def _information(
    strengths: NDArray[np.float64], meetings: Sequence[Meeting], games: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fisher's information `[P, P]` of `games` `[M]`; blind to a shift of all strengths."""
    first, second = _sides(meetings)
    chance = expit(strengths[first] - strengths[second])
    return _spread(len(strengths), meetings, games * chance * (1 - chance))


def _covariance(
    strengths: NDArray[np.float64], meetings: Sequence[Meeting], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of the strengths, `[P, P]`, up to a shift of all of them."""
    first, second = _sides(meetings)
    chances = expit(strengths[first] - strengths[second])
    games = np.array([meeting.games for meeting in meetings])
    filling = [4 * _scatter(meeting, float(chance)) for meeting, chance in zip(meetings, chances, strict=True)]
    bread = np.linalg.pinv(_information(strengths, meetings, games + prior), hermitian=True)
    covariance: NDArray[np.float64] = bread @ _spread(len(strengths), meetings, np.array(filling)) @ bread
    return covariance


def _scatter(meeting: Meeting, chance: float) -> float:
    """The variance of the sum of the distinct pairs' scores."""
    distinct = meeting.num_distinct
    squares = math.fsum((one - chance) ** 2 for one in meeting.pair_scores) * distinct / len(meeting.pair_scores)
    widest = widest_variance(meeting.score, distinct)
    return distinct * (squares + PRIOR_PAIRS * widest) / (distinct + PRIOR_PAIRS)


def _spread(num_players: int, meetings: Sequence[Meeting], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over meetings of weight times (e_first - e_second)(e_first - e_second)ᵀ."""
    first, second = _sides(meetings)
    total = np.zeros((num_players, num_players))
    np.add.at(total, (first, first), weights)
    np.add.at(total, (second, second), weights)
    np.add.at(total, (first, second), -weights)
    np.add.at(total, (second, first), -weights)
    return total


def _sides(meetings: Sequence[Meeting]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    sides = np.array([(meeting.first, meeting.second) for meeting in meetings], dtype=np.intp)
    return sides[:, 0], sides[:, 1]


def _bounded(
    num_players: int, meetings: Sequence[Meeting], anchor: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who is bounded from below and from above: a chain of points scored leads to the anchor, or from it."""
    scored = np.zeros((num_players, num_players))
    for meeting in meetings:
        scored[meeting.first, meeting.second] += meeting.score > 0
        scored[meeting.second, meeting.first] += meeting.score < 1
    reach = np.isfinite(shortest_path(scored, unweighted=True))
    return reach[:, anchor], reach[anchor]

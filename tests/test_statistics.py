"""Score, Elo and their interval."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from arena.statistics import PRIOR_PAIRS, Strength, effective_games, elo_of, measure, score_interval

PairSource = Callable[[np.random.Generator, int], NDArray[np.float64]]


def test_elo_follows_its_formula() -> None:
    assert str(elo_of(0.5)) == "0.0", "and not less than nothing"
    assert elo_of(10 / 11) == pytest.approx(400)
    assert elo_of(0.25) == pytest.approx(-(elo_of(0.75) or 0))
    assert elo_of(0.76) == pytest.approx(200.24, abs=0.01)
    assert elo_of(0) is None
    assert elo_of(1) is None


def test_a_hundred_of_a_hundred_shows_no_more_than_96_4_percent() -> None:
    strength = measure([1.0] * 50, 50)
    assert strength.score == strength.score_high == 1
    assert strength.elo is None
    assert strength.elo_high is None
    assert strength.score_low == pytest.approx(0.025 ** (1 / 100))
    assert strength.elo_low == pytest.approx(570, abs=1)


def test_none_of_a_hundred_mirrors_a_hundred_of_a_hundred() -> None:
    won, lost = measure([1.0] * 50, 50), measure([0.0] * 50, 50)
    assert lost.elo is None
    assert lost.elo_low is None
    assert lost.elo_high == pytest.approx(-(won.elo_low or 0))


def test_swapping_the_players_mirrors_the_interval() -> None:
    scores = [1.0, 0.5, 0.75, 0.5, 0.0, 1.0, 0.5, 0.25, 1.0, 0.5]
    one, other = measure(scores, 10), measure([1 - score for score in scores], 10)
    assert other.score == pytest.approx(1 - one.score)
    assert other.score_low == pytest.approx(1 - one.score_high)
    assert other.score_high == pytest.approx(1 - one.score_low)


def test_repeated_pairs_count_for_the_score_but_not_for_the_interval() -> None:
    scores = [1.0, 0.5] * 25
    distinct, repeated = measure(scores, 50), measure(scores, 2)
    assert repeated.score == distinct.score
    assert width(repeated) > 3 * width(distinct)
    assert measure([1.0] * 50, 1).score_low == pytest.approx(0.025 ** (1 / 2))


def test_pairs_that_all_end_one_to_one_are_no_certainty() -> None:
    few, many = measure([0.5] * 5, 5), measure([0.5] * 50, 50)
    assert few.score_low < 0.3
    assert 0.46 < many.score_low < 0.48, "a pair in fifteen might have ended otherwise: the rule of three"
    assert many.elo == 0


def test_a_single_pair_leaves_nearly_everything_open() -> None:
    for score in (0.0, 0.25, 0.5, 0.75, 1.0):
        assert width(measure([score], 1)) > 0.6


def test_a_perfect_score_shows_more_than_one_with_a_draw_less() -> None:
    perfect, nearly = measure([1.0] * 50, 50), measure([1.0] * 49 + [0.75], 50)
    assert nearly.score_low < perfect.score_low


def test_independent_wins_and_losses_give_the_usual_binomial_interval() -> None:
    """400 games, 0.6: the textbook's half-width is 1.96 · √(0.24 / 400) = 0.048."""
    scores = [1.0] * 72 + [0.5] * 96 + [0.0] * 32
    assert width(measure(scores, 200)) / 2 == pytest.approx(0.048, rel=0.06)


def test_openings_that_one_colour_always_wins_narrow_the_interval() -> None:
    decided_by_colour = measure([0.5] * 90 + [1.0] * 10, 100)
    decided_by_strength = measure([1.0] * 55 + [0.0] * 45, 100)
    assert decided_by_colour.score == decided_by_strength.score
    assert width(decided_by_colour) < width(decided_by_strength) / 2


def independent(win: float, draw: float = 0.0) -> PairSource:
    def draw_pairs(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        points = rng.choice([1.0, 0.5, 0.0], size=(count, 2), p=[win, draw, 1 - win - draw])
        return np.asarray(points.mean(axis=1))

    return draw_pairs


def by_colour(as_black: float, as_white: float) -> PairSource:
    def draw_pairs(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        return np.asarray((rng.random((count, 2)) < [as_black, as_white]).mean(axis=1))

    return draw_pairs


def alike(win: float, share: float) -> PairSource:
    """In this share of the pairs both games end alike."""

    def draw_pairs(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        won = rng.random((count, 2)) < win
        won[:, 1] = np.where(rng.random(count) < share, won[:, 0], won[:, 1])
        return np.asarray(won.mean(axis=1))

    return draw_pairs


@pytest.mark.parametrize("num_pairs", [30, 100])
@pytest.mark.parametrize(
    ("source", "truth"),
    [
        (independent(0.5), 0.5),
        (independent(0.65), 0.65),
        (independent(0.9), 0.9),
        (independent(0.25, draw=0.5), 0.5),
        (independent(0.5, draw=0.4), 0.7),
        (by_colour(0.95, 0.15), 0.55),
        (by_colour(1.0, 0.6), 0.8),
        (alike(0.5, 1.0), 0.5),
        (alike(0.7, 0.5), 0.7),
    ],
    ids=["even", "better", "strong", "draws", "good draws", "first wins", "perfect black", "alike", "half alike"],
)
def test_the_interval_covers_the_truth_in_about_95_of_100_matches(
    source: PairSource, truth: float, num_pairs: int
) -> None:
    rng = np.random.default_rng(7)
    measured = cache(lambda counts: measure(np.repeat(np.arange(5) / 4, counts).tolist(), num_pairs))
    matches = 600
    covered = 0
    for _ in range(matches):
        counts = np.bincount((4 * source(rng, num_pairs)).astype(int), minlength=5)
        strength = measured(tuple(counts))
        covered += strength.score_low <= truth <= strength.score_high
    assert 0.935 <= covered / matches <= 0.99


def test_the_interval_of_independent_games_agrees_with_the_tables() -> None:
    low, high = score_interval(0.8, 10)  # Clopper-Pearson, 8 of 10
    assert (low, high) == (pytest.approx(0.4439, abs=1e-4), pytest.approx(0.9748, abs=1e-4))
    assert score_interval(1.0, 7)[0] == pytest.approx(0.025 ** (1 / 7))
    low, high = score_interval(0.5, 400)
    chance_of_more = sum(math.comb(400, k) * low**k * (1 - low) ** (400 - k) for k in range(200, 401))
    assert chance_of_more == pytest.approx(0.025, rel=1e-6)
    assert low == pytest.approx(1 - high)


@pytest.mark.parametrize(("freedom", "quantile"), [(2, 4.303), (10, 2.228), (60, 2.000), (1000, 1.962)])
def test_few_pairs_count_for_less_as_students_t_says(freedom: int, quantile: float) -> None:
    """Pairs that all end 1:1 scatter as the prior alone says; the quantiles are the tables'."""
    pairs = freedom + 1 - PRIOR_PAIRS
    variance = PRIOR_PAIRS * 0.25 / freedom
    expected = 0.25 * pairs / variance * (1.95996 / quantile) ** 2
    assert effective_games([0.5] * pairs, pairs) == pytest.approx(expected, rel=1e-3)


def width(strength: Strength) -> float:
    return strength.score_high - strength.score_low

"""Ratings of many players: recovered from simulated tournaments, intervals that cover, bounds that exist."""

import numpy as np
import pytest

from arena.rating import ELO, Meeting, rate
from arena.statistics import elo_of, measure

TRUE_ELO = np.array([0, 150, 300, 320, 500])


def simulated(rng: np.random.Generator, pairs: int, alike: float, draws: float = 0.0) -> list[Meeting]:
    """A round robin; the second game of a pair repeats the first one's result with chance `alike`."""
    meetings = []
    for first in range(len(TRUE_ELO)):
        for second in range(first + 1, len(TRUE_ELO)):
            chance = 1 / (1 + np.exp((TRUE_ELO[second] - TRUE_ELO[first]) / ELO))
            games = (rng.random((2, pairs)) < chance).astype(float)
            games[:, rng.random(pairs) < draws * min(chance, 1 - chance)] = 0.5
            games[1] = np.where(rng.random(pairs) < alike, games[0], games[1])
            meetings.append(Meeting(first, second, tuple(games.mean(axis=0).tolist()), pairs))
    return meetings


@pytest.mark.parametrize("alike", [0.0, 0.5])
def test_the_intervals_cover_the_truth_about_as_often_as_they_say(alike: float) -> None:
    rng = np.random.default_rng(1)
    rounds = 120
    covered = np.zeros(len(TRUE_ELO))
    mean = np.zeros(len(TRUE_ELO))
    for _ in range(rounds):
        ratings = rate(len(TRUE_ELO), simulated(rng, 20, alike), anchor=0)
        for player, rating in enumerate(ratings):
            assert rating.low is not None
            assert rating.high is not None
            covered[player] += rating.low <= TRUE_ELO[player] <= rating.high
            mean[player] += rating.elo / rounds
    assert covered[0] == rounds, "the anchor is 0 by definition"
    assert (covered[1:] / rounds >= 0.9).all(), covered
    assert np.abs(mean - TRUE_ELO).max() < 25, mean


def test_pairs_whose_games_end_alike_widen_the_interval_and_pairs_that_end_one_all_narrow_it() -> None:
    alike = rate(2, [Meeting(0, 1, (0.0, 1.0) * 20, 40)], anchor=1)[0]
    mixed = rate(2, [Meeting(0, 1, (0.0, 0.5, 0.5, 1.0) * 10, 40)], anchor=1)[0]
    one_all = rate(2, [Meeting(0, 1, (0.5,) * 40, 40)], anchor=1)[0]
    assert alike.elo == pytest.approx(0, abs=1e-6)
    widths = [rating.high - rating.low for rating in (alike, mixed, one_all) if rating.high and rating.low]
    assert widths == sorted(widths, reverse=True)
    assert widths[2] < widths[0] / 2


def test_two_players_are_rated_as_a_duel_measures_them() -> None:
    scores = (1.0, 0.5, 0.75, 1.0, 0.5, 0.5, 1.0, 0.25) * 8
    rating = rate(2, [Meeting(0, 1, scores, len(scores))], anchor=1)[0]
    strength = measure(scores, len(scores))
    assert strength.elo is not None
    assert strength.elo_low is not None
    assert strength.elo_high is not None
    assert rating.low is not None
    assert rating.high is not None
    assert rating.elo == pytest.approx(strength.elo, abs=5)
    assert rating.low == pytest.approx(strength.elo_low, abs=20)
    assert rating.high == pytest.approx(strength.elo_high, abs=20)


def test_repeated_pairs_are_no_new_evidence() -> None:
    once = rate(2, [Meeting(0, 1, (1.0, 0.5), 2)], anchor=1)[0]
    often = rate(2, [Meeting(0, 1, (1.0, 0.5) * 20, 2)], anchor=1)[0]
    assert often.elo == pytest.approx(once.elo)
    assert often.low == pytest.approx(once.low)


def test_who_lost_every_game_has_no_lower_bound_and_who_won_all_no_upper_one() -> None:
    won, mixed = (1.0,) * 10, (0.5, 1.0, 0.0) * 4
    meetings = [Meeting(0, 1, won, 10), Meeting(0, 2, won, 10), Meeting(1, 2, mixed, 12), Meeting(2, 3, won, 10)]
    best, anchor, middle, worst = rate(4, meetings, anchor=1)
    assert best.high is None
    assert best.low is not None
    assert worst.low is None
    assert worst.high is not None
    assert (anchor.low, anchor.elo, anchor.high) == (0, 0, 0)
    assert None not in (middle.low, middle.high)
    assert best.elo > 200 > -200 > worst.elo


def test_a_gauntlet_rates_players_that_never_met_by_their_common_opponent() -> None:
    strong, weak = (1.0, 0.75) * 20, (0.25, 0.5) * 20
    champion, first, second = rate(3, [Meeting(1, 0, strong, 40), Meeting(2, 0, weak, 40)], anchor=0)
    assert champion.elo == 0
    assert first.elo == pytest.approx(elo_of(0.875), abs=15)
    assert second.elo == pytest.approx(elo_of(0.375), abs=15)


@pytest.mark.parametrize("others", [1, 9, 49])
def test_who_won_every_game_is_rated_alike_however_many_others_its_opponent_met(others: int) -> None:
    won, even = (1.0,) * 10, (0.0, 1.0) * 5
    gauntlet = [Meeting(1, 0, won, 10), *(Meeting(0, 2 + k, even, 10) for k in range(others))]
    duel = rate(2, gauntlet[:1], anchor=0)[1]
    among_others = rate(2 + others, gauntlet, anchor=0)[1]
    assert among_others.elo == pytest.approx(duel.elo, abs=1)
    assert among_others.low == pytest.approx(duel.low, abs=1)
    lowest = measure(won, 10).elo_low
    assert lowest is not None
    assert among_others.low == pytest.approx(lowest, abs=60)

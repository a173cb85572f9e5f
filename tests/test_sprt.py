"""The sequential test: its error rates by simulation, its likelihood by another road."""

import numpy as np
import pytest

from arena.sprt import H0, H1, PAIR_SCORES, Hypotheses, Sprt, log_likelihood_ratio


def pairs_of(rng: np.random.Generator, elo: float, count: int) -> list[float]:
    """Pairs of games with three draws in ten; every other pair ends alike in both games."""
    score, draws = 1 / (1 + 10 ** (-elo / 400)), 0.3
    games = rng.choice([0, 0.5, 1], p=[1 - score - draws / 2, draws, score - draws / 2], size=(count, 2))
    games[::2, 1] = games[::2, 0]
    scores: list[float] = games.mean(axis=1).tolist()
    return scores


@pytest.mark.parametrize("elo", [0, 100])
def test_the_wrong_claim_is_accepted_about_as_rarely_as_promised(elo: float) -> None:
    rng = np.random.default_rng(5)
    hypotheses = Hypotheses(0, 100)
    verdicts = []
    for _ in range(150):
        test = Sprt(hypotheses)
        while test.accepted is None:
            test.add(pairs_of(rng, elo, 20))
        verdicts.append(test.accepted)
    wrong = verdicts.count(H1 if elo == 0 else H0)
    assert 1 <= wrong <= 15, "5 % of 150 are 7.5; more than 15 come once in 200 such tests"


def test_the_likelihood_agrees_with_the_usual_approximation_where_that_holds() -> None:
    counts = [40, 90, 200, 120, 50]
    scores = np.repeat(PAIR_SCORES, counts)
    low, high = (1 / (1 + 10 ** (-elo / 400)) for elo in (0, 20))
    approximation = len(scores) * (high - low) * (2 * scores.mean() - low - high) / (2 * scores.var())
    assert log_likelihood_ratio(counts, Hypotheses(0, 20)) == pytest.approx(approximation, rel=0.02)


def test_the_likelihood_is_antisymmetric_in_the_players() -> None:
    counts = [3, 9, 20, 14, 8]
    ours = log_likelihood_ratio(counts, Hypotheses(-10, 30))
    theirs = log_likelihood_ratio(counts[::-1], Hypotheses(-30, 10))
    assert ours == pytest.approx(-theirs)


@pytest.mark.parametrize(("score", "verdict"), [(1.0, H1), (0.0, H0)])
def test_one_sided_matches_are_decided_soon_but_not_at_once(score: float, verdict: str) -> None:
    test = Sprt(Hypotheses(-20, 20))
    test.add([score] * 3)
    assert test.accepted is None
    test.add([score] * 100)
    assert test.accepted == verdict


def test_pairs_that_are_repeated_count_for_the_score_and_are_no_further_evidence() -> None:
    """An opening that always goes the same way, and one of many ways in which the first player does worse."""
    test = Sprt(Hypotheses(-100, -20))
    for number in range(200):
        test.add([0.5, 0.25 if number % 4 == 0 else 0.5], [number == 0, True])
    assert test.counts[1] < 0.2 * sum(test.counts), "the score is above that of the second claim"
    assert test.accepted == "H1"
    repeated = Sprt(Hypotheses(0, 100))
    repeated.add([1.0] * 500, [number < 3 for number in range(500)])
    assert (repeated.accepted, repeated.distinct, sum(repeated.counts)) == (None, 3, 500)


def test_what_comes_after_the_decision_says_nothing() -> None:
    test = Sprt(Hypotheses(0, 50))
    test.add([1.0] * 100)
    counted, llr = list(test.counts), test.llr
    test.add([0.0] * 100)
    assert test.accepted == H1
    assert (test.counts, test.llr) == (counted, llr)
    report = test.report()
    assert report["pairs"] == sum(counted) < 100
    assert report["llr"] >= report["upper"]


@pytest.mark.parametrize(("elo0", "elo1"), [(50, 0), (0, 0), (0, 5000), (float("nan"), 10)])
def test_hypotheses_that_are_none_are_refused(elo0: float, elo1: float) -> None:
    with pytest.raises(ValueError, match="ELO0 has to be below ELO1"):
        Hypotheses(elo0, elo1)

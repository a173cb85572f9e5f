"""What a duel tells people: its table, its Elo difference, its sequential test, and what makes it worth less."""

from collections.abc import Iterator
from typing import Any

from arena.forfeits import forfeit_text
from arena.sprt import Sprt

FEW_DISTINCT = 0.5
"""Below this share of distinct games the user is warned."""
MANY_DECIDED = 1 / 3
"""Above this share of openings from which one colour won with either player the user is warned."""


def duel_text(report: dict[str, Any]) -> str:
    """A few lines of the figures of `Duel.report`, with the players, the rules, the openings and the seconds."""
    lines = [
        f"{' against '.join(report['players'])}, {report['rules']}, openings {report['openings']}",
        f"{'':10}{'games':>7}{'wins':>7}{'draws':>7}{'losses':>8}{'score':>8}",
    ]
    half = report["games"] // 2
    for name, part, games in (
        ("as Black", report["as_black"], half),
        ("as White", report["as_white"], half),
        ("together", report, report["games"]),
    ):
        score = (part["wins"] + part["draws"] / 2) / games
        lines.append(f"{name:10}{games:7}{part['wins']:7}{part['draws']:7}{part['losses']:8}{score:8.3f}")
    lines.append(
        f"Elo difference {elo_text(report)}, {report['distinct_games']} distinct games, {report['seconds']:.1f} s"
    )
    times = zip(report["seconds_per_move"], report["longest_seconds"], strict=True)
    lines.append("seconds a move " + " and ".join(f"{mean:.3f} (longest {longest:.2f})" for mean, longest in times))
    lost = zip(report["players"], report["forfeits"], report["forfeit_reasons"], strict=True)
    return "\n".join([*lines, *(f"{forfeit_text(name, count)} First: {why}" for name, count, why in lost if count)])


def elo_text(report: dict[str, Any]) -> str:
    elo, low, high = (
        "no bound" if report[name] is None else f"{report[name]:+.0f}" for name in ("elo", "elo_low", "elo_high")
    )
    if report["elo"] is None:
        return f"above {low} (95 %)" if report["elo_high"] is None else f"below {high} (95 %)"
    return f"{elo} (95 %: {low} to {high})"


def sprt_text(test: Sprt) -> str:
    claims = {"H0": test.hypotheses.elo0, "H1": test.hypotheses.elo1}
    verdict = "undecided" if test.accepted is None else f"{test.accepted} accepted ({claims[test.accepted]:+g} Elo)"
    of_them = "" if test.distinct == sum(test.counts) else f", {test.distinct} of them distinct"
    bounds = f"{test.hypotheses.lower:.2f} to {test.hypotheses.upper:.2f}"
    return (
        f"SPRT {claims['H0']:+g} against {claims['H1']:+g} Elo: {verdict} after {sum(test.counts)} pairs{of_them}, "
        f"log-likelihood ratio {test.llr:.2f} ({bounds})"
    )


def duel_remarks(report: dict[str, Any]) -> Iterator[str]:
    """What makes a result worth less than its number of games, and what would help."""
    games, pairs = report["games"], report["games"] // 2
    if report["distinct_games"] < FEW_DISTINCT * games:
        yield (
            f"only {report['distinct_games']} of {games} games are distinct; the interval "
            "counts the others for nothing: more openings would tell more"
        )
    for colour in ("black", "white"):
        if (idle := report[f"{colour}_won_both"]) > MANY_DECIDED * pairs:
            yield (
                f"{colour.title()} won for either player from {idle} of {pairs} openings, which tell nothing of the "
                "two; evener openings (--openings model:PATH) would tell more"
            )

"""Runs side by side: a table for the terminal, figures as JSON, and a picture."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from training.curve import values_of
from training.run_curves import Check, RunCurve, clock

mpl.use("Agg")  # no window: the picture goes to a file
SCORES = (0.5, 0.8, 0.95)
"""To which the times are told."""
PARTS = 4
"""Of the shortest run's time; the scores are told at the end of each."""
LONG = 2 * 3600.0
"""Seconds from which a picture's axis is in hours."""
EXPLAINED = """\
score by then: of the latest check until that time of training, with its 95 % interval
time to score: of the first check with that score; in brackets that of the first check whose interval reaches it, and
of the first whose interval lies above it"""


def warnings(curves: Sequence[RunCurve]) -> list[str]:
    """What has to be known before the runs are compared, a line each."""
    told = [f"{one.name} has no strength checks; only its losses are shown" for one in curves if not one.checks]
    rules = {one.rules: None for one in curves}
    if len(rules) > 1:
        told.append(f"the runs are of different rules: {', '.join(rules)}")
    opponents = {check.opponent: None for one in curves for check in one.checks}
    if len(opponents) > 1:
        told.append(f"the scores are against different opponents: {', '.join(opponents)}")
    return told


def equal_times(curves: Sequence[RunCurve]) -> list[float]:
    """The times, in seconds of training, at which all runs can be compared."""
    shortest = min(curve.seconds for curve in curves)
    return [shortest * part / PARTS for part in range(1, PARTS + 1)]


def comparison_text(curves: Sequence[RunCurve]) -> str:
    """The table."""
    facts = [["run", "trained", "games", "positions", "checks"]]
    for one in curves:
        last = one.lines[-1]
        of_each = f" of {one.checks[-1].games_checked} games against {one.checks[-1].opponent}" if one.checks else ""
        counts = [f"{last['total_games']:,}", f"{last['total_positions']:,}"]
        facts.append([one.name, clock(one.seconds), *counts, f"{len(one.checks)}{of_each}"])
    times = equal_times(curves)
    scores = [["score by then", *map(clock, times)]]
    scores += [[one.name, *(_score_text(one.strength_at(time)) for time in times)] for one in curves]
    reached = [["time to score", *(f"{score:.2f}" for score in SCORES)]]
    reached += [[one.name, *(_reached_text(one, score) for score in SCORES)] for one in curves]
    return "\n\n".join([_table(facts), _table(scores), _table(reached), EXPLAINED])


def comparison_report(curves: Sequence[RunCurve]) -> dict[str, Any]:
    """The figures, in the form in which they are written as JSON; times in seconds of training."""
    times = equal_times(curves)
    return {
        "warnings": warnings(curves),
        "runs": [
            {
                "name": one.name,
                "rules": one.rules,
                "seconds": one.seconds,
                "games": one.lines[-1]["total_games"],
                "positions": one.lines[-1]["total_positions"],
                "checks": [asdict(check) for check in one.checks],
                "at_equal_times": [
                    {"seconds": time, "check": None if (check := one.strength_at(time)) is None else asdict(check)}
                    for time in times
                ],
                "time_to_score": [{"score": score, **asdict(one.reached(score))} for score in SCORES],
            }
            for one in curves
        ],
    }


def draw_comparison(curves: Sequence[RunCurve], picture: Path) -> None:
    """Draws the runs as a PNG: strength over time, games and positions; losses, and the suite where it is logged."""
    figure = Figure(figsize=(12, 6.8), layout="constrained")
    (by_time, by_games, by_positions), (policy, value, last) = figure.subplots(2, 3)
    is_long = max(one.seconds for one in curves) >= LONG
    unit, unit_seconds = ("hours", 3600.0) if is_long else ("minutes", 60.0)
    has_suite = any(check.suite_share is not None for one in curves for check in one.checks)
    for number, one in enumerate(curves):
        colour = f"C{number % 10}"
        for axes, places in (
            (by_time, [check.seconds / unit_seconds for check in one.checks]),
            (by_games, [float(check.games) for check in one.checks]),
            (by_positions, [float(check.positions) for check in one.checks]),
        ):
            _draw_strength(axes, places, one, colour)
        times = [line["total_seconds"] / unit_seconds for line in one.lines]
        policy.plot(times, values_of(one.lines, "policy_loss"), color=colour, label=one.name)
        value.plot(times, values_of(one.lines, "value_loss"), color=colour)
        if has_suite:
            shares = [(check.seconds / unit_seconds, check.suite_share) for check in one.checks]
            known = [(time, share) for time, share in shares if share is not None]
            last.plot([time for time, _ in known], [share for _, share in known], "o-", color=colour, markersize=3)
        else:
            last.plot(times, values_of(one.lines, "total_positions"), color=colour)
    opponents = sorted({check.opponent for one in curves for check in one.checks})
    by_time.set_title(f"score against {', '.join(opponents) or 'nobody'}, 95 %")
    policy.set_title("policy loss, nats")
    value.set_title("value loss, nats")
    last.set_title("share of the suite solved" if has_suite else "positions of self-play")
    for axes, label in ((by_time, unit), (by_games, "games"), (by_positions, "positions")):
        axes.set_ylim(-0.03, 1.03)
        axes.set_xlabel(f"{label} of {'training' if axes is by_time else 'self-play'}")
    for axes in (policy, value, last):
        axes.set_xlabel(f"{unit} of training")
    for axes in figure.axes:
        axes.grid(alpha=0.3)
        axes.set_xlim(left=0)
    for axis in (by_games.xaxis, by_positions.xaxis, *([] if has_suite else [last.yaxis])):
        axis.set_major_formatter(EngFormatter(sep=""))  # 50k
        axis.set_major_locator(MaxNLocator(6))
    figure.legend(loc="outside lower center", ncols=min(len(curves), 5), fontsize="small")
    figure.savefig(picture, dpi=110)


def _draw_strength(axes: Axes, places: Sequence[float], curve: RunCurve, colour: str) -> None:
    axes.plot(places, [check.score for check in curve.checks], "o-", color=colour, markersize=3)
    low, high = [check.low for check in curve.checks], [check.high for check in curve.checks]
    axes.fill_between(places, low, high, color=colour, alpha=0.1, linewidth=0)


def _score_text(check: Check | None) -> str:
    return "–" if check is None else f"{check.score:.2f} ({check.low:.2f}–{check.high:.2f})"


def _reached_text(curve: RunCurve, score: float) -> str:
    if not curve.checks:
        return "–"
    reached = curve.reached(score)
    first, earliest, latest = (
        "never" if seconds is None else clock(seconds)
        for seconds in (reached.first, reached.earliest, reached.latest)
    )
    return "never" if reached.earliest is None else f"{first} ({earliest}–{latest})"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )

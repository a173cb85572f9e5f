"""The picture of a run: strength, losses and speed over time."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gomoku.files import write_atomically
from training.metrics import checks_in, read_metrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def values_of(lines: Sequence[dict[str, Any]], name: str) -> list[float]:
    """One figure of all iterations; what is None, where nothing was learnt, becomes a gap."""
    return [math.nan if line[name] is None else line[name] for line in lines]


def draw_curve(metrics: Path, picture: Path, title: str) -> None:
    """Draws metrics.jsonl as a PNG; without a finished iteration there is nothing to draw."""
    lines = read_metrics(metrics)
    if not lines:
        return
    # A run needs it once, at its end, and it takes a third of a second to load.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    minutes = [line["total_seconds"] / 60 for line in lines]
    checks = checks_in(lines)
    has_suite = any("suite" in check for _, check in checks)
    figure = Figure(figsize=(14 if has_suite else 11, 3.6), layout="constrained")
    FigureCanvasAgg(figure)  # no window: the picture goes to a file
    strength, *suite, losses, games = figure.subplots(1, 4 if has_suite else 3)
    figure.suptitle(title)

    if checks:
        _draw_strength(strength, checks)
    for axes in suite:
        _draw_suite(axes, checks)
    for name, style in (("policy_loss", "-"), ("value_loss", "-"), ("policy_entropy", ":")):
        losses.plot(minutes, values_of(lines, name), style, label=name.replace("_", " "))
    losses.set_title("nats")
    losses.legend()
    decided = [max(1, line["black_wins"] + line["white_wins"]) for line in lines]
    games.plot(
        minutes, [line["black_wins"] / of for line, of in zip(lines, decided, strict=True)], label="Black's share"
    )
    games.plot(minutes, [line["draws"] / max(1, line["games"]) for line in lines], label="draws")
    games.set_title("self-play")
    games.set_ylim(-0.03, 1.03)
    games.legend()
    for axes in (strength, *suite, losses, games):
        axes.set_xlabel("minutes of training")
        axes.grid(alpha=0.3)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    write_atomically(picture, drawn.getvalue())


def _draw_strength(axes: "Axes", checks: list[tuple[float, dict[str, Any]]]) -> None:
    at = [minute for minute, _ in checks]
    for name, label, style in (
        ("score", "both colours", "o-"),
        ("score_as_black", "as Black", "^--"),
        ("score_as_white", "as White", "v--"),
    ):
        axes.plot(at, [check[name] for _, check in checks], style, label=label, markersize=4)
    axes.set_title(f"score against {checks[-1][1]['opponent']}")
    axes.set_ylim(-0.03, 1.03)
    axes.legend()


def _draw_suite(axes: "Axes", checks: list[tuple[float, dict[str, Any]]]) -> None:
    """The share of the suite's positions that is solved; a run may have begun to ask only later."""
    asked = [(minute, check["suite"]) for minute, check in checks if "suite" in check]
    for name in asked[-1][1]:
        style = "s:" if name.endswith("tactics") else "o-"
        shares = [suite.get(name, math.nan) for _, suite in asked]
        axes.plot([minute for minute, _ in asked], shares, style, label=name, markersize=4)
    axes.set_title("suite solved: network, simulations")
    axes.set_ylim(-0.03, 1.03)
    axes.legend()

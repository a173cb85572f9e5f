"""The picture of a run: strength, losses and speed over time."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.metrics import checks_in, read_metrics


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
    figure = Figure(figsize=(11, 3.6), layout="constrained")
    FigureCanvasAgg(figure)  # no window: the picture goes to a file
    strength, losses, games = figure.subplots(1, 3)
    figure.suptitle(title)

    checks = checks_in(lines)
    if checks:
        at = [minute for minute, _ in checks]
        for name, label, style in (
            ("score", "both colours", "o-"),
            ("score_as_black", "as Black", "^--"),
            ("score_as_white", "as White", "v--"),
        ):
            strength.plot(at, [check[name] for _, check in checks], style, label=label, markersize=4)
        strength.set_title(f"score against {checks[-1][1]['opponent']}")
        strength.set_ylim(-0.03, 1.03)
        strength.legend()
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
    for axes in (strength, losses, games):
        axes.set_xlabel("minutes of training")
        axes.grid(alpha=0.3)
    figure.savefig(picture, dpi=110)

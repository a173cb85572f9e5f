"""The picture of a tournament: everyone's rating with its interval."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from arena.standings import Standings

mpl.use("Agg")  # no window: the picture goes to a file
MARGIN = 60
"""Elo beyond the outermost player."""


def draw_standings(result: Standings, picture: Path, title: str) -> None:
    """Draws the ratings as a PNG, best on top; where no game bounds an interval it ends in an arrow."""
    lines = result.lines[::-1]
    known = [
        bound for line in lines for bound in (line.rating.elo, line.rating.low, line.rating.high) if bound is not None
    ]
    left, right = min(known) - MARGIN, max(known) + MARGIN
    figure = Figure(figsize=(9, 1.2 + 0.4 * len(lines)), layout="constrained")
    axes = figure.subplots()
    for row, line in enumerate(lines):
        rating = line.rating
        low, high = (left if rating.low is None else rating.low), (right if rating.high is None else rating.high)
        axes.plot([low, high], [row, row], color="tab:blue", linewidth=1.5)
        axes.plot(low, row, "<" if rating.low is None else "|", color="tab:blue")
        axes.plot(high, row, ">" if rating.high is None else "|", color="tab:blue")
        axes.plot(rating.elo, row, "o", color="tab:orange" if line.name == result.anchor else "tab:blue")
    axes.set_yticks(
        range(len(lines)), [line.name if len(line.name) <= 40 else f"…{line.name[-39:]}" for line in lines]
    )
    axes.set_xlim(left - MARGIN / 3, right + MARGIN / 3)
    axes.set_xlabel(f"Elo with 95 % interval, {result.anchor} = 0")
    axes.grid(axis="x", alpha=0.3)
    axes.set_title(title)
    figure.savefig(picture, dpi=120)

"""Two benches compared: what got slower, larger or later by more than a tenth."""

import json
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure

TOLERATED = 0.10
"""Share by which a figure may be worse: a busy machine alone makes that much difference."""
LESS_IS_BETTER = ("s", "ms", "µs/simulation", "MB", "bytes/position")


class ComparisonError(ValueError):
    """A file that holds no figures of this bench."""


def read_figures(path: Path) -> dict[str, dict[str, Any]]:
    """The figures of an earlier bench, by key.

    Raises:
      ComparisonError: with the file and what is wrong.
    """
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
        medians = {key: {"median": float(entry["median"]), "unit": entry["unit"]} for key, entry in figures.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ComparisonError(f"{path} is no result of this bench written with --json ({error})") from None
    return medians


def change(before: float, now: float, unit: str) -> float:
    """How much better a figure has become: 0.2 is a fifth faster or smaller, -0.2 a fifth slower or larger."""
    if before <= 0 or now <= 0:
        return 0.0
    return before / now - 1 if unit in LESS_IS_BETTER else now / before - 1


def compare(before: dict[str, dict[str, Any]], figures: list[Figure]) -> list[str]:
    """One line for each figure that both have, worst first, those beyond what is tolerated flagged."""
    changes = [
        (change(before[figure.key]["median"], figure.median, figure.unit), figure)
        for figure in figures
        if figure.key in before and before[figure.key]["unit"] == figure.unit
    ]
    lines = []
    for share, figure in sorted(changes, key=lambda entry: entry[0]):
        flag = "WORSE" if share < -TOLERATED else ""
        old = before[figure.key]["median"]
        lines.append(
            f"{figure.title:44}{old:>14,.4g} → {figure.median:>12,.4g} {figure.unit:15} {share:+7.0%}  {flag}"
        )
    missing = sorted(before.keys() - {figure.key for figure in figures})
    if missing:
        lines.append(f"not measured this time: {', '.join(missing)}")
    return [line.rstrip() for line in lines]

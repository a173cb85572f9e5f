"""Strength over hours of training: the generations of a tournament, each where it stood in the training of its run.

  python evaluate.py tournament runs/a:5@100 runs/a:30@100 runs/b:12@100 scripted:4 --out runs/hours
  python -m benchmarks.strength_over_hours runs/hours/table.json --chain runs/a runs/b --out strength.png

A chain is a line of runs, each begun `--from` the one before: their hours add up. Whoever took part and is no
generation of a run of a chain (a scripted player, pure MCTS) is drawn as a line across.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

from training.metrics import read_metrics
from training.run_folder import RunFolder

mpl.use("Agg")  # no window: the picture goes to a file
GENERATION = re.compile(r"(?:plain:)?(?P<run>.+):(?P<generation>\d+)(?:@[^@]*)?")
"""The name of a player who is a run's generation."""


class Point(NamedTuple):
    """A generation in the picture."""

    hours: float
    elo: float
    low: float
    high: float


def hours_before(chain: Sequence[Path]) -> dict[tuple[str, int], float]:
    """Hours of training until each generation of a chain, by run and generation.

    Raises:
      OSError, CheckpointError: a folder that is no run, or damaged figures.
    """
    hours, before = {}, 0.0
    for run in chain:
        lines = read_metrics(RunFolder(run).metrics)
        for line in lines:
            hours[run.as_posix(), line["iteration"]] = before + line["total_seconds"] / 3600
        before += lines[-1]["total_seconds"] / 3600 if lines else 0.0
    return hours


def points_of(players: Sequence[dict[str, Any]], hours: dict[tuple[str, int], float]) -> list[Point]:
    """The players that are generations of a chain, earliest first.

    Args:
      players: as a tournament's table.json has them.
    """
    found = []
    for player in players:
        match = GENERATION.fullmatch(player["name"])
        if match is None or (match["run"], int(match["generation"])) not in hours:
            continue
        elo = player["elo"]
        low, high = (elo if player[name] is None else player[name] for name in ("elo_low", "elo_high"))
        found.append(Point(hours[match["run"], int(match["generation"])], elo, low, high))
    return sorted(found)


def draw(table: dict[str, Any], chains: Sequence[Sequence[Path]], picture: Path) -> None:
    """Draws the picture as a PNG.

    Raises:
      ValueError: a chain of which nobody took part.
    """
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    in_chains = {run.as_posix() for chain in chains for run in chain}
    for chain in chains:
        points = points_of(table["players"], hours_before(chain))
        name = chain[-1].as_posix()
        if not points:
            raise ValueError(f"{name}: no generation of this chain is in the table")
        hours, elo = [one.hours for one in points], [one.elo for one in points]
        errors = [[one.elo - one.low for one in points], [one.high - one.elo for one in points]]
        axes.errorbar(hours, elo, yerr=errors, marker="o", capsize=3, linewidth=1.5, label=name)
    for player in table["players"]:
        match = GENERATION.fullmatch(player["name"])
        if match is None or match["run"] not in in_chains:
            axes.axhline(player["elo"], color="grey", linewidth=1, linestyle="--")
            axes.annotate(player["name"], (0, player["elo"]), xytext=(3, 3), textcoords="offset points", color="grey")
    axes.set_xlabel("hours of training")
    axes.set_ylabel(f"Elo with 95 % interval, {table['anchor']} = 0")
    axes.set_title(f"{table['rules']}: strength over hours of training")
    axes.grid(alpha=0.3)
    if len(chains) > 1:
        axes.legend()
    figure.savefig(picture, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.strength_over_hours",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", type=Path, metavar="TABLE.json", help="of a tournament or ladder")
    parser.add_argument("--chain", type=Path, nargs="+", action="append", required=True, metavar="RUN")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    options = parser.parse_args()
    draw(json.loads(options.table.read_text(encoding="utf-8")), options.chain, options.out)


if __name__ == "__main__":
    main()

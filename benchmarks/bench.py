"""Prints the project's speeds on this machine as one table.

    python -m benchmarks.bench                      ten minutes or so
    python -m benchmarks.bench --json out.json      the same, and every turn's figure as JSON
    python -m benchmarks.bench --compare old.json   and what got more than a tenth slower since
    python -m benchmarks.bench --quick              half a minute: does it run at all?

One thread unless it says all cores; rates are per second of CPU time, which on an idle core is the wall clock, and
on all cores of the wall clock. Two that are compared take turns, and the ratio is the median over pairs of turns.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from benchmarks.comparison import ComparisonError, compare, read_figures
from benchmarks.learning_speed import learner_and_replay, learner_on_all_cores
from benchmarks.many_cores import ceilings, self_play_on_all_cores, single_tree
from benchmarks.measuring import FULL, QUICK, Effort, Figure, machine
from benchmarks.programs import memory, start_up
from benchmarks.search_speed import against_bare_network, against_textbook, with_rollouts, without_network

ON_ONE_CORE: tuple[Callable[[Effort], list[Figure]], ...] = (
    against_textbook,
    without_network,
    against_bare_network,
    with_rollouts,
    learner_and_replay,
    ceilings,
)
ON_ALL_CORES: tuple[Callable[[Effort], list[Figure]], ...] = (
    learner_on_all_cores,
    self_play_on_all_cores,
    single_tree,
)
AS_PROGRAMS: tuple[Callable[[Effort], list[Figure]], ...] = (start_up, memory)


def main() -> int:
    what, _, usage = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bench",
        description=what,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="an earlier --json to compare with")
    parser.add_argument("--quick", action="store_true", help="little work: shows that it runs, not how fast")
    arguments = parser.parse_args()
    if arguments.json is not None and not arguments.json.absolute().parent.is_dir():
        parser.error(f"--json {arguments.json}: there is no folder {arguments.json.parent}")
    try:
        before = None if arguments.compare is None else read_figures(arguments.compare)
    except ComparisonError as error:
        parser.error(f"--compare: {error}")
    effort = QUICK if arguments.quick else FULL
    torch.set_num_threads(1)

    wall, cpu = time.perf_counter(), time.process_time()
    with tqdm(total=len(ON_ONE_CORE + ON_ALL_CORES + AS_PROGRAMS), disable=None, leave=False) as bar:
        figures = _measure(ON_ONE_CORE, effort, bar)
        share = (time.process_time() - cpu) / (time.perf_counter() - wall)
        figures += _measure(ON_ALL_CORES + AS_PROGRAMS, effort, bar)
    head = machine() | {"share_of_a_core": round(share, 2), "is_quick": effort.is_quick}
    print(table(head, figures))
    if before is not None:
        print("", f"Since {arguments.compare}:", *compare(before, figures), sep="\n")
    if arguments.json is not None:
        text = json.dumps({"machine": head, "figures": as_json(figures)}, indent=2, ensure_ascii=False)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    return 0


def table(head: dict[str, Any], figures: list[Figure]) -> str:
    """The figures, each with its target and whether it is met, and the notes that belong to them."""
    lines = [
        f"{head['cpu']}, {head['cores']} cores, {head['system']}, {head['date']}",
        f"Python {head['python']}, torch {head['torch']}, numba {head['numba']}, numpy {head['numpy']}; "
        f"one thread, which got {head['share_of_a_core']:.0%} of a core",
        "",
        f"{'':36}{'min':>11}{'median':>11}{'max':>11}  {'':15}target",
    ]
    for figure in figures:
        values = (min(figure.values), figure.median, max(figure.values))
        verdict = {None: "", True: "met", False: "missed"}[figure.is_met]
        line = f"{figure.title:36}{''.join(f'{_number(value):>11}' for value in values)}  {figure.unit:15}"
        lines.append(f"{line}{figure.target:10}{verdict}".rstrip())
    lines += ["", *(f"{figure.title}: {figure.note}" for figure in figures if figure.note)]
    return "\n".join(lines)


def as_json(figures: list[Figure]) -> dict[str, dict[str, Any]]:
    """The figures by their keys."""
    return {
        figure.key: {
            "title": figure.title,
            "unit": figure.unit,
            "min": min(figure.values),
            "median": figure.median,
            "max": max(figure.values),
            "values": figure.values,
            "target": figure.target or None,
            "is_met": figure.is_met,
            "note": figure.note,
        }
        for figure in figures
    }


def _measure(
    sections: tuple[Callable[[Effort], list[Figure]], ...], effort: Effort, bar: "tqdm[Any]"
) -> list[Figure]:
    figures = []
    for section in sections:
        bar.set_description(section.__name__.replace("_", " "))
        figures += section(effort)
        bar.update()
    return figures


def _number(value: float) -> str:
    """Three digits or more, thousands separated."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())

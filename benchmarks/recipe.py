"""Which parts of the training recipe help: each alone put in or left out, against the same seeds.

  python -m benchmarks.recipe runs/recipe --rules 6x6x4 --minutes 4 --seeds 8
  python -m benchmarks.recipe runs/recipe9 --rules 9x9x5 --minutes 5 --seeds 2 --matches 400

Every run is `train.py` itself, on one core (two at a time on two cores), with a strength check every few iterations.
It ends after so many minutes of CPU time, so that what else the machine does takes nothing away from one of them. A
folder that holds finished runs of the same options is gone on with; a run that was cut short begins anew. Two figures
of each run count: the seconds of training until the first check with the score that is asked for, and the mean score
of its last two checks. Ways are compared with the usual one seed by seed; the interval is Student's. With `--matches`
the models of each way play those of the usual way with the same seed, by `evaluate.py`.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import jsonargparse
from scipy import stats
from tqdm import tqdm

from benchmarks.recipe_runs import (
    DEFAULT_WAYS,
    ROOT,
    WAYS,
    Outcome,
    RunFailedError,
    folder_of,
    is_finished,
    outcome,
    train,
)
from gomoku.command_line import BAD_INPUT, FAILED
from training.presets import PRESETS

CONFIDENCE = 0.95


class DuelScore(NamedTuple):
    """A way's model against the usual one's, as `evaluate.py` writes it; no Elo where it is without a bound."""

    wins: int
    draws: int
    losses: int
    elo: float | None
    elo_low: float | None
    elo_high: float | None


def play_usual(way: str, seed: int, options: argparse.Namespace) -> DuelScore:
    """Lets a way's model play the usual one's of the same seed.

    Raises:
      RunFailedError: it failed.
      ValueError: there is the result of another one.
    """
    root: Path = options.root
    told = root / f"{folder_of(root, way, seed).name}.match.json"
    players = [options.player.format(folder_of(root, one, seed)) for one in (way, next(iter(WAYS)))]
    asked = [*players, "--rules", options.rules, "--games", str(options.matches), "--seed", str(seed)]
    if not told.is_file():
        command = [sys.executable, "evaluate.py", *asked, "--precision", "auto", "--json", str(told)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RunFailedError(
                f"{way}, seed {seed}: {(done.stderr.strip() or 'evaluate.py was ended').splitlines()[-1]}"
            )
        told.write_text(
            json.dumps({"asked": asked, **json.loads(told.read_text(encoding="utf-8"))}), encoding="utf-8"
        )
    figures = json.loads(told.read_text(encoding="utf-8"))
    if figures.get("asked") != asked:
        raise ValueError(f"{told} tells of another match; name another folder")
    return DuelScore(*(figures[name] for name in DuelScore._fields))


def play_matches(wanted: list[tuple[str, int]], options: argparse.Namespace) -> dict[str, dict[int, DuelScore]]:
    """All that are not played yet, as many at a time as runs are."""
    usual = next(iter(WAYS))
    matches = [(way, seed) for way, seed in wanted if way != usual]
    scores: dict[str, dict[int, DuelScore]] = {way: {} for way, _ in matches}
    with ThreadPoolExecutor(options.together) as pool:
        played = pool.map(lambda one: play_usual(*one, options), matches)
        for (way, seed), score in tqdm(zip(matches, played, strict=True), total=len(matches), unit="match"):
            scores[way][seed] = score
    return scores


def table_of_matches(scores: dict[str, dict[int, DuelScore]]) -> str:
    """Markdown: a line for each way and seed."""
    lines = ["| way | seed | wins–draws–losses | Elo over the usual way (95 %) |", "|---|---|---|---|"]
    for way, of_seed in scores.items():
        for seed, one in of_seed.items():
            elo, low, high = ("—" if elo is None else f"{elo:+.0f}" for elo in (one.elo, one.elo_low, one.elo_high))
            lines.append(f"| {way} | {seed} | {one.wins}–{one.draws}–{one.losses} | {elo} ({low} to {high}) |")
    return "\n".join(lines)


def table(outcomes: dict[str, dict[int, Outcome]]) -> str:
    """Markdown: a line for each way.

    Args:
      outcomes: by way and seed.
    """
    usual = outcomes.get(next(iter(WAYS)), {})
    lines = [
        "| way | runs | reached it | seconds until then: median, lowest to highest | score at the end | "
        "difference to the usual way |",
        "|---|---|---|---|---|---|",
    ]
    for way, of_seed in outcomes.items():
        times = sorted(math.inf if one.seconds_to_score is None else one.seconds_to_score for one in of_seed.values())
        middle, low, high = statistics.median(times), times[0], times[-1]
        reached = sum(time < math.inf for time in times)
        checked = {seed: one.score for seed, one in of_seed.items() if not math.isnan(one.score)}
        ending = f"{statistics.fmean(checked.values()):.3f}" if checked else "—"
        differences = [score - usual[seed].score for seed, score in checked.items() if seed in usual]
        differences = [difference for difference in differences if not math.isnan(difference)]
        compared = _interval(differences) if differences and of_seed is not usual else "—"
        lines.append(
            f"| {way} | {len(of_seed)} | {reached} | {_seconds(middle)}, {_seconds(low)} to {_seconds(high)} | "
            f"{ending} | {compared} |"
        )
    return "\n".join(lines)


def _seconds(seconds: float) -> str:
    return "never" if math.isinf(seconds) else f"{seconds:.0f}"


def _interval(differences: Sequence[float]) -> str:
    """The mean difference of paired runs, with its interval where there are two or more."""
    mean = statistics.fmean(differences)
    if len(differences) < 2:
        return f"{mean:+.3f}"
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    half = stats.t.ppf((1 + CONFIDENCE) / 2, len(differences) - 1) * error
    return f"{mean:+.3f} ({mean - half:+.3f} to {mean + half:+.3f})"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recipe", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("root", type=Path, metavar="FOLDER", help="where the runs lie")
    add("--rules", default="6x6x4", choices=list(PRESETS), help="a preset (default: 6x6x4)")
    add("--minutes", type=float, default=4.0, help="of CPU time of each run, on one core (default: 4)")
    add("--seeds", type=int, default=8, help="runs of each way (default: 8)")
    names = ", ".join(map(repr, WAYS))
    add("--ways", nargs="+", choices=list(WAYS), default=DEFAULT_WAYS, metavar="WAY", help=f"of {names}")
    add("--together", type=int, default=2, help="runs at a time, one core each (default: 2)")
    add("--score", type=float, default=0.9, help="the time to which is told (default: 0.9)")
    add("--every", type=int, default=4, help="iterations between two checks (default: 4)")
    add("--games", type=int, default=100, help="of a check (default: 100)")
    add("--pure-simulations", type=int, default=1000, help="of the opponent (default: 1000)")
    add("--common", default="", metavar="OPTIONS", help="of train.py, for all runs, in one argument")
    add("--matches", type=int, default=0, help="games of each model against the usual way's of its seed (default: 0)")
    add("--player", default="plain:{}@100", help="of a match, {} is the run's folder (default: plain:{}@100)")
    add("--json", type=Path, help="write the figures to this file")
    return parser.parse_args()


def check(options: argparse.Namespace) -> None:
    """Raises:
    ValueError: what cannot be done as asked.
    """
    for name in ("minutes", "seeds", "together", "every", "games"):
        if not getattr(options, name) > 0:
            raise ValueError(f"--{name} {getattr(options, name)} must be above 0")
    if not 0 <= options.score <= 1:
        raise ValueError(f"--score {options.score} must be from 0 to 1")
    if options.matches < 0 or options.matches % 2:
        raise ValueError(f"--matches {options.matches} must be even, both colours have as many games")
    usual = next(iter(WAYS))
    if options.matches and usual not in options.ways:
        raise ValueError(f"--matches: the others play against the way {usual!r}, so it must be one of --ways")


def run(options: argparse.Namespace) -> None:
    """Trains what is missing, plays what is missing, and prints the tables.

    Raises:
      ValueError, RunFailedError: one line.
    """
    options.root.mkdir(parents=True, exist_ok=True)
    wanted = [(way, seed) for seed in range(1, options.seeds + 1) for way in options.ways]
    missing = [one for one in wanted if not is_finished(*one, options)]
    with ThreadPoolExecutor(options.together) as pool, tqdm(total=len(missing), unit="run") as bar:
        futures = [pool.submit(train, *one, options) for one in missing]
        try:
            for future in futures:
                future.result()
                bar.update()
        except (RunFailedError, KeyboardInterrupt):
            pool.shutdown(cancel_futures=True)
            raise
    outcomes: dict[str, dict[int, Outcome]] = {way: {} for way in WAYS}
    for way, seed in wanted:
        outcomes[way][seed] = outcome(folder_of(options.root, way, seed), options.score)
    told = {way: of_seed for way, of_seed in outcomes.items() if of_seed}
    print(table(told))
    scores = play_matches(wanted, options) if options.matches else {}
    if scores:
        print(table_of_matches(scores))
    if options.json is not None:
        figures: dict[str, object] = {
            way: {seed: vars(one) for seed, one in of_seed.items()} for way, of_seed in told.items()
        }
        figures["matches"] = {
            way: {seed: one._asdict() for seed, one in of_seed.items()} for way, of_seed in scores.items()
        }
        options.json.write_text(f"{json.dumps(figures, indent=2)}\n", encoding="utf-8")


def main() -> int:
    options = parse()
    options.root = options.root.resolve()
    try:
        check(options)
        run(options)
    except (ValueError, OSError, jsonargparse.ArgumentError) as error:
        print(f"benchmarks.recipe: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except RunFailedError as error:
        print(f"benchmarks.recipe: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("benchmarks.recipe: stopped; finished runs are kept, the same command goes on", file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())

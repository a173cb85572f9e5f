"""Which parts of the training recipe help: each alone put in or left out, against the same seeds.

  python -m benchmarks.recipe runs/recipe --rules 6x6x4 --minutes 4 --seeds 8
  python -m benchmarks.recipe runs/recipe9 --rules 9x9x5 --minutes 5 --seeds 2 --matches 400

Every run is `train.py` itself, on one core (two at a time on two cores), with a strength check every few iterations.
It ends after so many minutes of CPU time, so that what else the machine does takes nothing away from one of them. A
folder that holds finished runs is gone on with; a run that was cut short begins anew. Two figures of each run count:
the seconds of training until the first check with the score that is asked for, and the mean score of its last two
checks. Ways are compared with the usual one seed by seed; the interval is Student's. With `--matches` the models of
each way play those of the usual way with the same seed, by `evaluate.py`.
"""

import argparse
import json
import math
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
from scipy import stats
from tqdm import tqdm

from training.metrics import read_metrics

ROOT = Path(__file__).resolve().parent.parent
TACTICS = (
    *("--search.tactics.win_now", "true", "--search.tactics.must_block", "true"),
    *("--search.tactics.open_four", "true"),
)
WAYS: dict[str, tuple[str, ...]] = {
    "usual": (),
    "tactics": TACTICS,
    "tactics, VCF": (*TACTICS, "--search.tactics.vcf_nodes", "50"),
    "tactics, a quarter played out": (*TACTICS, "--self_play.play_out", "0.25"),
    "halving, 16 simulations": ("--search.halving_moves", "8", "--self_play.simulations", "16"),
    "halving, 32 simulations": ("--search.halving_moves", "16", "--self_play.simulations", "32"),
    "playout cap": (
        *("--self_play.full_share", "0.25", "--self_play.simulations", "120"),
        *("--self_play.quick_simulations", "24"),
    ),
    "value mix 0.3": ("--learner.value_mix", "0.3"),
    "progressive simulations": (
        "--stages",
        '[{"simulations": 20}, {"at": 20000, "simulations": 35}, {"at": 40000, "simulations": 50}, '
        '{"at": 90000, "simulations": 80}]',
    ),
    "progressive simulations, twice as long": (
        "--stages",
        '[{"simulations": 20}, {"at": 40000, "simulations": 35}, {"at": 80000, "simulations": 50}, '
        '{"at": 180000, "simulations": 80}]',
    ),
    "a quarter played out": ("--self_play.play_out", "0.25"),
    "pruned targets": ("--self_play.prune_targets", "true"),
    "surprise 0.5": ("--self_play.surprise_share", "0.5"),
    "surprise 0.5, value mix 0.3": ("--self_play.surprise_share", "0.5", "--learner.value_mix", "0.3"),
    "reply head 0.15": ("--learner.reply_weight", "0.15"),
    "newest weights": ("--learner.averaging", "0"),
    "grown from 7x7": (
        "--stages",
        '[{"boards": {"7x7x5": 1}}, {"at": 40000, "boards": {"7x7x5": 1, "9x9x5": 1}}, '
        '{"at": 80000, "boards": {"9x9x5": 1}}]',
    ),
}
"""What is added to the usual command line; the first is what the others are compared with."""
SECONDS_PER_LOOK = 0.5
CHECKS_AT_THE_END = 2
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    seconds_to_score: float | None
    """None: not in its time."""
    score: float
    """Mean of its last checks."""
    positions: int


def outcome(run: Path, wanted: float) -> Outcome:
    """Reads a finished run.

    Args:
      wanted: score, in [0, 1].
    """
    lines = read_metrics(run / "metrics.jsonl")
    checked = [line for line in lines if line["check"] is not None]
    last = [line["check"]["score"] for line in checked[-CHECKS_AT_THE_END:]]
    first = next((line["total_seconds"] for line in checked if line["check"]["score"] >= wanted), None)
    return Outcome(first, statistics.fmean(last) if last else math.nan, lines[-1]["total_positions"])


class DuelScore(NamedTuple):
    """A way's model against the usual one's, as `evaluate.py` writes it; no Elo where it is without a bound."""

    wins: int
    draws: int
    losses: int
    elo: float | None
    elo_low: float | None
    elo_high: float | None


def folder_of(root: Path, way: str, seed: int) -> Path:
    return root / f"{way.replace(', ', '-').replace(' ', '-')}-{seed}"


def is_finished(run: Path) -> bool:
    return (run / "curve.png").is_file()  # written last


def train(root: Path, way: str, seed: int, options: argparse.Namespace) -> None:
    """Trains one run in a process of its own.

    Raises:
      CalledProcessError: it failed.
    """
    run = folder_of(root, way, seed)
    if run.exists():
        shutil.rmtree(run)
    command = [sys.executable, "train.py", "--preset", options.rules, "--run", str(run), "--seed", str(seed)]
    command += ["--minutes", "100000", "--self_play.threads", "1", "--check.suite=[0]"]
    command += ["--check.every", str(options.every), "--check.games", str(options.games)]
    command += ["--check.pure_simulations", str(options.pure_simulations), *shlex.split(options.common), *WAYS[way]]
    with (root / f"{run.name}.log").open("w", encoding="utf-8") as log:
        process = psutil.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None and _cpu_seconds(process) < 60 * options.minutes:
            time.sleep(SECONDS_PER_LOOK)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, command)


def _cpu_seconds(process: psutil.Popen) -> float:
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:  # it has just ended
        return 0.0
    return float(spent.user + spent.system)


def play_usual(root: Path, way: str, seed: int, options: argparse.Namespace) -> DuelScore:
    """Lets a way's model play the usual one's of the same seed.

    Raises:
      CalledProcessError: the match failed.
    """
    told = root / f"{folder_of(root, way, seed).name}.match.json"
    if not told.is_file():
        players = [options.player.format(folder_of(root, one, seed)) for one in (way, next(iter(WAYS)))]
        command = [sys.executable, "evaluate.py", *players, "--rules", options.rules, "--games", str(options.matches)]
        command += ["--seed", str(seed), "--precision", "auto", "--json", str(told)]
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    figures = json.loads(told.read_text(encoding="utf-8"))
    return DuelScore(*(figures[name] for name in DuelScore._fields))


def play_matches(wanted: list[tuple[str, int]], options: argparse.Namespace) -> dict[str, dict[int, DuelScore]]:
    """All that are not played yet, as many at a time as runs are."""
    usual = next(iter(WAYS))
    matches = [(way, seed) for way, seed in wanted if way != usual]
    scores: dict[str, dict[int, DuelScore]] = {way: {} for way, _ in matches}
    with ThreadPoolExecutor(options.together) as pool:
        played = pool.map(lambda one: play_usual(options.root, *one, options), matches)
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
    add("--rules", default="6x6x4", help="a preset (default: 6x6x4)")
    add("--minutes", type=float, default=4.0, help="of CPU time of each run, on one core (default: 4)")
    add("--seeds", type=int, default=8, help="runs of each way (default: 8)")
    add("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), metavar="WAY", help=f"of {', '.join(WAYS)}")
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


def main() -> None:
    options = parse()
    options.root.mkdir(parents=True, exist_ok=True)
    wanted = [(way, seed) for seed in range(1, options.seeds + 1) for way in options.ways]
    missing = [one for one in wanted if not is_finished(folder_of(options.root, *one))]
    with ThreadPoolExecutor(options.together) as pool, tqdm(total=len(missing), unit="run") as bar:
        futures = [pool.submit(train, options.root, *one, options) for one in missing]
        for future in futures:
            future.result()
            bar.update()
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


if __name__ == "__main__":
    main()

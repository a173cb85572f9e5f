"""Trains a Gomoku player from zero, or goes on with a run.

  python train.py --preset 6x6x4 --run runs/demo --minutes 5 --seed 1     a fresh run
  python train.py --resume runs/demo --minutes 10                         go on, until 10 minutes in all
  python train.py --preset 6x6x4 --run runs/more --from models/6x6x4      start from a model's weights
  python train.py plan 9x9x5 --minutes 120         what that would come to on this machine, and the command for it

Every setting is an option: python train.py --help
"""

import sys

from gomoku.starting import end_start, guard_start

if __name__ == "__main__":
    guard_start()

import json
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonargparse
import torch
from tqdm import tqdm

from arena.duel import play_duel
from arena.scripted import sparring_partner
from arena.statistics import score_interval
from arena.suite import suite_shares
from arena.suite_positions import fast_subset
from gomoku.board import Board
from gomoku.command_line import DONE, FAILED, INTERRUPTED, OneLineParser, check_writable, refuse
from gomoku.files import write_atomically
from gomoku.player import Limit
from gomoku.rules import parse_rules
from mcts.player import PlayerOptions, SearchPlayer
from mcts.pure import pure_player
from mcts.stopping import StoppableEvaluator, StoppablePlayer, StoppedError
from nets.engine import Engine, compile_network, make_evaluator
from nets.model_file import MODELS, save_model
from nets.network import Network, weights_of
from nets.openvino_evaluator import half_precision
from training.actors import ActorsError
from training.argument_errors import plain_words
from training.config import TrainConfig
from training.console import ProgressBar, StopSignal
from training.curve import draw_curve
from training.hooks import Hooks
from training.learner import LossNotFiniteError
from training.loop import TrainingLoop
from training.micro_batches import LearnerMemoryError
from training.plan_report import plan_report, plan_text
from training.planner import known_recipes, prospect
from training.profiling import Profile, watched
from training.run_folder import RunFolder
from training.start import open_run


def main() -> int:
    arguments = sys.argv[1:]
    try:
        if arguments[:1] != ["plan"]:
            return train(arguments)
        end_start()
        return plan(arguments[1:])
    except KeyboardInterrupt:  # a run in training stops otherwise, see `StopSignal`
        print("train.py: stopped before the plan was made; nothing was written", file=sys.stderr)
        return INTERRUPTED
    except jsonargparse.ArgumentError as error:
        return refuse("train.py", plain_words(error))
    except (ValueError, OSError) as error:
        return refuse("train.py", error)


def train(arguments: list[str]) -> int:
    """Makes or resumes the run that the command line names, and trains it."""
    torch.set_num_threads(1)
    stop = StopSignal()
    run = open_run(arguments)
    bar = ProgressBar(run.minutes, run.config)
    hooks = Hooks(
        check=StrengthCheck(run.config, lambda: stop.is_set),
        on_progress=bar.show,
        on_iteration=bar.note_alarms,
        on_check=bar.note_check,
        should_stop=lambda: stop.is_set,
        make_partner=sparring_partner,
    )
    profile = None if run.profile is None else Profile(run.profile)
    if profile is not None:
        hooks = watched(hooks, profile)
        if run.config.self_play.actors > 0:
            print(
                "train.py: --profile sees the learner's side only: actors are processes of their own", file=sys.stderr
            )
    try:
        loop = TrainingLoop(run.folder, run.config, hooks, run.start)
        print(f"train.py: {run.folder.root}: {run.remark}", file=sys.stderr)
        for complaint in loop.complaints:
            print(f"train.py: passed over: {complaint}", file=sys.stderr)
        already = loop.state.iteration
        with profile or nullcontext():
            ending = loop.run(run.minutes)
    except (LossNotFiniteError, LearnerMemoryError, ActorsError) as error:
        print(f"train.py: {error}; {run.folder.root} is as its last checkpoint left it", file=sys.stderr)
        return FAILED
    finally:
        bar.close()
    finish(run.folder, loop, ending)
    if ending == "time" and loop.state.iteration == already > 0:
        minutes_so_far = math.ceil(100 * loop.past_seconds / 60) / 100  # rounded up
        print(
            f"train.py: nothing was trained: --minutes {run.minutes:g} counts the minutes of all resumes, of which "
            f"there have been {minutes_so_far:g}; give more than that",
            file=sys.stderr,
        )
    run.lock.release()
    if run.profile is not None:
        print(f"trace  {run.profile}, for chrome://tracing or ui.perfetto.dev")
    return DONE


def finish(folder: RunFolder, loop: TrainingLoop, ending: str) -> None:
    """Writes the model and the curve, and says where they are."""
    iteration, root = loop.state.iteration, folder.root
    if iteration == 0:
        print(f"train.py: stopped before the first checkpoint; go on: python train.py --resume {root}")
        return
    card = replace(loop.card(), minutes=loop.past_seconds / 60, command=folder.command.read_text().strip())
    save_model(folder.model, loop.config.network, loop.state.learner.averaged.state_dict(), card)
    draw_curve(folder.metrics, folder.curve, f"{loop.config.rules}, seed {loop.config.seed}: {root.name}")
    reason = {"time": "time is up", "iterations": "all iterations are done", "stopped": "stopped"}[ending]
    print(
        f"{reason} after generation {iteration}, {loop.state.games} games, {loop.past_seconds / 60:.1f} minutes\n"
        f"model  {folder.model}\ncurve  {folder.curve}\n"
        f"play   python human_play.py --model {root}\n"
        f"go on  python train.py --resume {root}"
    )


def plan(arguments: list[str]) -> int:
    """Says what some time of training would come to on this machine."""
    parser = OneLineParser(
        prog="train.py plan",
        description="Measures this machine for half a minute and says what a run would come to: network, games, the "
        "strength that runs of these rules had after as many positions, and the command.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("rules", metavar="RULES", help="like 6x6x4, 9x9x5, 15x15, renju-15x15")
    add("--minutes", type=float, required=True, help="of training")
    add("--with", dest="runs", type=Path, nargs="+", default=[], metavar="RUN", help="runs whose curves count, too")
    add("--seconds", type=float, default=30.0, help="of measurement, shared by the recipes (default: 30)")
    add("--json", type=Path, metavar="FILE", help="write the figures to this file")
    options = parser.parse_args(arguments)
    for name, value in (("minutes", options.minutes), ("seconds", options.seconds)):
        if not (value > 0 and 60 * value < math.inf):
            raise ValueError(f"--{name} is {value:g}, it must be a number above 0")
    check_writable("--json", options.json)
    recipes, complaints = known_recipes(parse_rules(options.rules), MODELS, options.runs, score_interval)
    for complaint in complaints:
        print(f"train.py: {complaint}", file=sys.stderr)
    budget, each = 60 * options.minutes, options.seconds / len(recipes)
    with tqdm(recipes, desc="measuring", leave=False) as bar:  # closed before anything is said of what went wrong
        prospects = [prospect(recipe, budget, each, sparring_partner) for recipe in bar]
    prospects.sort(key=lambda one: one.rank, reverse=True)
    print(plan_text(prospects, budget))
    if options.json is not None:
        write_atomically(options.json, f"{json.dumps(plan_report(prospects, budget), indent=2)}\n".encode())
    return DONE


class StrengthCheck:
    """Measures the network that plays against pure MCTS, from the empty board, with colours alternating."""

    def __init__(self, config: TrainConfig, should_stop: Callable[[], bool] = lambda: False) -> None:
        self._config = config
        self._should_stop = should_stop
        self._rules = parse_rules(config.rules)
        # Of 8 bits what is lost must not be counted against the network.
        precision = half_precision() if config.precision == "int8" else config.precision
        self._engine = Engine(config.backend, precision, config.device)

    def __call__(self, network: Network, iteration: int) -> dict[str, Any] | None:
        """The figures; None if it was stopped."""
        try:
            return self._measure(network, iteration)
        except StoppedError:
            return None

    def _measure(self, network: Network, iteration: int) -> dict[str, Any]:
        settings, threads = self._config.check, self._config.self_play.threads
        compiled = compile_network(network.config, weights_of(network), self._engine)
        evaluator = StoppableEvaluator(make_evaluator(compiled), self._should_stop)
        options = PlayerOptions(limit=Limit(simulations=settings.simulations))
        suite = suite_shares(evaluator, fast_subset(self._rules), settings.suite)
        ours = [SearchPlayer(f"generation {iteration}", evaluator, options) for _ in range(threads)]
        pure = [StoppablePlayer(pure_player(settings.pure_simulations), self._should_stop) for _ in range(threads)]
        openings = [Board(self._rules)] * (settings.games // 2)
        report = play_duel(ours, pure, openings, seed=iteration).report()
        return {
            "opponent": pure[0].name,
            "games": report["games"],
            "score": report["score"],
            "score_as_black": points_per_game(report["as_black"]),
            "score_as_white": points_per_game(report["as_white"]),
            **({"suite": suite} if suite else {}),
        }


def points_per_game(tally: dict[str, int]) -> float:
    games: int = sum(tally.values())
    return (tally["wins"] + tally["draws"] / 2) / games


if __name__ == "__main__":
    sys.exit(main())

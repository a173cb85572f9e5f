"""A plan for some hours of training: what this machine can do in them, and how strong that was before.

Owns recipes (command lines whose curves are known, from cards of shipped models and from runs) and the measurement
of this machine. Time is reckoned in positions: a recipe's curve says how strong it was after so many, the measurement
says how many there will be.
"""

import math
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jsonargparse
import torch

from gomoku.errors import ModelFileError
from gomoku.rules import Rules, parse_rules
from nets.calibration import scattered_positions
from nets.config import Weights
from nets.devices import find_device
from nets.engine import AUTO, compile_network
from nets.model_file import MODEL_FILE_NAME, Model, load_model
from nets.network import build_network, network_of, weights_of
from nets.openvino_graph import BackendMissingError
from training.actors import InProcessActors
from training.config import TrainConfig
from training.learner import learning_speed
from training.loop import POSITIONS_FOR_INT8
from training.presets import PRESETS
from training.run_curves import Check, Interval, check_of, read_curve
from training.run_folder import RunFolder
from training.shares import Assignment
from training.sparring import MakePartner
from training.stages import Stage
from training.start import fix_engines, settings_of

OWN_OPTIONS = ("--run", "--minutes", "--resume", "--profile", "--max_iterations")
"""Of a recorded command line; a plan has its own."""


@dataclass(frozen=True)
class Recipe:
    """A way to train."""

    source: str
    """Where it is known from."""
    arguments: tuple[str, ...]
    """Of `train.py`, without the `OWN_OPTIONS`."""
    config: TrainConfig
    weights: Weights | None
    """Where the run ended; None: it was never run."""
    checks: tuple[Check, ...] = ()

    def strength_at(self, positions: float) -> Check | None:
        """The latest check by then; None: there was none yet."""
        return next((check for check in reversed(self.checks) if check.positions <= positions), None)

    @property
    def positions_per_game(self) -> float | None:
        return self.checks[-1].positions / self.checks[-1].games if self.checks else None


@dataclass(frozen=True)
class Speed:
    """What this machine does for a recipe per second, on its own board with the simulations of its last stage."""

    made: float
    """Positions of self-play that are learnt from."""
    learnt: float
    """Positions, repetitions counted."""

    def positions_in(self, seconds: float, config: TrainConfig) -> float:
        """Positions made and learnt from; the two take turns.

        Stages are reckoned one after the other: a simulation and a position learnt cost in proportion to the points
        of the board.
        """
        plan, reuse = config.plan, config.learner.reuse
        ends = [*(stage.at for stage in plan.stages[1:]), math.inf]
        for stage, end in zip(plan.stages, ends, strict=True):
            size = _mean_points(stage) / plan.boards[0].num_points
            depth = _mean_simulations(stage, config) / _mean_simulations(plan.stages[-1], config)
            cost = size * (depth / self.made + reuse / self.learnt)
            needed = (end - stage.at) * cost
            if needed >= seconds:
                break
            seconds -= needed
        return stage.at + seconds / cost


@dataclass(frozen=True)
class Prospect:
    """What a recipe would come to."""

    recipe: Recipe
    speed: Speed
    positions: float
    strength: Check | None

    @property
    def rank(self) -> tuple[float, float]:
        """The better it was, the higher; what is not known is nothing."""
        return (-1.0, 0.0) if self.strength is None else (self.strength.low, self.strength.suite_share or 0.0)


def _mean_points(stage: Stage) -> float:
    """Of the boards that a stage plays, by their shares."""
    shares = stage.boards
    return sum(rules.num_points * share for rules, share in shares.items()) / sum(shares.values())


def _mean_simulations(stage: Stage, config: TrainConfig) -> float:
    """Per move, those included that are played after few."""
    share, quick = config.self_play.full_share, config.self_play.quick_simulations
    return share * stage.simulations + (1 - share) * min(quick, stage.simulations)


def known_recipes(
    rules: Rules, models: Path, runs: Sequence[Path], interval: Interval
) -> tuple[list[Recipe], list[str]]:
    """The recipes for these rules; where there is none, the preset for the board nearest in size.

    Args:
      models: folder of shipped models, in which `from-zero/` has those that are there for their curves' sake.
      runs: folders of runs that count as well.

    Returns: the recipes, not empty, and a line for each model whose command line this version does not know.

    Raises:
      CheckpointError, ModelFileError: a run or a model that is damaged.
    """
    found, complaints = [], []
    for file in sorted(models.rglob(MODEL_FILE_NAME)):
        model = load_model(file)
        try:
            recipe = _recipe_of_model(model, file.parent.relative_to(models.parent).as_posix(), interval)
        except (ValueError, KeyError, TypeError, jsonargparse.ArgumentError) as error:
            name = file.parent.relative_to(models).as_posix()
            complaints.append(f"{name} is passed over: {' '.join(str(error).split())}")
            continue
        if recipe.checks and parse_rules(recipe.config.rules) == rules:
            found.append(recipe)
    for run in runs:
        recipe = _recipe_of_run(run, interval)
        if parse_rules(recipe.config.rules) != rules:
            raise ValueError(f"{run} is a run of {recipe.config.rules}, the plan is for {rules.name}")
        found.append(recipe)
    return found or [_preset_for(rules)], complaints


def _recipe_of_model(model: Model, source: str, interval: Interval) -> Recipe:
    arguments = _arguments_of(model.card.command)
    checks = tuple(check_of(line, interval) for line in model.card.results.get("curve", ()))
    return Recipe(source, tuple(arguments), settings_of(arguments, model.config), model.weights, checks)


def _recipe_of_run(run: Path, interval: Interval) -> Recipe:
    curve, folder = read_curve(run, interval), RunFolder(run)
    generations = folder.numbers("generations")
    if not generations:
        raise ModelFileError(f"{run} has no generation to measure with")
    model = load_model(folder.generation(generations[-1]))
    arguments = _arguments_of(folder.command.read_text())
    return Recipe(str(run), tuple(arguments), settings_of(arguments, model.config), model.weights, curve.checks)


def _preset_for(rules: Rules) -> Recipe:
    name, preset = min(PRESETS.items(), key=lambda item: abs(parse_rules(item[1].rules).size - rules.size))
    arguments = ["--preset", name]
    if parse_rules(preset.rules) != rules:
        arguments += ["--rules", rules.name]
    return Recipe(f"preset {name}", tuple(arguments), settings_of(arguments, preset.network), None)


def _arguments_of(command: str) -> list[str]:
    """Of a recorded line `python train.py …`, without the `OWN_OPTIONS`."""
    return without(shlex.split(command)[2:], OWN_OPTIONS)


def without(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """The arguments without these options and their values."""
    kept: list[str] = []
    is_value = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        is_own = name in names
        if not is_own and not is_value:
            kept.append(argument)
        is_value = is_own and not equals
    return kept


def ready(recipe: Recipe) -> Recipe:
    """The recipe as this machine can follow it: with engines that are installed, and their choice measured.

    Raises:
      ValueError: a device that is not here.
    """
    network = build_network(recipe.config.network)
    try:
        return replace(recipe, config=fix_engines(recipe.config, network)[0])
    except BackendMissingError:
        arguments = without(recipe.arguments, ("--backend", "--precision"))
        config = fix_engines(replace(recipe.config, backend=AUTO, precision=AUTO), network)[0]
        return replace(recipe, arguments=tuple(arguments), config=config)


def measure(recipe: Recipe, seconds: float, make_partner: MakePartner) -> Speed:
    """Plays and learns on this machine as the recipe's run would at its end.

    Args:
      recipe: with its engines fixed, see `ready`.
      seconds: of self-play, after the first moves.
      make_partner: see `InProcessActors`.
    """
    torch.set_num_threads(1)
    config, rules = recipe.config, parse_rules(recipe.config.rules)
    network = build_network(config.network) if recipe.weights is None else network_of(config.network, recipe.weights)
    board, simulations = config.plan.boards.index(rules), config.plan.stages[-1].simulations
    engine = config.engine_on(board)
    seen = scattered_positions(rules, POSITIONS_FOR_INT8, seed=0) if engine.precision == "int8" else None
    compiled = compile_network(config.network, weights_of(network), engine, seen)
    actors = InProcessActors(config, make_partner=make_partner)
    try:
        moves = _moves_per_second(actors, Assignment(compiled, 0, board, simulations), seconds)
    finally:
        actors.close()
    learnt = learning_speed(network, rules, config.learner, find_device(config.device))
    return Speed(moves * config.self_play.full_share, learnt)


def _moves_per_second(actors: InProcessActors, assignment: Assignment, seconds: float) -> float:
    """From the first moves, which wait for kernels to be compiled, to the last within the time.

    Games side by side move nearly at once: between two moves of the same beat no part of a beat is lost.
    """
    beats: list[tuple[float, int]] = []

    def note(moves: int) -> None:
        if moves and (not beats or moves > beats[-1][1]):
            beats.append((time.perf_counter(), moves))

    def is_over() -> bool:
        return len(beats) > 1 and time.perf_counter() - beats[0][0] > seconds

    actors.play(assignment, 10**9, note, is_over)
    (started, before), (ended, moves) = beats[0], beats[-1]
    return (moves - before) / (ended - started)


def prospect(recipe: Recipe, budget: float, seconds: float, make_partner: MakePartner) -> Prospect:
    """Measures what a recipe would come to.

    Args:
      budget: seconds of training.
      seconds: of the measurement, about.
      make_partner: see `InProcessActors`.

    Raises:
      ValueError: a device that is not here.
    """
    recipe = ready(recipe)
    speed = measure(recipe, seconds, make_partner)
    positions = speed.positions_in(budget, recipe.config)
    return Prospect(recipe, speed, positions, recipe.strength_at(positions))

"""Players for one game with a person: the model to take where none is named, and trees kept from move to move.

Owns what differs from the players of a match, which search many boards at once and forget them: here one tree has all
cores.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from arena.specs import RANDOM, Contestant, parse_spec, search_of, temperature_of
from gomoku.player import Limit, Player
from gomoku.rules import Rules, parse_rules
from mcts.player import PlayerOptions, SearchPlayer
from nets.calibration import EngineOptions
from nets.engine import AUTO
from nets.engine_memory import model_evaluator
from nets.model_file import MODEL_FILE_NAME, MODELS
from nets.warming import warm_in_background

MOST_CORES = 4
"""For one tree: with more leaves a step than their calls need, few simulations would be badly spent."""
LEAVES_PER_CORE = 8
"""A network call costs a CPU as much for eight rows as for one, and one core of it takes one call."""


def default_model(rules: Rules | None, models: Path = MODELS) -> str:
    """The shipped model that is named after the rules, else the one for the nearest: of the same variant if there is
    one, and then for the largest board.

    Args:
      rules: None: nobody said which; freestyle comes first.

    Returns: its folder as a player spec.

    Raises:
      ValueError: there is none.
    """
    shipped = {}
    for file in models.glob(f"*/{MODEL_FILE_NAME}"):
        try:
            shipped[parse_rules(file.parent.name)] = file.parent
        except ValueError:  # a folder of another name is for those who name it
            continue
    if not shipped:
        raise ValueError(f"no model is shipped in {os.path.relpath(models)}; name one, or play against pure@1000")
    variant = Rules().variant if rules is None else rules.variant
    best = rules if rules in shipped else max(shipped, key=lambda one: (one.variant is variant, one.size, one.name))
    return os.path.relpath(shipped[best])


def with_limit(spec: str, limit: Limit) -> str:
    """Adds simulations or seconds to a player spec that has no limit of its own."""
    if "@" in spec or spec == RANDOM:
        return spec
    if limit.seconds is not None:
        return f"{spec}@{limit.seconds:.6f}s"
    return spec if limit.simulations is None else f"{spec}@{limit.simulations}"


def check_limit(specs: Sequence[str | None], limit: Limit) -> None:
    """Refuses simulations or seconds that nobody would keep to.

    Args:
      specs: of all players that could; None is the default model.

    Raises:
      ValueError: every one says itself how long it thinks, or does not think.
    """
    if limit == Limit() or any(spec is None or with_limit(spec, limit) != spec for spec in specs):
        return
    option = f"--simulations {limit.simulations}" if limit.seconds is None else f"--seconds {limit.seconds:g}"
    named = " and ".join(str(spec) for spec in dict.fromkeys(specs))
    raise ValueError(f"{option}: {named} has a limit of its own, or needs none; leave one of the two out")


def check_level(level: str | None, specs: Sequence[str | None]) -> None:
    """Refuses a level that nobody would keep to.

    Args:
      specs: of the players that sit at the board, as `check_limit` takes them.

    Raises:
      ValueError: people play, or players that always play as they are.
    """
    if level is None or any(spec is None or parse_spec(spec).is_model for spec in specs):
        return
    named = " and ".join(str(spec) for spec in dict.fromkeys(specs)) or "people"
    raise ValueError(f"--level {level}: levels are for models, not for {named}; leave it out")


def find_contestant(spec: str, tactics: bool = True) -> Contestant:
    """Finds who is meant by a player spec; without `tactics` a model plays as if it were written `plain:…`.

    Raises:
      PlayerSpecError, ModelFileError: as `parse_spec` and `Contestant.find`.
    """
    parsed = parse_spec(spec)
    return Contestant.find(parsed if tactics else replace(parsed, tactics=False))


def interactive_player(
    contestant: Contestant, rules: Rules, device: str = AUTO, precision: str = AUTO, backend: str = AUTO
) -> Player:
    """Makes a player for one game at a time.

    Args:
      device, precision, backend: see `EngineOptions`; what is `auto` is the fastest here that gives the network's
        answers.

    Raises:
      ValueError: a backend, device or precision that is not to be had.
    """
    if contestant.model is None:
        return contestant.players(1, rules)[0]
    warm_in_background()
    engine = EngineOptions(backend, precision, device)
    cores = min(os.cpu_count() or 1, MOST_CORES)
    leaves = LEAVES_PER_CORE * cores
    evaluator, _ = model_evaluator(contestant.model, engine, rules, leaves, streams=cores)
    spec = contestant.spec
    options = PlayerOptions(
        spec.limit,
        search_of(spec, leaves),
        temperature=temperature_of(spec),
        reuse=True,
        draw_value=spec.draw_value,
    )
    return SearchPlayer(contestant.name, evaluator, options)

"""Players for one game with a person: the model to take where none is named, and trees kept from move to move.

Owns what differs from the players of a match, which search many boards at once and forget them.
"""

import os
from pathlib import Path

from arena.specs import RANDOM, Contestant, parse_spec
from gomoku.player import Limit, Player
from gomoku.rules import Rules, parse_rules
from mcts.config import SearchConfig
from mcts.player import PlayerOptions, SearchPlayer
from nets.calibration import choose_precision
from nets.model_file import MODEL_FILE_NAME, MODELS
from nets.torch_evaluator import TorchEvaluator

LEAVES_PER_TREE = 8
"""A network call costs a CPU as much for eight rows as for one."""


def default_model(rules: Rules | None, models: Path = MODELS) -> str:
    """The shipped model that is named after the rules, else the one that is named after the largest board.

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
    best = rules if rules in shipped else max(shipped, key=lambda trained: (trained.size, trained.name))
    return os.path.relpath(shipped[best])


def with_limit(spec: str, limit: Limit) -> str:
    """Adds simulations or seconds to a player spec that has no limit of its own."""
    if "@" in spec or spec == RANDOM:
        return spec
    if limit.seconds is not None:
        return f"{spec}@{limit.seconds:.6f}s"
    return spec if limit.simulations is None else f"{spec}@{limit.simulations}"


def find_contestant(spec: str) -> Contestant:
    """Finds who is meant by a player spec.

    Raises:
      PlayerSpecError, ModelFileError: as `parse_spec` and `Contestant.find`.
    """
    return Contestant.find(parse_spec(spec))


def interactive_player(contestant: Contestant, rules: Rules, device: str, precision: str) -> Player:
    """Makes a player for one game at a time.

    Args:
      device: as `TorchEvaluator` takes it.
      precision: as `TorchEvaluator` takes it, or `auto`: the fastest here that gives the same answers.

    Raises:
      ValueError: a device or a precision that is not to be had.
    """
    if contestant.model is None:
        return contestant.players(1, rules)[0]
    network = contestant.model.network
    if precision == "auto":
        precision, _ = choose_precision(network, device, rules, LEAVES_PER_TREE)
    options = PlayerOptions(
        limit=contestant.spec.limit, search=SearchConfig(leaves_per_tree=LEAVES_PER_TREE), reuse=True
    )
    return SearchPlayer(contestant.name, TorchEvaluator(network, device, precision), options)

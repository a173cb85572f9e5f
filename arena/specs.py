"""Players by name: `models/6x6x4@400`, `runs/demo:120@100`, `pure@1000`, `scripted:3`, `gomocup:./engine@0.2s`.

Owns the syntax `KIND_OR_PATH[:GENERATION][@LIMIT]` and the way from such a text to a player.
"""

import re
import shlex
from dataclasses import dataclass, replace
from typing import Self

from arena.gomocup_player import PREFIX, GomocupPlayer, check_rules, command_folder, parse_gomocup_spec
from arena.levels import LIMITED_LEVELS
from arena.player_files import OTHERS, find_player_file
from arena.scripted import FULL_LEVEL, ScriptedPlayer
from arena.spec_prefixes import NUMBER_PREFIXES, number_prefix_of
from gomoku.errors import PlayerSpecError
from gomoku.match import SIDE_BY_SIDE
from gomoku.player import Limit, Player
from gomoku.random_player import RandomPlayer
from gomoku.rules import Rules, parse_rules
from mcts.config import LEVEL_TACTICS, NO_TACTICS, PLAY_TACTICS, SearchConfig
from mcts.evaluator import Evaluator
from mcts.player import PlayerOptions, SearchPlayer
from mcts.pure import MOST_SIMULATIONS, pure_player
from mcts.tree import nodes_within
from nets.calibration import EngineOptions
from nets.engine import AUTO, OPENVINO_DEVICES, CompiledNetwork, make_evaluator
from nets.engine_memory import model_network
from nets.model_file import GENERATIONS, Model, load_model, warn_if_untrained

PURE, SCRIPTED, RANDOM = OTHERS
PLAIN = "plain:"
"""Before a model or run: it plays without tactics, by its network and the bare search."""
MODEL_SIMULATIONS, PURE_SIMULATIONS, LARGEST_LIMIT = 400, 1000, 10**9 - 1
"""Per move: where a spec has no limit, and the most that one may say."""
EXAMPLES = "models/6x6x4@400, runs/demo:120@100, runs/demo@0.5s, pure@1000, scripted:3, random"
TREE_BYTES = 512 * 2**20
"""For the trees of all games of one player together; longer searches play fewer games at once."""
TIMED_LEAVES = 8
"""A player with seconds has one board at a time, and a call costs a CPU as much for eight rows as for one."""


@dataclass(frozen=True)
class PlayerSpec:
    """What a player spec says, unchecked against the disk."""

    source: str
    """`random`, `pure`, `scripted`, `gomocup:COMMAND`, or the path of a model or run."""
    limit: Limit
    """Empty for `random`, and for `scripted` where the text has none."""
    generation: int | None = None
    """Of a run; None: its newest."""
    tactics: bool = True
    """Whether a model's search looks for forced wins on the board itself, too."""
    level: str | None = None
    """Of a model: one of `arena.levels` that has simulations of its own, which `limit` then says."""
    scripted_level: int | None = None
    """Of `scripted`: 1 to `FULL_LEVEL`."""
    draw_value: float = 0.0
    """Of a model: see `PlayerOptions`."""
    reply_exploration: float = 1.0
    """Of a model: see `SearchConfig`."""

    @property
    def is_model(self) -> bool:
        """Or a run; not one of the other players."""
        return self.source not in OTHERS and not self.source.startswith(PREFIX)

    @property
    def prefixes(self) -> str:
        """All that goes before the source, like `plain:draw=-0.5:`, or nothing."""
        plain = "" if self.tactics else PLAIN
        return plain + "".join(prefix.written(getattr(self, prefix.field)) for prefix in NUMBER_PREFIXES)

    @property
    def is_timed(self) -> bool:
        return self.limit.seconds is not None

    @property
    def limit_name(self) -> str:
        """`@400`, `@0.5s`, `@easy`, or nothing."""
        if self.level is not None:
            return f"@{self.level}"
        if self.limit.seconds is not None:
            return f"@{self.limit.seconds:.6f}".rstrip("0").rstrip(".") + "s"
        return "" if self.limit.simulations is None else f"@{self.limit.simulations}"


def parse_spec(text: str) -> PlayerSpec:
    """Reads a player spec, split at the last `@`.

    Raises:
      PlayerSpecError: with the text and what is allowed.
    """
    if text.strip().startswith(PREFIX):
        engine = parse_gomocup_spec(text)
        return PlayerSpec(PREFIX + shlex.join(engine.command), Limit(seconds=engine.seconds))
    if text.strip().startswith(PLAIN):
        inner = parse_spec(text.strip().removeprefix(PLAIN))
        if not inner.is_model or not inner.tactics:
            raise PlayerSpecError(f"player {text!r}: {PLAIN} goes before a model or run, as in {PLAIN}models/6x6x4")
        return replace(inner, tactics=False)
    if (prefix := number_prefix_of(text)) is not None:
        value, rest = prefix.split(text)
        inner = parse_spec(rest)
        if not inner.is_model or getattr(inner, prefix.field) != prefix.usual:
            raise prefix.misplaced(text)
        return replace(inner, **{prefix.field: value})  # type: ignore[arg-type]
    rest, at, limit_text = text.strip().rpartition("@") if "@" in text else (text.strip(), "", "")
    source, generation = _split_generation(text, rest)
    if not source:
        raise PlayerSpecError(f"player {text!r} has no name; write it like {EXAMPLES}")
    if source in (RANDOM, PURE) and generation is not None:
        raise PlayerSpecError(f"player {text!r}: {source} has no generations")
    if source == SCRIPTED:
        limit = _parse_limit(text, limit_text) if at else Limit()
        return PlayerSpec(SCRIPTED, limit, scripted_level=FULL_LEVEL if generation is None else generation)
    if source == RANDOM:
        if at:
            raise PlayerSpecError(f"player {text!r}: {RANDOM} does not think, so it takes no limit")
        return PlayerSpec(RANDOM, Limit())
    if source == PURE:
        simulations = limit_text if at else str(PURE_SIMULATIONS)
        if not re.fullmatch(r"\d{1,9}", simulations) or not 0 < int(simulations) <= MOST_SIMULATIONS:
            raise PlayerSpecError(f"player {text!r}: {PURE} is measured in simulations, 1 to {MOST_SIMULATIONS}")
        return PlayerSpec(PURE, Limit(simulations=int(simulations)))
    if limit_text in LIMITED_LEVELS:
        return PlayerSpec(source, Limit(LIMITED_LEVELS[limit_text].simulations), generation, level=limit_text)
    limit = _parse_limit(text, limit_text) if at else Limit(simulations=MODEL_SIMULATIONS)
    return PlayerSpec(source, limit, generation)


@dataclass(frozen=True)
class Contestant:
    """A player that was found."""

    spec: PlayerSpec
    name: str
    """The spec with all that it left open: `runs/demo:120@400` for `runs/demo`."""
    model: Model | None
    """None for those who are none: `random`, `pure`, `scripted` and outside engines."""

    @classmethod
    def find(cls, spec: PlayerSpec) -> Self:
        """Reads the model, where the player has one.

        Raises:
          PlayerSpecError: no such model, run or generation, with those that there are.
          ModelFileError: a file that is damaged, or of another program.
        """
        if spec.source == SCRIPTED:
            return cls(spec, f"{SCRIPTED}:{spec.scripted_level}{spec.limit_name}", None)
        if spec.source in (RANDOM, PURE) or spec.source.startswith(PREFIX):
            return cls(spec, spec.source + spec.limit_name, None)
        path = find_player_file(spec.source, spec.generation)
        generation = f":{int(path.stem)}" if path.parent.name == GENERATIONS else ""
        return cls(spec, spec.prefixes + spec.source + generation + spec.limit_name, load_model(path))

    @property
    def rules(self) -> Rules | None:
        """The first rules that the model was trained on; None where any will do."""
        if self.model is None or not self.model.card.trained_rules:
            return None
        return parse_rules(self.model.card.trained_rules[0])

    def warning(self, rules: Rules) -> str | None:
        """One line for the user where the model never saw these rules in training."""
        return None if self.model is None else warn_if_untrained(self.model.card, rules)

    def players(
        self, count: int, rules: Rules, device: str = AUTO, precision: str = "float32", backend: str = AUTO
    ) -> list[Player]:
        """Makes `count` players that think apart, one for each thread.

        Args:
          device, precision, backend: see `EngineOptions`; what is `auto` is the fastest here that gives the
            network's answers.

        Raises:
          ValueError: a backend, device or precision that is not to be had.
        """
        entrant = self.entrant(rules, EngineOptions(backend, precision, device), count)
        evaluator = entrant.make_evaluator()
        return [entrant.make(evaluator) for _ in range(count)]

    def entrant(self, rules: Rules, engine: EngineOptions, count: int) -> "Entrant":
        """What it takes to make this player wherever it is to play.

        Args:
          engine: what is `auto` is measured here and now, so that all who make it evaluate alike.
          count: how many will play on one machine, which share its memory.

        Raises:
          ValueError: rules that it cannot play, or an engine that is not to be had.
        """
        if self.spec.source.startswith(PREFIX):
            check_rules(rules)
        if self.model is None:
            return Entrant(self.spec, self.name, folder=command_folder())
        if engine.device not in OPENVINO_DEVICES:
            from nets.devices import find_device  # noqa: PLC0415 - torch takes a second or two

            find_device(engine.device)
        batch = TIMED_LEAVES if self.spec.is_timed else SIDE_BY_SIDE
        network, _ = model_network(self.model, engine, rules, batch)
        return Entrant(self.spec, self.name, network, _options(self.spec, rules, count))


@dataclass(frozen=True)
class Entrant:
    """A player who takes part, in a form that goes to any process."""

    spec: PlayerSpec
    name: str
    network: CompiledNetwork | None = None
    """None for players without one."""
    options: PlayerOptions | None = None
    """Of the search with the network."""
    folder: str = ""
    """Where the command of an outside engine was meant, wherever it is run."""

    @property
    def is_timed(self) -> bool:
        """It has seconds per move: its games are played one at a time."""
        return self.spec.is_timed

    def make_evaluator(self) -> Evaluator | None:
        """What any number of players may have in common, one thread a call; None where there is no network.

        Raises:
          ValueError: a precision or device that is not to be had here.
        """
        return None if self.network is None else make_evaluator(self.network)

    def make(self, evaluator: Evaluator | None) -> Player:
        """A new player; see `make_evaluator`."""
        if evaluator is not None:
            return SearchPlayer(self.name, evaluator, self.options)
        if self.spec.source == RANDOM:
            return RandomPlayer(self.name)
        if self.spec.source == SCRIPTED:
            return ScriptedPlayer(self.name, self.spec.scripted_level or FULL_LEVEL, self.spec.limit)
        if self.spec.source.startswith(PREFIX):
            return GomocupPlayer(self.name, parse_gomocup_spec(self.name, self.folder))
        return pure_player(self.spec.limit.simulations or PURE_SIMULATIONS)


def search_of(spec: PlayerSpec, leaves: int = 1) -> SearchConfig:
    """How a model searches.

    Args:
      leaves: that its tree sends to one network call.
    """
    tactics = PLAY_TACTICS if spec.level is None else LEVEL_TACTICS
    return SearchConfig(
        leaves_per_tree=leaves,
        reply_exploration=spec.reply_exploration,
        tactics=tactics if spec.tactics else NO_TACTICS,
    )


def temperature_of(spec: PlayerSpec) -> float:
    """What its level says; 0, always the best move, where it has none."""
    return 0.0 if spec.level is None else LIMITED_LEVELS[spec.level].temperature


def _options(spec: PlayerSpec, rules: Rules, num_players: int) -> PlayerOptions:
    if spec.is_timed:  # as a person meets it: one game at a time, and with a clock no game can be repeated anyway
        search = search_of(spec, TIMED_LEAVES)
        return PlayerOptions(limit=spec.limit, search=search, draw_value=spec.draw_value, reuse=True)
    games = nodes_within(TREE_BYTES // num_players, rules.num_points) // (spec.limit.simulations or 1)
    return PlayerOptions(
        limit=spec.limit,
        search=search_of(spec),
        side_by_side=min(max(games, 1), SIDE_BY_SIDE),
        temperature=temperature_of(spec),
        draw_value=spec.draw_value,
    )


def _split_generation(text: str, rest: str) -> tuple[str, int | None]:
    """Splits at the last colon, unless a path goes on behind it (as behind a drive letter)."""
    source, colon, generation = rest.rpartition(":")
    if not colon or "/" in generation or "\\" in generation:
        return rest, None
    if source == SCRIPTED and not re.fullmatch(f"[1-{FULL_LEVEL}]", generation):
        raise PlayerSpecError(f"player {text!r}: level {generation} is not one of 1 to {FULL_LEVEL}")
    if not re.fullmatch(r"\d{1,9}", generation):
        raise PlayerSpecError(f"player {text!r}: generation {generation!r} is not a number, as in runs/demo:120")
    return source, int(generation)


def _parse_limit(text: str, limit: str) -> Limit:
    if re.fullmatch(r"\d{1,9}", limit) and int(limit) > 0:
        return Limit(simulations=int(limit))
    if re.fullmatch(r"\d{0,6}\.?\d{1,6}s", limit) and float(limit[:-1]) > 0:
        return Limit(seconds=float(limit[:-1]))
    levels = ", ".join(f"@{name}" for name in LIMITED_LEVELS)
    others = f"neither simulations per move (@400, at most {LARGEST_LIMIT}) nor seconds per move (@0.5s)"
    raise PlayerSpecError(f"player {text!r}: limit {limit!r} is {others} nor a model's level ({levels})")

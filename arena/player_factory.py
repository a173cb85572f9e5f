"""Makes the players that user interfaces are handed: rules, level, limits and memory in, a player out.

Owns what a level does to a player. Which model plays, and on what, is `arena/interactive.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from arena.gomocup_player import PREFIX
from arena.interactive import default_model, find_contestant, interactive_player
from arena.levels import FULL, LEVELS, Level, find_level
from arena.specs import Contestant
from gomoku.board import Board
from gomoku.player import Decision, Limit, Player, limits_for
from gomoku.rules import Rules
from mcts.config import LEVEL_TACTICS, NO_TACTICS
from mcts.player import SearchPlayer

Number = TypeVar("Number", int, float)

USUAL_LIMIT = Limit(simulations=800)
"""Of a decision for which nobody said anything."""
PROCESS_BYTES = 240 * 2**20
"""What the program takes without its tree: measured with OpenVINO, numba and a small network; torch takes more."""
LEAST_TREE_BYTES = 12 * 2**20
"""About 4,500 nodes on 15x15: some answer is better than none."""
USUAL_TREE_BYTES = 256 * 2**20
TREE_COPIES = 2
"""When a tree is kept for the next move, its edges lie there twice for a moment."""


class ModelFactory:
    """See `gomoku.player.PlayerFactory`. A model is read once, its evaluator kept as long as the size is the same."""

    def __init__(
        self,
        spec: str | Callable[[Rules | None], str] | None = None,
        device: str = "auto",
        precision: str = "auto",
        backend: str = "auto",
        seed: int | None = None,
        tactics: bool = True,
    ) -> None:
        """Args:
        spec: who plays, as `arena.specs` reads it; a function: depends on the rules; None: the best shipped model for
          the rules.
        device, precision, backend: as `interactive_player` takes them.
        seed: of the levels that draw their moves; None: never the same.
        tactics: False: a model plays by its network and the bare search alone.
        """
        self.levels: Sequence[str] = tuple(level.name for level in LEVELS)
        self._spec = spec
        self._engine = device, precision, backend
        self._tactics = tactics
        self._rng = np.random.default_rng(seed)
        self._contestants: dict[str, Contestant] = {}
        self._made: dict[str, Player] = {}
        self._made_size = 0

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:
        """Makes a player.

        Raises:
          ValueError: a level, a model or a device that is not to be had, with what is.
        """
        chosen = find_level(level)
        spec = self._spec_for(rules)
        if not self.contestant(rules).spec.is_model:
            chosen = FULL  # the others always play as they are
        base = self._base_player(spec, rules)
        told = self._told_limit(spec, rules, chosen)
        if not isinstance(base, SearchPlayer):
            return BoundedPlayer(base.name, base, told, told) if told.has_end else base
        usual = USUAL_LIMIT if self._spec is None else base.options.limit
        if chosen.simulations is not None and self.contestant(rules).spec.level is not None:
            usual = USUAL_LIMIT  # the other level is no more, nor what it allowed
        own = limit if limit.has_end else usual
        most = smaller(told, Limit(simulations=chosen.simulations))
        search = base.options.search
        if chosen.simulations is not None and search.tactics != NO_TACTICS:
            search = replace(search, tactics=LEVEL_TACTICS)
        options = replace(
            base.options,
            limit=own,
            search=search,
            memory=tree_bytes(memory),
            temperature=base.options.temperature if chosen.simulations is None else chosen.temperature,
            seed=int(self._rng.integers(2**63)),
        )
        player = SearchPlayer(base.name, base.evaluator, options)
        return BoundedAnalyst(player, own, most, chosen) if most.has_end else player

    def _told_limit(self, spec: str, rules: Rules, chosen: Level) -> Limit:
        """What a player's name allows it: `@20`, `@0.2s`, `@easy`; empty where it says nothing, where another level
        was chosen, and of outside programs, who have their own clock."""
        parsed = self.contestant(rules).spec
        is_outside = parsed.source.startswith(PREFIX)
        is_replaced = parsed.level is not None and chosen.simulations is not None
        return Limit() if "@" not in spec or is_outside or is_replaced else parsed.limit

    def contestant(self, rules: Rules | None) -> Contestant:
        """Who would play under these rules; None: where nobody said which.

        Raises:
          ValueError: there is nobody, or a model file is damaged.
        """
        spec = self._spec_for(rules)
        if spec not in self._contestants:
            self._contestants[spec] = find_contestant(spec, self._tactics)
        return self._contestants[spec]

    def _spec_for(self, rules: Rules | None) -> str:
        if callable(self._spec):
            return self._spec(rules)
        return self._spec or default_model(rules)

    def _base_player(self, spec: str, rules: Rules) -> Player:
        # A network is told the rules with every position; it is made ready for a size. Those of one size are kept,
        # one for each variant at most, so that a change of rules costs nothing.
        if self._made_size != rules.size:
            self._made, self._made_size = {}, rules.size
        if spec not in self._made:
            self._made[spec] = interactive_player(self.contestant(rules), rules, *self._engine)
        return self._made[spec]


class BoundedPlayer:
    """A player that never thinks more than it may, whatever it is allowed."""

    def __init__(self, name: str, player: Player, usual: Limit, most: Limit) -> None:
        """
        Args:
          usual: of decisions whose own limit has neither simulations nor seconds.
          most: the bound.
        """
        self.name = name
        self._player = player
        self._usual = usual
        self._most = most

    @property
    def usual_limit(self) -> Limit:
        """See `gomoku.player.Bounded`."""
        return self._capped(Limit())

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`."""
        return self._player.decide(boards, [self._capped(one) for one in limits_for(boards, limit)])

    def _capped(self, limit: Limit) -> Limit:
        return smaller(limit.or_usual(self._usual), self._most)


class BoundedAnalyst(BoundedPlayer):
    """The same, where the player can think aloud."""

    def __init__(self, player: SearchPlayer, usual: Limit, most: Limit, level: Level) -> None:
        """`level`: that somebody chose, who means analyses too. What stands in a player's name is about its moves:
        an analysis without an end of its own then goes on until it is stopped."""
        self._analyst = player
        self._ends_analyses = level.simulations is not None
        super().__init__(f"{player.name}, {level.name}" if self._ends_analyses else player.name, player, usual, most)

    def analyse(self, board: Board, limit: Limit) -> Iterator[Decision]:
        """See `gomoku.player.Analyst`."""
        is_bounded = self._ends_analyses or limit.has_end
        yield from self._analyst.analyse(board, self._capped(limit) if is_bounded else limit)


def smaller(limit: Limit, other: Limit) -> Limit:
    """The first one, with no more simulations and seconds than the other has."""
    simulations = _least(limit.simulations, other.simulations)
    return replace(limit, simulations=simulations, seconds=_least(limit.seconds, other.seconds))


def _least(one: Number | None, other: Number | None) -> Number | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def tree_bytes(memory: int) -> int:
    """What a tree may take in a process that may take `memory` bytes (0: no limit)."""
    if memory <= 0:
        return USUAL_TREE_BYTES
    return min(max((memory - PROCESS_BYTES) // TREE_COPIES, LEAST_TREE_BYTES), USUAL_TREE_BYTES)

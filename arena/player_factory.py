"""Makes the players that user interfaces are handed: rules, level, limits and memory in, a player out.

Owns what a level does to a player. Which model plays, and on what, is `arena/interactive.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from arena.interactive import default_model, find_contestant, interactive_player
from arena.levels import LEVELS, Level, find_level
from arena.specs import Contestant
from gomoku.board import Board
from gomoku.player import Decision, Limit, Player, limits_for
from gomoku.rules import Rules
from mcts.config import LEVEL_TACTICS, NO_TACTICS
from mcts.player import SearchPlayer

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
    """See `gomoku.player.PlayerFactory`. A model is read once, its evaluator kept for a size."""

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
        self._made: tuple[str, int, Player] | None = None

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:
        """Makes a player.

        Raises:
          ValueError: a level, a model or a device that is not to be had, with what is.
        """
        chosen = find_level(level)
        base = self._base_player(self._spec_for(rules), rules)
        if not isinstance(base, SearchPlayer):
            return base
        has_limit = limit.simulations is not None or limit.seconds is not None
        own = limit if has_limit else USUAL_LIMIT if self._spec is None else base.options.limit
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
        return player if chosen.simulations is None else LevelPlayer(player, chosen, own)

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
        # A network is told the rules with every position; it is made ready for a size.
        if self._made is None or self._made[:2] != (spec, rules.size):
            player = interactive_player(self.contestant(rules), rules, *self._engine)
            self._made = spec, rules.size, player
        return self._made[2]


class LevelPlayer:
    """A player that never makes more simulations than its level has, whatever it is allowed."""

    def __init__(self, player: SearchPlayer, level: Level, usual: Limit) -> None:
        """`usual` is the limit of decisions whose own has neither simulations nor seconds."""
        self.name = f"{player.name}, {level.name}"
        self._player = player
        self._level = level
        self._usual = usual

    @property
    def usual_limit(self) -> Limit:
        """See `gomoku.player.Bounded`."""
        return self._capped(Limit())

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`."""
        return self._player.decide(boards, [self._capped(one) for one in limits_for(boards, limit)])

    def analyse(self, board: Board, limit: Limit) -> Iterator[Decision]:
        """See `gomoku.player.Analyst`."""
        yield from self._player.analyse(board, self._capped(limit))

    def _capped(self, limit: Limit) -> Limit:
        if limit.simulations is None and limit.seconds is None:
            limit = replace(limit, simulations=self._usual.simulations, seconds=self._usual.seconds)
        most = self._level.simulations
        assert most is not None
        return replace(limit, simulations=most if limit.simulations is None else min(most, limit.simulations))


def tree_bytes(memory: int) -> int:
    """What a tree may take in a process that may take `memory` bytes (0: no limit)."""
    if memory <= 0:
        return USUAL_TREE_BYTES
    return min(max((memory - PROCESS_BYTES) // TREE_COPIES, LEAST_TREE_BYTES), USUAL_TREE_BYTES)

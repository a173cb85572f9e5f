"""A player that is made when it is first asked, so that nobody waits for a model before there is something to see."""

from collections.abc import Callable, Sequence

from gomoku.board import Board
from gomoku.player import Analyst, Bounded, Decision, Limit, Player, PlayerFactory, Proof, limits_for
from gomoku.rules import Rules

COMPUTER = "computer"
"""What it is called until it is there."""


class LazyPlayer:
    """The player of one level; for one game at a time. Thinks in one thread only; its name may be asked in any."""

    def __init__(self, factory: PlayerFactory, rules: Rules, level: str | None = None) -> None:
        self.name = COMPUTER if level is None else f"{COMPUTER}, {level}"
        self.level = level
        self.factory = factory
        self._rules = rules
        self._player: Player | None = None

    @property
    def usual_limit(self) -> Limit:
        """Of decisions whose own limit says nothing; empty as long as the player is not there or cannot tell."""
        return self._player.usual_limit if isinstance(self._player, Bounded) else Limit()

    def make(self) -> Player:
        """Makes the player, unless it is there.

        Raises:
          ValueError, OSError: rules, level or a model that is not to be had.
        """
        if self._player is None:
            self._player = self.factory(self._rules, self.level, Limit())
            self.name = self._player.name
        return self._player

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`, and `make` for what it raises besides."""
        return self.make().decide(boards, limits_for(boards, limit))

    def think_aloud(self, board: Board, limit: Limit, report: Callable[[Decision], None]) -> Decision:
        """Decides like `decide`, and reports on the way. A limit in seconds may be spent twice in lost positions."""
        player = self.make()
        if not (isinstance(player, Analyst) and isinstance(player, Bounded)):
            return player.decide([board], limit)[0]
        limit = limit.or_usual(player.usual_limit)  # an analysis without an end would go on for ever
        decision = None
        for decision in player.analyse(board, limit):
            report(decision)
        assert decision is not None, "an analysis without an answer"
        if decision.proof is Proof.LOSS:
            # Which of the losing moves is the hardest to refute is a matter that only `decide` goes into.
            return player.decide([board], limit)[0]
        return decision

"""An evaluator, and a player, that can be told to stop in the midst of their work."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from gomoku.board import Board
from gomoku.player import Decision, Limit, Player, limits_for
from mcts.evaluator import Evaluation, Evaluator, Positions


class StoppedError(Exception):
    """Answers were no longer wanted; whatever asked for them is left half done, and is of no more use."""


class StoppableEvaluator:
    """The same answers as another evaluator's, until it is to stop."""

    def __init__(self, inner: Evaluator, should_stop: Callable[[], bool]) -> None:
        """
        Args:
          should_stop: asked before every call, under any thread.
        """
        self._inner = inner
        self._should_stop = should_stop

    def evaluate(self, positions: Positions) -> Evaluation:
        """
        Raises:
          StoppedError: in place of an answer.
        """
        if self._should_stop():
            raise StoppedError
        return self._inner.evaluate(positions)


class StoppablePlayer:
    """The same moves as another player's, until it is to stop; one board after the other.

    For players whose searches ask no evaluator, or only a compiled one that cannot be wrapped.
    """

    def __init__(self, inner: Player, should_stop: Callable[[], bool]) -> None:
        """
        Args:
          should_stop: asked between the steps of every search, under any thread.
        """
        self.name = inner.name
        self._inner = inner
        self._should_stop = should_stop

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`. What `limit` says of stopping is not heeded.

        Raises:
          StoppedError: in place of decisions.
        """
        return self._inner.decide(boards, [replace(one, stop=self._go_on) for one in limits_for(boards, limit)])

    def _go_on(self) -> bool:
        if self._should_stop():
            raise StoppedError
        return False

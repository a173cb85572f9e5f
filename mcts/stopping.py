"""An evaluator that can be told to stop, and with it every search that asks it."""

from collections.abc import Callable

from mcts.evaluator import Evaluation, Evaluator, Positions


class StoppedError(Exception):
    """Evaluations were no longer wanted; whatever asked for them is left half done, and is of no more use."""


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

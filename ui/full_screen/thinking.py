"""The thread that thinks, so that the screen never waits.

Owns how questions go there and how answers come back: as messages to the application. The newest question is the one
that counts; what is thought about an older one ends within milliseconds, and its answer is not delivered.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np
from textual.message import Message

from gomoku.board import Board
from gomoku.player import Decision, Limit
from ui.background import thinking_thread
from ui.lazy_player import LazyPlayer
from ui.swap2 import drawn_openings, evenest

T = TypeVar("T")
Report = Callable[[Decision], None]

HINT_SECONDS = 0.7
CHOICE_SECONDS = 0.5
OPENINGS_JUDGED, SECONDS_AN_OPENING = 8, 0.12
PATIENCE = 0.3
"""Seconds that a thought has to end in when the screen closes."""


class Question(Generic[T]):
    """What is to be thought about, while it is."""

    def __init__(self, think: Callable[["Question[T]", Report], T], on_answer: Callable[[T], None]) -> None:
        """Args:
        think: runs in the thinking thread; raises ValueError or OSError where it cannot be answered.
        on_answer: runs in the screen's thread.
        """
        self.think = think
        self.on_answer = on_answer
        self.began_at: float | None = None
        """When the player began to think; None while an older question or its model is in the way."""
        self._is_stopped = threading.Event()
        self._deadline: float | None = None

    def stop(self) -> None:
        """Ends the thinking with the best answer so far."""
        self._is_stopped.set()

    def allow(self, seconds: float | None) -> Limit:
        """The limit of a decision that may take `seconds` from now on (None: what the player takes)."""
        self.began_at = time.monotonic()
        self._deadline = None if seconds is None else self.began_at + seconds
        return Limit(stop=self._is_over)

    def _is_over(self) -> bool:
        return self._is_stopped.is_set() or (self._deadline is not None and time.monotonic() >= self._deadline)


class Thought(Message):
    """A decision on the way."""

    def __init__(self, question: Question[Any], decision: Decision) -> None:
        super().__init__()
        self.question = question
        self.decision = decision


class Answer(Message):
    """A question has been thought about to the end."""

    def __init__(self, question: Question[Any], future: "Future[Any]") -> None:
        super().__init__()
        self.question = question
        self.future = future


class ThinkingThread:
    """Thinks about one question at a time. Its methods belong to the screen's thread."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        """`post` takes messages from any thread."""
        self._post = post
        self._executor = thinking_thread()
        self._running: Future[Any] | None = None
        self.question: Question[Any] | None = None
        """The one whose answer is awaited."""

    def ask(self, question: Question[Any]) -> None:
        """Begins with this question as soon as the one before has ended, which is told to stop."""
        self.drop()
        self.question = question

        def report(decision: Decision) -> None:
            self._post(Thought(question, decision))

        self._running = self._executor.submit(question.think, question, report)
        self._running.add_done_callback(lambda future: self._post(Answer(question, future)))

    def drop(self) -> None:
        """Stops what is under way; its answer is not wanted any more."""
        if self.question is not None:
            self.question.stop()
            self.question = None

    def close(self, patience: float = PATIENCE) -> bool:
        """Stops for good, and waits up to `patience` seconds for that.

        Returns: whether the thread has come to rest; else it is in the middle of something that cannot be stopped,
          such as loading a model.
        """
        self.drop()
        self._executor.shutdown(wait=False, cancel_futures=True)
        return self._running is None or not wait([self._running], patience).not_done


def about_move(
    player: LazyPlayer, board: Board, seconds: float | None
) -> Callable[[Question[Decision], Report], Decision]:
    """Which move to make. `seconds`: what the clock leaves for it."""

    def think(question: Question[Decision], report: Report) -> Decision:
        player.make()  # before the time runs
        return player.think_aloud(board, question.allow(seconds), report)

    return think


def about_opening(player: LazyPlayer, board: Board) -> Callable[[Question[list[int]], Report], list[int]]:
    """Which three stones to put on an empty board."""

    def think(question: Question[list[int]], _: Report) -> list[int]:
        def judge(opening: Board) -> Decision:
            return player.decide([opening], question.allow(SECONDS_AN_OPENING))[0]

        openings = drawn_openings(board.rules, OPENINGS_JUDGED, np.random.default_rng())
        return evenest(openings, judge, lambda: False).moves

    return think


def getting_ready(player: LazyPlayer, board: Board) -> Callable[[Question[None], Report], None]:
    """Makes the player and has it think for a moment, so that its first answer does not wait for that."""

    def think(question: Question[None], _: Report) -> None:
        if board.outcome is None:
            player.decide([board], replace(question.allow(None), simulations=1))

    return think

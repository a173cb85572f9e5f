"""The one thread that thinks, and who has it when.

The event loop never waits for a search: searches run in a single worker thread, and pages take turns. A move that
somebody waits for goes before every analysis; analyses give the thread back several times a second.
"""

import asyncio
import heapq
import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from typing import ParamSpec, TypeVar

from gomoku.board import Board
from gomoku.player import Analyst, Decision, Limit, Player, PlayerFactory
from gomoku.rules import Rules
from ui.background import thinking_thread
from ui.web.bounds import Bounds

P = ParamSpec("P")
T = TypeVar("T")


class BusyError(ValueError):
    """More is asked for at the same time than the bounds allow."""


class Urgency(IntEnum):
    """Who goes first."""

    MOVE = 0
    ANALYSIS = 1


class Thinker:
    """Makes players and lets them think, one at a time. All methods belong to the event loop's thread."""

    def __init__(self, factory: PlayerFactory, bounds: Bounds) -> None:
        self._factory = factory
        self._bounds = bounds
        self._thread = thinking_thread()
        self._players: OrderedDict[tuple[Rules, str | None], Player] = OrderedDict()
        """Touched in the thinking thread only."""
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()
        self._is_taken = False
        self._analyses = 0

    async def warm_up(self, rules: Rules) -> None:
        """Makes the full-strength player and has it think once, so that the first question is answered at once.

        Rules that are not to be had are left for whoever asks about them.
        """
        board = Board(rules)
        with suppress(ValueError):
            await self._run(Urgency.MOVE, lambda: self._decide(board, None, Limit(simulations=1)))

    async def decide(self, board: Board, level: str | None, stop: threading.Event, seconds: float | None) -> Decision:
        """Lets a player of `level` choose.

        Args:
          stop: ends the thinking within milliseconds once it is set.
          seconds: what the player's clock leaves it from now on; None: as long as its level takes.

        Raises:
          ValueError: rules or level that are not to be had.
        """
        deadline = None if seconds is None else time.monotonic() + seconds

        def is_over() -> bool:
            return stop.is_set() or (deadline is not None and time.monotonic() >= deadline)

        limit = Limit(stop=is_over)
        return await self._run(Urgency.MOVE, lambda: self._decide(board, level, limit))

    async def analyse(self, board: Board, limit: Limit, report: Callable[[Decision], Awaitable[None]]) -> None:
        """Thinks aloud until the limit is reached or the caller is cancelled.

        Args:
          limit: its `stop` has to come true when the caller is cancelled.
          report: awaited with each decision while others may have the thread.

        Raises:
          BusyError: too many analyses are under way.
          ValueError: rules that are not to be had, or nobody who can think aloud.
        """
        if self._analyses >= self._bounds.analyses:
            raise BusyError(f"{self._analyses} analyses are under way on other pages; stop one of them first")
        self._analyses += 1
        thoughts: Iterator[Decision] | None = None
        try:
            thoughts = await self._run(Urgency.ANALYSIS, lambda: self._analyst(board.rules).analyse(board, limit))
            while (decision := await self._run(Urgency.ANALYSIS, next, thoughts, None)) is not None:
                await report(decision)
        finally:
            self._analyses -= 1
            if thoughts is not None and hasattr(thoughts, "close"):
                self._thread.submit(thoughts.close)  # behind the slice that may still be running

    def close(self) -> None:
        """Ends the thread once what is under way has ended; does not wait for it."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, urgency: Urgency, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        assert not kwargs
        async with self._turn(urgency):
            return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    @asynccontextmanager
    async def _turn(self, urgency: Urgency) -> AsyncIterator[None]:
        if self._is_taken:
            ticket = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (urgency, next(self._arrivals), ticket))
            try:
                await ticket
            except asyncio.CancelledError:
                if ticket.done() and not ticket.cancelled():
                    self._pass_on()
                raise
        self._is_taken = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            ticket = heapq.heappop(self._waiting)[2]
            if not ticket.done():
                ticket.set_result(None)
                return
        self._is_taken = False

    def _decide(self, board: Board, level: str | None, limit: Limit) -> Decision:
        decision = self._player(board.rules, level).decide([board], limit)[0]
        if decision.forfeit is not None:
            raise ValueError(f"the player gave up: {decision.forfeit.detail}")
        return decision

    def _analyst(self, rules: Rules) -> Analyst:
        player = self._player(rules, None)
        if not isinstance(player, Analyst):
            raise ValueError(f"{player.name} cannot analyse {rules.name}")
        return player

    def _player(self, rules: Rules, level: str | None) -> Player:
        key = (rules, level)
        if key not in self._players:
            self._players[key] = self._factory(rules, level, Limit())
            if len(self._players) > self._bounds.players:
                self._players.popitem(last=False)
        self._players.move_to_end(key)
        return self._players[key]

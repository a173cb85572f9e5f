"""Partners for the Gomocup engine's tests: a driver of its own in this process, and fast players."""

import queue
import threading
import time
from collections.abc import Iterator, Sequence

from gomoku.board import Board
from gomoku.player import Candidate, Decision, Forfeit, Limit, Player, limits_for
from gomoku.random_player import RandomPlayer
from gomoku.rules import Rules
from ui.gomocup import GomocupProtocol
from ui.gomocup_driver import GomocupDriver, about_text
from ui.gomocup_thinking import Thinker


class FastFactory:
    """Random players for boards of 5 to 20, others for nobody."""

    levels = ("only",)

    def __init__(self, player: Player | None = None) -> None:
        self.player = player or RandomPlayer(seed=1)
        self.asked: list[tuple[Rules, str | None, int]] = []

    def __call__(self, rules: Rules, level: str | None, limit: Limit, memory: int = 0) -> Player:
        assert limit == Limit()
        self.asked.append((rules, level, memory))
        if rules.size > 20:
            raise ValueError(f"board size {rules.size} is too large for this player")
        return self.player


class PatientPlayer:
    """Thinks until it is stopped or its time is over, and knows how long it was allowed to."""

    name = "patient"

    def __init__(self, value: float | None = None) -> None:
        self.value = value
        self.limits: list[Limit] = []
        self.thinking = threading.Event()

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        (one,) = limits_for(boards, limit)
        return [list(self.analyse(boards[0], one))[-1]]

    def analyse(self, board: Board, limit: Limit) -> Iterator[Decision]:
        self.limits.append(limit)
        ends = time.monotonic() + (60 if limit.seconds is None else limit.seconds)
        if limit.simulations is None:
            self.thinking.set()
            while time.monotonic() < ends and not (limit.stop is not None and limit.stop()):
                time.sleep(0.001)
        legal = board.legal_moves()
        candidates = tuple(Candidate(move, 10 - k, 0.5 - k, 0.25, (move,)) for k, move in enumerate(legal[:2]))
        yield Decision(legal[0], self.value, candidates, simulations=20, seconds=0.5)


class BrokenPlayer:
    """An outside program that has crashed."""

    name = "gomocup:broken"

    def decide(self, boards: Sequence[Board], _limit: Limit | Sequence[Limit]) -> list[Decision]:
        return [Decision(-1, forfeit=Forfeit("forfeit", "it ended with status 3"))] * len(boards)


class InProcessEngine:
    """The driver in a thread, between queues."""

    def __init__(self, factory: FastFactory | None = None) -> None:
        self.factory = factory or FastFactory()
        self.has_crashed = threading.Event()
        self._to_engine: queue.Queue[str | None] = queue.Queue()
        self._from_engine: queue.Queue[tuple[float, str]] = queue.Queue()
        thinker = Thinker(lambda: self.factory, seed=3)
        driver = GomocupDriver(GomocupProtocol(about_text("1.0")), thinker, self._print, crash=self.has_crashed.set)
        self._thread = threading.Thread(
            target=driver.run, args=(iter(self._to_engine.get, None),), name="engine", daemon=True
        )
        self._thread.start()

    def send(self, *lines: str) -> None:
        for line in lines:
            self._to_engine.put(line)

    def read(self, timeout: float = 10) -> tuple[float, str]:
        return self._from_engine.get(timeout=timeout)

    def answers(self, count: int) -> list[str]:
        return [self.read()[1] for _ in range(count)]

    def end_of_input(self) -> None:
        self._to_engine.put(None)

    @property
    def is_silent(self) -> bool:
        return self._from_engine.empty()

    def has_left(self, timeout: float = 10) -> bool:
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _print(self, text: str) -> None:
        for line in text.split("\n"):
            self._from_engine.put((time.monotonic(), line))

"""A player that is no network: threats, alpha-beta and forced wins by fours, with levels from beginner to full.

Owns levels, clocks and the `Player` around `arena/scripted_search.py`. It is the ladder's anchor and a sparring
partner, and knows of the game only what follows from the rules.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

import numpy as np
from numpy.typing import NDArray

from arena.scripted_lines import NO_POINT, WINS, Lines, find_class, new_lines, reset
from arena.scripted_search import (
    ENTRY,
    LEAF_POSITIONS,
    MAX_PLY,
    MAX_WIDTH,
    NODE_LIMIT,
    NODES,
    OTHER_BONUS,
    OWN_BONUS,
    STOP,
    SURE,
    WIDTH,
    WIN,
    Hunt,
    first_sight,
    list_moves,
    search_root,
)
from arena.scripted_threats import forced_by_fours
from gomoku.board import Board
from gomoku.player import Decision, Limit, Proof, limits_for
from gomoku.rules import BLACK, EMPTY

POLL_SECONDS = 0.003
VALUE_SCALE = 1500.0
"""The score at which a position counts as three quarters of a win."""
TABLE_BITS = 17
FOURS_SHARE, MOST_FOURS_POSITIONS = 5, 20_000
"""Of a decision's positions, one in so many may go into the root's search for fours, and no more than this."""
FOURS_DEPTHS = (1, 2, 3, 4, 6, 9, 14, 25)


@dataclass(frozen=True)
class ScriptedLevel:
    """How well a scripted player plays."""

    depth: int
    """Plies; 1: the move that looks best at first sight."""
    width: int
    """Moves looked at in a quiet position."""
    nodes: int
    """Positions per decision."""
    leaf_positions: int
    """What the search for wins by fours may spend at a leaf; 0: the player knows no such wins."""
    blur: float = 0.0
    """How wrongly a move is judged at first sight: the spread of a factor, as a logarithm. Depth 1 only."""


SCRIPTED_LEVELS = (
    ScriptedLevel(depth=1, width=20, nodes=1, leaf_positions=0, blur=2.5),
    ScriptedLevel(depth=1, width=20, nodes=1, leaf_positions=0, blur=0.4),
    ScriptedLevel(depth=2, width=8, nodes=2_000, leaf_positions=0),
    ScriptedLevel(depth=4, width=12, nodes=10_000, leaf_positions=50),
    ScriptedLevel(depth=10, width=16, nodes=60_000, leaf_positions=200),
    ScriptedLevel(depth=MAX_PLY, width=20, nodes=500_000, leaf_positions=200),
)
"""Level 1 stands first. The last one's nodes hold only where there is no clock."""
FULL_LEVEL = len(SCRIPTED_LEVELS)


class ScriptedPlayer:
    """Plays by threats and alpha-beta. Without a clock, equal seeds give equal moves.

    Of a limit, `simulations` are positions looked at, instead of the level's own number.
    """

    def __init__(self, name: str = "scripted", level: int = FULL_LEVEL, limit: Limit | None = None) -> None:
        """`limit` serves where the caller's says nothing.

        Raises:
          ValueError: no such level.
        """
        if not 1 <= level <= FULL_LEVEL:
            raise ValueError(f"level {level} is not between 1 and {FULL_LEVEL}")
        self.name = name
        self.level = SCRIPTED_LEVELS[level - 1]
        self.limit = limit or Limit()
        self._own_stream = np.random.default_rng(0)

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`. Boards are decided one after the other."""
        return [self._decide_one(board, one) for board, one in zip(boards, limits_for(boards, limit), strict=True)]

    def _decide_one(self, board: Board, limit: Limit) -> Decision:
        started = time.perf_counter()
        limit = limit.or_usual(self.limit)
        stream = np.random.default_rng(int(self._own_stream.integers(2**62)) if limit.seed is None else limit.seed)
        is_clock_alone = limit.seconds is not None and limit.simulations is None and self.level is SCRIPTED_LEVELS[-1]
        nodes = 2**62 if is_clock_alone else limit.simulations or self.level.nodes
        thought = _Thought(board, self.level, nodes, stream)
        with _watch(thought.control, limit.seconds, limit.stop):
            move, score = thought.think()
        proof = Proof.WIN if score >= SURE else None
        value = float(np.clip(np.tanh(score / VALUE_SCALE), -1, 1)) if proof is None else 1.0
        elapsed = time.perf_counter() - started
        return Decision(move, value, simulations=int(thought.control[NODES]), proof=proof, seconds=elapsed)


def sparring_partner(level: int) -> ScriptedPlayer:
    """For self-play: see `training.sparring`."""
    return ScriptedPlayer(f"scripted:{level}", level)


class _Thought:
    """One decision."""

    def __init__(self, board: Board, level: ScriptedLevel, nodes: int, stream: np.random.Generator) -> None:
        self.level = level
        self.stream = stream
        self.side = 0 if board.to_play == BLACK else 1
        zobrist = stream.integers(2**64, size=(2, board.rules.num_points), dtype=np.uint64)
        self.lines = lines_of(board, zobrist)
        self.control = np.zeros(5, dtype=np.int64)
        self.control[[NODE_LIMIT, WIDTH, LEAF_POSITIONS]] = nodes, level.width, level.leaf_positions
        self.hunt = Hunt(
            lines=self.lines,
            table=np.zeros(2**TABLE_BITS if level.depth > 1 else 1, dtype=ENTRY),
            control=self.control,
            budget=np.zeros(1, dtype=np.int64),
            moves=np.zeros((MAX_PLY, MAX_WIDTH), dtype=np.int64),
            worths=np.zeros((MAX_PLY, MAX_WIDTH), dtype=np.int64),
            own_bonus=OWN_BONUS,
            other_bonus=OTHER_BONUS,
            turn_key=stream.integers(2**64, size=1, dtype=np.uint64),
        )

    def think(self) -> tuple[int, int]:
        """The move and its score."""
        if (self.lines.cells == EMPTY).all():
            size = self.lines.rules.size
            return size // 2 * size + size // 2, 0
        if self.level.depth == 1:
            return self._at_first_sight(), 0
        if (move := int(find_class(self.lines, self.side, WINS))) != NO_POINT:
            return move, WIN
        order = self._root_moves()
        if len(order) == 1:
            return int(order[0]), 0
        if (move := self._by_fours()) != NO_POINT:
            return move, WIN
        return self._deepen(order)

    def _at_first_sight(self) -> int:
        worths = np.zeros(len(self.lines.cells))
        first_sight(self.hunt, self.side, worths)
        blur = np.exp(self.level.blur * self.stream.standard_normal(len(worths)))
        return int(np.where(worths < 0, -1.0, (worths + 1) * blur).argmax())

    def _root_moves(self) -> NDArray[np.int64]:
        """The candidates, best at first sight first; any legal move where there are none."""
        count = list_moves(self.hunt, self.side, 0)
        if count:
            return self.hunt.moves[0, :count].copy()
        worths = np.zeros(len(self.lines.cells))
        first_sight(self.hunt, self.side, worths)
        return np.flatnonzero(worths >= 0)[:1].astype(np.int64)

    def _by_fours(self) -> int:
        """The first move of a win by fours, else `NO_POINT`."""
        if self.level.leaf_positions == 0:
            return NO_POINT
        budget = np.array([min(self.control[NODE_LIMIT] // FOURS_SHARE, MOST_FOURS_POSITIONS)], dtype=np.int64)
        for fours in FOURS_DEPTHS:
            move = int(forced_by_fours(self.lines, budget, self.side, fours))
            if move != NO_POINT or budget[0] < 0:
                return move
        return NO_POINT

    def _deepen(self, order: NDArray[np.int64]) -> tuple[int, int]:
        """Searches deeper and deeper until the limit is reached or the matter is settled."""
        score = 0
        for depth in range(1, self.level.depth + 1):
            looked_at, found = search_root(self.hunt, self.side, depth, 1, order)
            if looked_at:
                score = int(found)
            if looked_at < len(order) or abs(score) >= SURE:
                break
        return int(order[0]), score


def lines_of(board: Board, zobrist: NDArray[np.uint64] | None = None) -> Lines:
    """The bookkeeping of a board's position; `zobrist` `[2, A]` where positions are to be told apart."""
    if zobrist is None:
        zobrist = np.zeros((2, board.rules.num_points), dtype=np.uint64)
    lines = new_lines(board.rules.compiled, zobrist)
    reset(lines, board.cells)
    return lines


@contextmanager
def _watch(control: NDArray[np.int64], seconds: float | None, stop: Callable[[], bool] | None) -> Iterator[None]:
    """Sets `STOP` when the time is up or `stop` says so: the kernels do not hold the interpreter's lock."""
    if seconds is None and stop is None:
        yield
        return
    deadline = time.perf_counter() + (1e9 if seconds is None else seconds)
    is_finished = Event()

    def wait() -> None:
        while not is_finished.wait(min(POLL_SECONDS if stop else 1e9, max(deadline - time.perf_counter(), 0))):
            if time.perf_counter() >= deadline or (stop is not None and stop()):
                control[STOP] = 1
                return

    watcher = Thread(target=wait, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_finished.set()
        watcher.join()

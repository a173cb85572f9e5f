"""What the engine's tasks come to with a player: getting ready, a move with its report, a swap2 opening.

Blocks while it thinks; whoever calls it has a thread of its own.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np

from gomoku.board import Board
from gomoku.notation import gomocup_name
from gomoku.player import Analyst, Candidate, Decision, Limit, Player, PlayerFactory, Proof
from gomoku.rules import Rules, Variant
from ui.gomocup_effects import OpenSwap2, Prepare, Think
from ui.swap2 import drawn_openings, evenest, prefers_other_side

SECONDS_PER_REPORT = 0.5
WARM_UP_SIMULATIONS = 16
SHORTEST_SECONDS = 0.001
EVALUATION_SCALE = 200
"""Of INFO EVAL, which analysis programs turn back into a win rate by the logistic function over this number."""
BEST_KNOWN = 0.999
"""Win rates beyond this are shown as this where nothing is proven: their logarithm has no end."""
OPENING_CANDIDATES = 12
"""Swap2 openings that are judged, as far as the time allows; the evenest is put on the board."""

Print = Callable[[str], None]
Clock = Callable[[], float]
IsStopped = Callable[[], bool]


class Thinker:
    """Players for the rules at hand, made when they are needed."""

    def __init__(
        self,
        factory: Callable[[], PlayerFactory],
        level: str | None = None,
        clock: Clock = time.monotonic,
        seed: int | None = None,
    ) -> None:
        """`factory` is called once, with the first task; `seed` is of swap2 openings (None: always others)."""
        self._make_factory = factory
        self._factory: PlayerFactory | None = None
        self._level = level
        self._clock = clock
        self._rng = np.random.default_rng(seed)
        self._player: Player | None = None
        self._made_for: tuple[Rules, int] | None = None
        self._warm_size: int | None = None

    def prepare(self, task: Prepare) -> None:
        """Loads the player and lets it think for a moment, so that all is compiled before the clock runs.

        With the first rules of a size come those of the other variants: managers name the rule after START, and
        their clock runs from then on.

        Raises:
          ValueError: rules that cannot be played.
        """
        player = self._player_for(task.rules, task.memory)
        if task.rules.size == self._warm_size:
            return
        _warm(player, task.rules, thoughts=2)  # the second goes on from the first one's tree
        for variant in Variant:
            if variant is not task.rules.variant:
                with suppress(ValueError, OSError):  # told when somebody wants to play by these rules
                    self._warm_beside(replace(task.rules, variant=variant), task.memory)
        self._warm_size = task.rules.size

    def _warm_beside(self, rules: Rules, memory: int) -> None:
        """The factory keeps what is loaded here. Who cannot think aloud has nothing to load, or is an outside program
        that would take its time."""
        assert self._factory is not None
        player = self._factory(rules, self._level, Limit(), memory)
        if isinstance(player, Analyst):
            _warm(player, rules, thoughts=1)

    def choose(self, task: Think, is_stopped: IsStopped, print_line: Print) -> int:
        """The move for a task.

        Raises:
          ValueError: rules that cannot be played, or a player who gives up.
        """
        player = self._player_for(task.board.rules, task.memory)
        limit = self._limit_now(task.limit, task.received, is_stopped)
        if not task.num_lines:
            return _decide(player, task.board, limit).move
        if not isinstance(player, Analyst):
            decision = _decide(player, task.board, limit)
        else:
            next_report = self._clock() + SECONDS_PER_REPORT
            for decision in player.analyse(task.board, limit):
                if self._clock() >= next_report:
                    next_report = self._clock() + SECONDS_PER_REPORT
                    _print_report(decision, task, print_line)
        _print_report(decision, task, print_line)
        return decision.move

    def open(self, task: OpenSwap2, is_stopped: IsStopped) -> str:
        """The answer to a swap2 opening: three moves, `SWAP`, or one move; see `ui/swap2.py`.

        Raises:
          ValueError: rules that cannot be played.
        """
        player = self._player_for(task.rules, task.memory)
        if not task.stones:
            return self._even_opening(player, task, is_stopped)
        board = Board.from_moves(task.rules, task.stones)
        decision = _decide(player, board, self._limit_now(task.limit, task.received, is_stopped))
        return "SWAP" if prefers_other_side(decision) else gomocup_name(decision.move, board.size)

    def _even_opening(self, player: Player, task: OpenSwap2, is_stopped: IsStopped) -> str:
        whole = self._limit_now(task.limit, task.received, is_stopped)
        deadline = self._clock() + (math.inf if whole.seconds is None else whole.seconds)
        left = OPENING_CANDIDATES

        def judge(board: Board) -> Decision:
            nonlocal left
            share = max((deadline - self._clock()) / left, SHORTEST_SECONDS)
            left -= 1
            return _decide(player, board, replace(whole, seconds=share))

        openings = drawn_openings(task.rules, OPENING_CANDIDATES, self._rng)
        best = evenest(openings, judge, lambda: is_stopped() or self._clock() >= deadline)
        return " ".join(gomocup_name(move, best.size) for move in best.moves)

    def _player_for(self, rules: Rules, memory: int) -> Player:
        if self._player is None or self._made_for != (rules, memory):
            if self._factory is None:
                self._factory = self._make_factory()
            self._player = self._factory(rules, self._level, Limit(), memory)
            self._made_for = (rules, memory)
        return self._player

    def _limit_now(self, limit: Limit, received: float, is_stopped: IsStopped) -> Limit:
        """What is left of a limit that counts from the command's arrival."""
        if limit.seconds is None:
            return replace(limit, stop=is_stopped)
        left = max(limit.seconds - (self._clock() - received), SHORTEST_SECONDS)
        return replace(limit, seconds=left, stop=is_stopped)


def _warm(player: Player, rules: Rules, thoughts: int) -> None:
    """
    Raises:
      ValueError: as `_decide`.
    """
    board = Board(rules)
    for _ in range(thoughts):
        decision = _decide(player, board, Limit(simulations=WARM_UP_SIMULATIONS))
        board.push(decision.move)


def _decide(player: Player, board: Board, limit: Limit) -> Decision:
    """
    Raises:
      ValueError: an outside program, put behind this engine, has no move.
    """
    decision = player.decide([board], limit)[0]
    if decision.forfeit is not None:
        raise ValueError(f"{player.name} has no move: {decision.forfeit.detail}")
    return decision


def _print_report(decision: Decision, task: Think, print_line: Print) -> None:
    """Tells the best candidates as Yixin-Board and its kin do, all as one text so that nothing comes between."""
    shown = decision.candidates[: task.num_lines]
    lines = []
    for index, candidate in enumerate(shown):
        lines += [
            f"INFO PV {index}",
            f"INFO NUMPV {len(shown)}",
            f"INFO DEPTH {len(candidate.line)}",
            f"INFO NODES {candidate.visits}",
            f"INFO TOTALNODES {decision.simulations + decision.reused}",
            f"INFO TOTALTIME {decision.seconds * 1000:.0f}",
            f"INFO SPEED {decision.simulations / max(decision.seconds, 0.001):.0f}",
            f"INFO EVAL {evaluation_name(candidate)}",
            f"INFO WINRATE {(candidate.value + 1) / 2:.4f}",
            f"INFO PRIOR {candidate.prior:.4f}",
            "INFO BESTLINE " + " ".join(gomocup_name(move, task.board.size) for move in candidate.line),
            "INFO PV DONE",
        ]
    if lines:
        print_line("\n".join(lines))


def evaluation_name(candidate: Candidate) -> str:
    """A whole number, 0 for even chances; `+M5` or `-M5` where the end is proven, with the expected line's length."""
    if candidate.proof is Proof.WIN:
        return f"+M{len(candidate.line)}"
    if candidate.proof is Proof.LOSS:
        return f"-M{len(candidate.line)}"
    if candidate.proof is Proof.DRAW:
        return "0"
    chance = min(max((candidate.value + 1) / 2, 1 - BEST_KNOWN), BEST_KNOWN)
    return f"{EVALUATION_SCALE * math.log(chance / (1 - chance)):.0f}"

"""Who plays which games: each worker has one share of the games on each board that the run ever plays.

A worker is a thread, a process or whatever else plays. Shares are numbered through all boards and workers; a game of
share `k` has a number that is `k` modulo the number of shares, so that none is played twice.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from gomoku.rules import Rules
from mcts.evaluator import Evaluator
from mcts.spans import Span, no_span
from nets.engine import CompiledNetwork
from training.config import TrainConfig
from training.games import FinishedGame
from training.self_play import SelfPlay
from training.sparring import MakePartner, no_partner, partner_for


class Assignment(NamedTuple):
    """What is to be played, and with which network."""

    compiled: CompiledNetwork
    generation: int
    """The network's; games carry that of the network that began them."""
    board: int
    """Index of its rules in `Plan.boards`."""
    simulations: int
    """Per move."""


def rules_of_shares(config: TrainConfig, num_workers: int) -> list[Rules]:
    """`[S]` the rules of each share."""
    return [rules for rules in config.plan.boards for _ in range(num_workers)]


class WorkerShares:
    """The games of one worker: a share on each board, of which one is played at a time and the others wait."""

    def __init__(
        self,
        config: TrainConfig,
        worker: int,
        num_workers: int,
        span: Span = no_span,
        make_partner: MakePartner = no_partner,
    ) -> None:
        """
        Raises:
          ValueError: there is no such sparring partner.
        """
        boards = config.plan.boards
        num_shares = num_workers * len(boards)
        # So many that each share of each board gets as many as the worker has to play side by side.
        self_play = (
            replace(config.self_play, games=config.self_play.games * len(boards))
            if len(boards) > 1
            else config.self_play
        )
        self.shares = {
            worker + board * num_workers: SelfPlay(
                rules, self_play, config.search, config.seed, worker + board * num_workers, num_shares
            )
            for board, rules in enumerate(boards)
        }
        """By number."""
        partner = partner_for(config.self_play, make_partner)
        for share in self.shares.values():
            share.span, share.partner = span, partner
        self._on_board = list(self.shares.values())
        self._active = self._on_board[0]

    def assign(self, assignment: Assignment) -> None:
        """Says what the next `play` plays."""
        self._active = self._on_board[assignment.board]
        self._active.generation = assignment.generation
        self._active.simulations_per_move = assignment.simulations

    def play(
        self,
        evaluator: Evaluator,
        num_positions: int,
        on_move: Callable[[], None],
        should_stop: Callable[[], bool],
        on_game: Callable[[FinishedGame], None] = lambda _game: None,
    ) -> list[FinishedGame]:
        """See `SelfPlay.play`."""
        return self._active.play(evaluator, num_positions, on_move, should_stop, on_game)

    def take_counts(self) -> tuple[int, int]:
        """New simulations and searches cut short since the last call."""
        counts = self._active.simulations, self._active.cut_short
        self._active.simulations = self._active.cut_short = 0
        return counts

    def state(self) -> dict[int, dict[str, Any]]:
        """Of each share by its number, see `SelfPlay.state`."""
        return {number: share.state() for number, share in self.shares.items()}

    def load_state(self, states: dict[int, dict[str, Any]]) -> None:
        for number, state in states.items():
            self.shares[number].load_state(state)

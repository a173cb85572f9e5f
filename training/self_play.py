"""Self-play: games side by side, each replaced as it ends, so that every network call is full.

A game's moves depend on its number, the weights and nothing else: each has random streams of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gomoku.board import Board
from gomoku.opening_split import may_train
from gomoku.rules import Rules
from mcts.caching import CachingEvaluator
from mcts.choice import move_weights, sample_move
from mcts.config import SearchConfig
from mcts.evaluator import Evaluator
from mcts.search import Search, SearchResult
from mcts.spans import Span, no_span
from mcts.tree import PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, UNPROVEN
from training.config import SelfPlayConfig
from training.samples import Sample, pack_policy
from training.stages import evenly_spread

NODES_PER_SIMULATION = 4
"""Room for what is kept from move to move; a tree that fills up ends its search early, which is counted."""
Policy = tuple[NDArray[np.uint16], NDArray[np.uint16]]
"""Moves and weights, both `[M]`."""
WINNER_OF_PROOF = {PROVEN_WIN: 1, PROVEN_LOSS: -1, PROVEN_DRAW: 0}


@dataclass(frozen=True)
class FinishedGame:
    """A game and what is to be learnt from it."""

    number: int
    rules: Rules
    moves: tuple[int, ...]
    winner: int
    """BLACK, WHITE, or 0."""
    is_proven: bool
    """It ended with the proof of its result, not with its last move."""
    first_ply: int
    samples: list[Sample]
    generation: int
    """Of the network that began it; a later one may have ended it."""

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "number": self.number,
            "moves": self.moves,
            "winner": self.winner,
            "is_proven": self.is_proven,
            "first_ply": self.first_ply,
            "policies": _policies_state([(sample.policy_moves, sample.policy_weights) for sample in self.samples]),
            "generation": self.generation,
        }

    @classmethod
    def from_state(cls, rules: Rules, state: dict[str, Any]) -> "FinishedGame":
        board = Board.from_moves(rules, state["moves"])
        policies = _policies_from(state["policies"])
        rng = np.random.default_rng(0)  # it has no more lots to draw
        game = GameInFlight(state["number"], rng, board, state["first_ply"], policies, state["generation"])
        return game.finish(state["winner"], state["is_proven"])


@dataclass
class GameInFlight:
    """A game that is being played; what a checkpoint needs to go on with it."""

    number: int
    """Unique within the run."""
    rng: np.random.Generator
    board: Board
    first_ply: int
    """Moves before this one were made at random and are not learnt."""
    policies: list[Policy] = field(default_factory=list)
    """Of the moves from `first_ply` on: moves and weights."""
    generation: int = 0
    """Of the network that began it."""

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "number": self.number,
            "rng": self.rng.bit_generator.state,
            "moves": self.board.moves,
            "first_ply": self.first_ply,
            "policies": _policies_state(self.policies),
            "generation": self.generation,
        }

    @classmethod
    def from_state(cls, rules: Rules, state: dict[str, Any]) -> "GameInFlight":
        rng = np.random.default_rng()
        rng.bit_generator.state = state["rng"]
        board = Board.from_moves(rules, state["moves"])
        policies = _policies_from(state["policies"])
        return cls(state["number"], rng, board, state["first_ply"], policies, state.get("generation", 0))

    def finish(self, winner: int, is_proven: bool) -> FinishedGame:
        """The game, ended, with a sample of each position that is learnt from."""
        samples = []
        board = Board.from_moves(self.board.rules, self.board.moves[: self.first_ply])
        for k, (moves, weights) in enumerate(self.policies):
            to_play, cells = board.to_play, board.cells.copy()
            samples.append(Sample(cells, to_play, moves, weights, outcome=winner * to_play, game=self.number))
            if self.first_ply + k < len(self.board.moves):
                board.push(self.board.moves[self.first_ply + k])
        moves_made = tuple(self.board.moves)
        rules = self.board.rules
        return FinishedGame(
            self.number, rules, moves_made, winner, is_proven, self.first_ply, samples, self.generation
        )


def nodes_per_game(simulations: int) -> int:
    """Nodes that the tree of one game has room for.

    Args:
      simulations: per move.
    """
    return NODES_PER_SIMULATION * simulations + 64


class SelfPlay:
    """Plays games of one share of the run: those whose numbers are `share` modulo `num_shares`."""

    def __init__(
        self,
        rules: Rules,
        config: SelfPlayConfig,
        search: SearchConfig,
        seed: int,
        share: int = 0,
        num_shares: int = 1,
    ) -> None:
        self.rules = rules
        self.config = config
        self.simulations_per_move = config.simulations
        self.search_config = search
        self.seed = seed
        self.num_shares = num_shares
        self.num_games = len(range(share, config.games, num_shares))
        self.next_number = share
        self.games: list[GameInFlight] = []
        self.generation = 0
        """Of the network that plays."""
        self.span: Span = no_span
        """For `Search`."""
        self._counted: set[int] = set()
        """Games still to come that were finished before, by an actor that died since: they are passed over."""
        self.simulations = 0
        """New simulations of the last `play`."""
        self.cut_short = 0
        """Searches of the last `play` that ended early because their tree was full."""

    def play(
        self,
        evaluator: Evaluator,
        num_positions: int,
        on_move: Callable[[], None],
        should_stop: Callable[[], bool],
        on_game: Callable[[FinishedGame], None] = lambda _game: None,
    ) -> list[FinishedGame]:
        """Plays until games with `num_positions` positions in all have ended; unfinished games go on next time.

        Trees and remembered evaluations are dropped at the end, so that a run that was interrupted goes on like one
        that was not.

        Returns: the finished games; those so far where `should_stop` said so.
        """
        finished: list[FinishedGame] = []
        self.simulations = self.cut_short = 0
        while len(self.games) < self.num_games:
            self.games.append(self._new_game())
        if self.config.cache_positions:
            evaluator = CachingEvaluator(evaluator, self.rules, self.config.cache_positions)
        max_nodes = nodes_per_game(self.simulations_per_move)
        search = Search(self.rules, evaluator, self.search_config, self.num_games, max_nodes, self.span)
        slots = {self._enter(search, game): k for k, game in enumerate(self.games)}
        positions = 0
        while positions < num_positions and not should_stop():
            search.step()
            for slot in search.done_slots():
                result = search.result(slot)
                self.simulations += result.simulations
                self.cut_short += result.proof == UNPROVEN and result.simulations < self.simulations_per_move
                game = self.games[slots[slot]]
                ended = self._move(game, result)
                on_move()
                if ended is None:
                    search.advance(slot, game.board.moves[-1], self.simulations_per_move)
                    continue
                finished.append(ended)
                on_game(ended)
                positions += len(ended.samples)
                search.remove(slot)
                k = slots.pop(slot)
                self.games[k] = self._new_game()
                slots[self._enter(search, self.games[k])] = k
        return finished

    def state(self) -> dict[str, Any]:
        """What it takes to go on with these games elsewhere, as JSON can hold it."""
        return {
            "next_number": self.next_number,
            "games": [game.state() for game in self.games],
            "counted": sorted(number for number in self._counted if number >= self.next_number),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.next_number = state["next_number"]
        self.games = [GameInFlight.from_state(self.rules, game) for game in state["games"]]
        self._counted = set(state.get("counted", ()))

    def _enter(self, search: Search, game: GameInFlight) -> int:
        return search.add(game.board, self.simulations_per_move, int(game.rng.integers(2**63)), noise=game.rng)

    def _new_game(self) -> GameInFlight:
        while self.next_number in self._counted:
            self.next_number += self.num_shares
        number = self.next_number
        self.next_number += self.num_shares
        rng = np.random.default_rng([self.seed, number])
        while True:
            board = Board(self.rules)
            for _ in range(rng.integers(self.config.random_plies + 1)):
                if board.outcome is None:
                    board.push(int(rng.choice(board.legal_moves())))
            if board.outcome is None and may_train(board):
                return GameInFlight(number, rng, board, len(board.moves), generation=self.generation)

    def _move(self, game: GameInFlight, result: SearchResult) -> FinishedGame | None:
        """Records what the search found and makes a move; the game, if that ends it."""
        game.policies.append(pack_policy(move_weights(result)))
        if result.proof != UNPROVEN and not self._plays_out(game):
            return game.finish(game.board.to_play * WINNER_OF_PROOF[result.proof], is_proven=True)
        is_late = len(game.board.moves) >= self.config.temperature_plies
        temperature = self.config.late_temperature if is_late else self.config.temperature
        game.board.push(sample_move(result, temperature, game.rng))
        if game.board.outcome is None:
            return None
        return game.finish(game.board.outcome.winner, is_proven=False)

    def _plays_out(self, game: GameInFlight) -> bool:
        return evenly_spread(game.number) < self.config.play_out


def _policies_state(policies: list[Policy]) -> list[list[list[int]]]:
    return [[moves.tolist(), weights.tolist()] for moves, weights in policies]


def _policies_from(state: list[list[list[int]]]) -> list[Policy]:
    return [(np.array(moves, dtype=np.uint16), np.array(weights, dtype=np.uint16)) for moves, weights in state]

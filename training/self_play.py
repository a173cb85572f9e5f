"""Self-play: games side by side, each replaced as it ends, so that every network call is full.

Within an iteration a game's moves depend on its number, the weights and nothing else: each has random streams of its
own.
Where an iteration ends, which other games decide, the trees of those under way are dropped.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gomoku.first_moves import random_start
from gomoku.opening_split import may_train
from gomoku.player import Player
from gomoku.rules import Rules
from mcts.caching import CachingEvaluator
from mcts.choice import move_weights, pruned_weights, sample_move, surprise
from mcts.config import SearchConfig
from mcts.evaluator import Evaluator
from mcts.search import Search, SearchResult
from mcts.spans import Span, no_span
from mcts.tree import PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, UNPROVEN
from training.config import SelfPlayConfig
from training.games import FinishedGame, GameInFlight, Searched
from training.sparring import partners_move, partners_side
from training.stages import evenly_spread

NODES_PER_SIMULATION = 4
"""Room for what is kept from move to move; a tree that fills up ends its search early, which is counted."""
WINNER_OF_PROOF = {PROVEN_WIN: 1, PROVEN_LOSS: -1, PROVEN_DRAW: 0}


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
        """A game's place here is also the slot of its search, while `play` plays."""
        self.generation = 0
        """Of the network that plays."""
        self.span: Span = no_span
        """For `Search`."""
        self.partner: Player | None = None
        """Has a side in `sparring_share` of the games."""
        self._counted: set[int] = set()
        """Games still to come that were finished before, by an actor that died since: they are passed over."""
        self.simulations = 0
        """New simulations of the last `play`, for moves that were made."""
        self.under_way = 0
        """New simulations that the last `play` dropped at its end, for moves that were not yet made."""
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
        self.simulations = self.under_way = self.cut_short = 0
        while len(self.games) < self.num_games:
            self.games.append(self._new_game())
        if self.config.cache_positions:
            evaluator = CachingEvaluator(evaluator, self.rules, self.config.cache_positions)
        max_nodes = nodes_per_game(self.simulations_per_move)
        search = Search(self.rules, evaluator, self.search_config, self.num_games, max_nodes, self.span)
        for slot in range(len(self.games)):
            self._enter(search, slot)
        positions = 0
        while positions < num_positions and not should_stop():
            search.step()
            for slot in search.done_slots():
                if self.partner is not None and should_stop():
                    return finished  # a partner may think for seconds, and at many boards one after the other
                result = search.result(slot)
                self.simulations += result.simulations
                self.cut_short += result.proof == UNPROVEN and result.simulations < search.target(slot)
                game = self.games[slot]
                weights, move = self._choose(game, search, slot, result)
                if game.partner == game.board.to_play and result.proof == UNPROVEN:
                    assert self.partner is not None, f"nobody is there for game {game.number} to spar with"
                    move = partners_move(self.partner, game.board, game.rng)
                shock = surprise(weights, search.clean_priors(slot)) if self.config.surprise_share else 0.0
                ended = self._move(game, result, Searched.of(weights, result.value, shock), move)
                on_move()
                if ended is None:
                    search.advance(slot, game.board.moves[-1], *self._effort(game))
                    continue
                finished.append(ended)
                on_game(ended)
                positions += len(ended.samples)
                search.remove(slot)
                self.games[slot] = self._new_game()
                self._enter(search, slot)
        self.under_way = sum(search.result(slot).simulations for slot in range(len(self.games)))
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

    def _enter(self, search: Search, slot: int) -> None:
        """Lets the search of a game begin, in the slot whose number is the game's place in `games`."""
        game = self.games[slot]
        seed = int(game.rng.integers(2**63))
        simulations, noise = self._effort(game)
        given = search.add(game.board, simulations, seed, noise)
        assert given == slot, f"game {game.number} got slot {given}, not {slot}"

    def _effort(self, game: GameInFlight) -> tuple[int, np.random.Generator | None]:
        """Simulations for the game's next move, and where the noise comes from; None: it is not learnt, only played.

        Source: Wu 2019, section 3.1 (playout cap randomization).
        """
        full_share = self.config.full_share
        game.is_full = full_share == 1.0 or bool(game.rng.random() < full_share)
        if game.is_full:
            return self.simulations_per_move, game.rng
        return min(self.config.quick_simulations, self.simulations_per_move), None

    def _new_game(self) -> GameInFlight:
        while self.next_number in self._counted:
            self.next_number += self.num_shares
        number = self.next_number
        self.next_number += self.num_shares
        rng = np.random.default_rng([self.seed, number])
        while True:
            board = random_start(self.rules, self.config.random_plies, rng)
            if may_train(board):
                partner = partners_side(number, self.config.sparring_share)
                return GameInFlight(number, rng, board, len(board.moves), generation=self.generation, partner=partner)

    def _choose(
        self, game: GameInFlight, search: Search, slot: int, result: SearchResult
    ) -> tuple[NDArray[np.float64], int]:
        """`[A]` how much each move deserves to be played, and one that is drawn."""
        if self.search_config.halving_moves and result.visit_counts.any():
            move, improved = search.halving(slot)
            return improved, move
        is_late = len(game.board.moves) >= self.config.temperature_plies
        temperature = self.config.late_temperature if is_late else self.config.temperature
        prunes = self.config.prune_targets
        weights = pruned_weights(result, search.exploration(slot)) if prunes else move_weights(result)
        return weights, sample_move(result, temperature, game.rng)

    def _move(self, game: GameInFlight, result: SearchResult, searched: Searched, move: int) -> FinishedGame | None:
        """Records what the search found and makes the move; the game, if that ends it."""
        # What is proven is worth learning however little was searched.
        is_learnt = game.is_full or result.proof != UNPROVEN
        game.searched.append(searched if is_learnt else None)
        if result.proof != UNPROVEN and not self._plays_out(game):
            return self._finish(game, game.board.to_play * WINNER_OF_PROOF[result.proof], is_proven=True)
        game.board.push(move)
        if game.board.outcome is None:
            return None
        return self._finish(game, game.board.outcome.winner, is_proven=False)

    def _finish(self, game: GameInFlight, winner: int, is_proven: bool) -> FinishedGame:
        share = self.config.surprise_share
        copies = game.draw_copies(share) if share and any(one is not None for one in game.searched) else None
        return game.finish(winner, is_proven, copies)

    def _plays_out(self, game: GameInFlight) -> bool:
        return evenly_spread(game.number) < self.config.play_out

"""A game of self-play: what is kept of it while it is played, and what is learnt from it in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.board import Board
from gomoku.rules import Rules
from training.samples import Sample, pack_policy


class Searched(NamedTuple):
    """What a search said of a position that is learnt from."""

    moves: NDArray[np.uint16]
    """`[M]`"""
    weights: NDArray[np.uint16]
    """`[M]` in proportion."""
    value: float = 0.0
    """Of the position, for the side to move."""
    surprise: float = 0.0
    """See `mcts.choice.surprise`; 0 where nobody asks for it."""

    @classmethod
    def of(cls, weights: NDArray[np.float64], value: float, surprise: float = 0.0) -> "Searched":
        """Args:
        weights: `[A]` sum 1, how much each move deserves to be played.
        """
        return cls(*pack_policy(weights), value, surprise)

    def state(self) -> list[Any]:
        """As JSON can hold it."""
        return [self.moves.tolist(), self.weights.tolist(), self.value, self.surprise]

    @classmethod
    def from_state(cls, state: list[Any]) -> "Searched":
        """What `state` gave, also that of versions which kept no value or no surprise."""
        moves, weights, *judgement = state
        return cls(np.array(moves, dtype=np.uint16), np.array(weights, dtype=np.uint16), *judgement)


def _states(searched: "list[Searched | None]") -> list[list[Any] | None]:
    return [None if one is None else one.state() for one in searched]


def _from_states(states: list[list[Any] | None]) -> "list[Searched | None]":
    return [None if state is None else Searched.from_state(state) for state in states]


def samples_of(
    number: int,
    board: Board,
    first_ply: int,
    searched: "Sequence[Searched | None]",
    winner: int,
    copies: Sequence[int] | None,
) -> list[Sample]:
    """What is learnt from a game: a sample of each position that is learnt from, or so many `copies` of it.

    Args:
      number: the game's.
      board: as the game ended.
      first_ply, searched, winner, copies: see `FinishedGame`.
    """
    samples = []
    past = Board.from_moves(board.rules, board.moves[:first_ply])
    for k, one in enumerate(searched):
        if one is not None:
            to_play, cells = past.to_play, past.cells.copy()
            sample = Sample(cells, to_play, one.moves, one.weights, winner * to_play, number, one.value)
            samples += [sample] * (1 if copies is None else copies[k])
        if first_ply + k < len(board.moves):
            past.push(board.moves[first_ply + k])
    return samples


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
    searched: list[Searched | None]
    """What the samples were made from: of the positions from `first_ply` on; None: not learnt."""
    generation: int
    """Of the network that began it; a later one may have ended it."""
    copies: Sequence[int] | None = None
    """How many samples each of `searched` became; None: one each."""
    partner: int = 0
    """The side that the sparring partner had, BLACK or WHITE; 0: it had none."""

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "number": self.number,
            "moves": self.moves,
            "winner": self.winner,
            "is_proven": self.is_proven,
            "first_ply": self.first_ply,
            "policies": _states(self.searched),
            "generation": self.generation,
            "copies": self.copies,
            "partner": self.partner,
        }

    @classmethod
    def from_state(cls, rules: Rules, state: dict[str, Any]) -> "FinishedGame":
        """What `state` gave, also that of versions which kept no copies or no partner."""
        number, first_ply, winner = state["number"], state["first_ply"], state["winner"]
        board = Board.from_moves(rules, state["moves"])
        searched, copies = _from_states(state["policies"]), state.get("copies")
        return cls(
            number=number,
            rules=rules,
            moves=tuple(board.moves),
            winner=winner,
            is_proven=state["is_proven"],
            first_ply=first_ply,
            samples=samples_of(number, board, first_ply, searched, winner, copies),
            searched=searched,
            generation=state["generation"],
            copies=copies,
            partner=state.get("partner", 0),
        )


@dataclass
class GameInFlight:
    """A game that is being played; what a checkpoint needs to go on with it."""

    number: int
    """Unique within the run."""
    rng: np.random.Generator
    board: Board
    first_ply: int
    """Moves before this one were made at random and are not learnt."""
    searched: list[Searched | None] = field(default_factory=list)
    """Of the moves from `first_ply` on; None: not learnt."""
    generation: int = 0
    """Of the network that began it."""
    is_full: bool = True
    """Whether its next move is searched in full, and learnt; drawn anew where its search begins."""
    partner: int = 0
    """See `FinishedGame`."""

    def state(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "number": self.number,
            "rng": self.rng.bit_generator.state,
            "moves": list(self.board.moves),  # the game goes on while the state is on its way
            "first_ply": self.first_ply,
            "policies": _states(self.searched),
            "generation": self.generation,
            "partner": self.partner,
        }

    @classmethod
    def from_state(cls, rules: Rules, state: dict[str, Any]) -> "GameInFlight":
        rng = np.random.default_rng()
        rng.bit_generator.state = state["rng"]
        board = Board.from_moves(rules, state["moves"])
        searched = _from_states(state["policies"])
        generation, partner = state.get("generation", 0), state.get("partner", 0)
        return cls(state["number"], rng, board, state["first_ply"], searched, generation, partner=partner)

    def finish(self, winner: int, is_proven: bool, copies: Sequence[int] | None = None) -> FinishedGame:
        """The game, ended, with a sample of each position that is learnt from, or with so many `copies` of it."""
        return FinishedGame(
            number=self.number,
            rules=self.board.rules,
            moves=tuple(self.board.moves),
            winner=winner,
            is_proven=is_proven,
            first_ply=self.first_ply,
            samples=samples_of(self.number, self.board, self.first_ply, self.searched, winner, copies),
            searched=self.searched,
            generation=self.generation,
            copies=copies,
            partner=self.partner,
        )

    def draw_copies(self, surprise_share: float) -> list[int]:
        """How many samples each of `searched` is to become: as many in all as there are positions that are learnt
        from, spread by `SelfPlayConfig.surprise_share`. Draws a lot.

        Source: Wu 2019 and KataGo's notes on its methods (policy surprise weighting).
        """
        learnt = np.array([one is not None for one in self.searched])
        surprises = np.array([0.0 if one is None else one.surprise for one in self.searched])
        even = learnt / learnt.sum()
        by_surprise = surprises / surprises.sum() if surprises.any() else even
        wanted = learnt.sum() * ((1 - surprise_share) * even + surprise_share * by_surprise)
        reached = np.floor(np.cumsum(wanted) + self.rng.random())
        copies: list[int] = np.diff(reached, prepend=0).astype(int).tolist()
        return copies

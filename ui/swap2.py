"""The swap2 opening: one side puts three stones; the other takes a colour, or puts two more and leaves the choice.

Owns the order of its steps, and what a player does in them. Whoever chooses a colour is never worse off, in his own
opinion, than by two more stones and the other's choice; so players never put those two.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

import numpy as np

from gomoku.board import Board
from gomoku.first_moves import central_points
from gomoku.player import Decision
from gomoku.rules import BLACK, WHITE, Rules

WIDTH = 7
"""Drawn stones lie in a square of this many points a side, in the middle."""
FIRST_STONES, ALL_STONES = 3, 5


class Choice(StrEnum):
    """What may be chosen once the first stones lie there."""

    WHITE = "white"
    """White moves next."""
    BLACK = "black"
    TWO_MORE = "two more"


class Swap2:
    """Whose turn it is in an opening between a person and a player, by the stones on the board."""

    def __init__(self, does_person_propose: bool) -> None:
        """`does_person_propose`: whether the person puts the first three stones."""
        self._does_person_propose = does_person_propose
        self._has_chosen_two = False

    def is_choice(self, ply: int) -> bool:
        """Whether a choice is due, and no stone."""
        return (ply == FIRST_STONES and not self._has_chosen_two) or ply >= ALL_STONES

    def is_persons_turn(self, ply: int) -> bool:
        is_proposers = ply < FIRST_STONES or ply >= ALL_STONES
        return is_proposers == self._does_person_propose

    def choices(self, ply: int) -> tuple[Choice, ...]:
        """What may be chosen now; nothing while stones are put."""
        if not self.is_choice(ply):
            return ()
        return tuple(Choice) if ply == FIRST_STONES else (Choice.WHITE, Choice.BLACK)

    def stones_left(self, ply: int) -> int:
        """How many stones are to be put before the next choice."""
        return (FIRST_STONES if ply < FIRST_STONES else ALL_STONES) - ply

    def stones_put(self, ply: int) -> int:
        """How many of this step's stones lie there: those may still be taken back."""
        return ply if ply < FIRST_STONES else ply - FIRST_STONES

    def put_two_more(self) -> None:
        self._has_chosen_two = True


def colour_taken(choice: Choice) -> int:
    """The colour that a choice means."""
    return {Choice.WHITE: WHITE, Choice.BLACK: BLACK}[choice]


def prefers_other_side(decision: Decision) -> bool:
    """Whether who decided for the side to move would rather have the other one."""
    return decision.value is not None and decision.value < 0


def drawn_openings(rules: Rules, count: int, rng: np.random.Generator) -> Iterator[Board]:
    """Draws `count` openings of three stones near the middle."""
    points = central_points(rules.size, WIDTH)
    for _ in range(count):
        places = rng.choice(len(points), FIRST_STONES, replace=False)
        yield Board.from_moves(rules, [points[place] for place in places])


def evenest(openings: Iterable[Board], judge: Callable[[Board], Decision], is_over: Callable[[], bool]) -> Board:
    """The opening whose value is nearest to even, of those that are judged before `is_over` comes true; at least one
    is.
    """
    best, least = None, np.inf
    for board in openings:
        distance = abs(judge(board).value or 0.0)
        if best is None or distance < least:
            best, least = board, distance
        if is_over():
            break
    assert best is not None, "no openings to choose from"
    return best

"""The graded suite's positions: what one is, how it is written down, and which are there.

The file `arena/suite_positions.jsonl` beside this one holds them, one a line; `python -m arena.suite --make` makes it
again (`arena/suite_maker.py`).
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

from gomoku.board import Board
from gomoku.notation import moves_name, parse_moves
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from gomoku.symmetry import NUM_SYMMETRIES, symmetry_tables

POSITIONS_FILE = Path(__file__).with_name("suite_positions.jsonl")


class Grade(StrEnum):
    """What is asked, easiest first. Names are for win length 5: a five is a line that wins."""

    MAKE_FIVE = "1 make five"
    STOP_FOUR = "2 stop a four"
    STOP_THREE = "3 stop an open three"
    DOUBLE_THREAT = "4 double threat"
    FOURS_2 = "5 win by 2 fours"
    FOURS_3 = "6 win by 3 fours"
    FOURS_4 = "7 win by 4 fours"
    FOURS_5 = "8 win by 5 or more fours"
    FOUL = "9 forbidden points"


class Place(StrEnum):
    """Where on the board the matter lies."""

    CENTRE = "centre"
    EDGE = "edge"
    CORNER = "corner"


@dataclass(frozen=True)
class Position:
    """One task: find a move of `best`."""

    rules: str
    """As `gomoku.rules.parse_rules` reads it."""
    grade: Grade
    place: Place
    to_play: int
    """BLACK or WHITE."""
    black: tuple[int, ...]
    """Black's stones, ascending."""
    white: tuple[int, ...]
    best: tuple[int, ...]
    """All correct moves, ascending."""

    def board(self) -> Board:
        """The position, set up."""
        rules = parse_rules(self.rules)
        cells = np.zeros(rules.num_points, dtype=np.int8)
        cells[list(self.black)] = BLACK
        cells[list(self.white)] = WHITE
        return Board.from_cells(rules, cells, self.to_play)

    def turned(self, symmetry: int) -> "Position":
        """The same task under one of the eight symmetries, 0 to 7."""
        table = symmetry_tables(parse_rules(self.rules).size)[symmetry]

        def turn(points: Sequence[int]) -> tuple[int, ...]:
            return tuple(sorted(int(table[point]) for point in points))

        return replace(self, black=turn(self.black), white=turn(self.white), best=turn(self.best))

    def line(self) -> str:
        """One line of JSON, points as people write them."""
        size = parse_rules(self.rules).size
        return json.dumps(
            {
                "rules": self.rules,
                "grade": self.grade,
                "place": self.place,
                "to_play": "black" if self.to_play == BLACK else "white",
                "black": moves_name(self.black, size),
                "white": moves_name(self.white, size),
                "best": moves_name(self.best, size),
            }
        )

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Reads what `line` wrote.

        Raises:
          ValueError: a line that is not a position.
        """
        fields = json.loads(line)
        size = parse_rules(fields["rules"]).size
        black, white, best = (tuple(parse_moves(fields[name], size)) for name in ("black", "white", "best"))
        to_play = {"black": BLACK, "white": WHITE}[fields["to_play"]]
        return cls(fields["rules"], Grade(fields["grade"]), Place(fields["place"]), to_play, black, white, best)


@cache
def load_positions(path: Path = POSITIONS_FILE) -> tuple[Position, ...]:
    """The suite's positions, in the order of rules and grades.

    Raises:
      OSError: there is no such file.
      ValueError: a line that is not a position.
    """
    return tuple(Position.from_line(line) for line in path.read_text(encoding="ascii").splitlines())


def positions_for(rules: Rules, positions: Sequence[Position] | None = None) -> list[Position]:
    """The positions of one set of rules; empty where the suite has none."""
    return [one for one in positions or load_positions() if one.rules == rules.name]


def fast_subset(rules: Rules, count: int = 64, seed: int = 0) -> list[Position]:
    """At most `count` positions of these rules, as many of each grade as can be, each turned by lot.

    The same ones for the same arguments: figures of a run's checkpoints can be compared.
    """
    by_grade: dict[Grade, list[Position]] = defaultdict(list)
    for position in positions_for(rules):
        by_grade[position.grade].append(position)
    rng = np.random.default_rng(seed)
    each = max(1, count // max(len(by_grade), 1))
    chosen = []
    for grade in sorted(by_grade):
        places = rng.permutation(len(by_grade[grade]))[:each]
        chosen += [by_grade[grade][int(k)].turned(int(rng.integers(NUM_SYMMETRIES))) for k in sorted(places)]
    return chosen[:count]


def all_symmetries(positions: Sequence[Position]) -> list[Position]:
    """Every position in all eight symmetries."""
    return [position.turned(k) for position in positions for k in range(NUM_SYMMETRIES)]

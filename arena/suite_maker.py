"""Makes the graded suite: positions from this project's own games, sorted and labelled by exact solvers.

Owns which position belongs to which grade and which moves are correct. Games are played by lot, moves weighted by how
good they look at first sight, on a window at the centre, at an edge or in a corner; what every position asks is then
worked out with `arena/scripted_threats.py`, which shares no code with the tree search.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from arena.scripted_lines import (
    MAKES_FOUR,
    NO_POINT,
    WINS,
    WINS_BY_FOUR,
    Lines,
    find_class,
    may_play,
    new_lines,
    place,
    reset,
    take_back,
)
from arena.scripted_threats import forced_by_fours, is_forced
from arena.suite_positions import Grade, Place, Position
from gomoku.kernels import makes_line
from gomoku.rules import BLACK, EMPTY, WHITE, Rules, Variant
from gomoku.symmetry import NUM_SYMMETRIES

SEED = 20
SUITE_RULES = (
    Rules(6, 4),
    Rules(8, 5),
    Rules(9, 5),
    Rules(15, 5),
    Rules(15, 5, Variant.STANDARD),
    Rules(15, 5, Variant.RENJU),
)
PER_CELL = 3
"""Positions of each rules, grade, place and colour."""
MAX_GAMES = 40
"""Games for each rules and place; a small board has few deep wins."""
WINDOW = 8
"""Points a side of the part of the board that a game is played on."""
FIRST_PLY = 5
BLUR = 0.9
"""How much of a move's choice is left to the lot, as the logarithm of a factor."""
CLASS_WORTH = np.array([0, 60, 200, 120, 600, 1500, 8000])
"""What a move's class adds to its worth: games in which most threats are seen, but not all."""
QUIET_MOVES = 5
"""Own moves within which a win with a quiet move among them is looked for, the five included."""
DEEPEST = 8
"""Fours, or own moves, beyond which a win by fours is not looked for."""
MOST_CORRECT, MOST_HOLDING = 4, 8
"""A task with more correct moves than this asks too little."""
BUDGET = 20_000
"""Positions that the solver may look at for one answer."""
FOURS_GRADES = {2: Grade.FOURS_2, 3: Grade.FOURS_3, 4: Grade.FOURS_4}
DEFENCES = (Grade.STOP_FOUR, Grade.STOP_THREE)


class SolverBudgetError(Exception):
    """The solver's budget was not enough for a certain answer."""


def grade_of(lines: Lines, side: int, wanted: Collection[Grade] = tuple(Grade)) -> Grade | None:
    """What a position asks of `side`, who is to move; None where it is nothing of the kind that is wanted.

    Raises:
      SolverBudgetError: no certain answer.
    """
    other = 1 - side
    threats = lines.counts[other, WINS]
    if lines.counts[side, WINS] > 0:
        return Grade.MAKE_FIVE
    if threats > 1:
        return None
    if fours := fours_to_win(lines, side):
        if Grade.FOUL in wanted and _hangs_on_fouls(lines, side, fours):
            return Grade.FOUL
        return None if fours == 1 else FOURS_GRADES.get(fours, Grade.FOURS_5)
    if threats == 1:
        return Grade.STOP_FOUR if may_play(lines, side, find_class(lines, other, WINS)) else None
    is_threatened = find_class(lines, other, WINS_BY_FOUR) != NO_POINT
    # The search for a quiet win is the costly part.
    if Grade.DOUBLE_THREAT not in wanted and not (is_threatened and Grade.STOP_THREE in wanted):
        return None
    if _is_forced(lines, side, attacking=1, quiet=1, moves=QUIET_MOVES):
        return Grade.DOUBLE_THREAT
    return Grade.STOP_THREE if is_threatened else None


def correct_moves(lines: Lines, side: int, grade: Grade) -> tuple[int, ...]:
    """All moves that do what the grade asks, ascending.

    Of a grade that wins: after each of them `side` wins by force; after no other does it by `DEEPEST` moves that are
    fours, nor within `QUIET_MOVES` (or two more than its fewest fours) with one quiet move. Of a grade that defends:
    after each of them the other has no such win, and after any other move it has one.

    Raises:
      SolverBudgetError: no certain answer.
    """
    if grade is Grade.MAKE_FIVE:
        return tuple(int(point) for point in np.flatnonzero(lines.classes[side] == WINS))
    if grade is Grade.STOP_FOUR:
        return (int(find_class(lines, 1 - side, WINS)),)
    moves = max(QUIET_MOVES, fours_to_win(lines, side) + 2)
    best = []
    for point in _playable(lines, side):
        is_quiet = lines.classes[side, point] < MAKES_FOUR and lines.counts[1 - side, WINS] == 0
        place(lines, point, side)
        if grade is Grade.STOP_THREE:
            is_good = not _is_won(lines, 1 - side, attacking=1, quiet=1, moves=QUIET_MOVES)
        else:
            is_good = _is_won(lines, side, attacking=0, quiet=0 if is_quiet else 1, moves=moves - 1)
        take_back(lines, point, side)
        if is_good:
            best.append(point)
    return tuple(best)


def fours_to_win(lines: Lines, side: int) -> int:
    """The fewest fours, followed by a five, that win by force for `side`, who is to move; 0: there is no such win.

    Raises:
      SolverBudgetError: no certain answer.
    """
    budget = np.array([BUDGET], dtype=np.int64)
    for fours in range(1, DEEPEST + 1):
        if forced_by_fours(lines, budget, side, fours) != NO_POINT:
            return fours
        if budget[0] < 0:
            raise SolverBudgetError
    return 0


def _hangs_on_fouls(lines: Lines, side: int, fours: int) -> bool:
    """Whether the correct moves were others if Black had no fouls."""
    if not lines.rules.fouls:
        return False
    free = new_lines(lines.rules._replace(fouls=False), lines.zobrist)
    reset(free, lines.cells)
    if fours_to_win(free, side) != fours:
        return True
    return correct_moves(free, side, Grade.FOUL) != correct_moves(lines, side, Grade.FOUL)


def _is_won(lines: Lines, side: int, *, attacking: int, quiet: int, moves: int) -> bool:
    """Whether `side` wins by fours alone, or within `moves` with `quiet` quiet ones."""
    by_fours = _is_forced(lines, side, attacking=attacking, quiet=0, moves=DEEPEST)
    return by_fours or (quiet > 0 and _is_forced(lines, side, attacking=attacking, quiet=quiet, moves=moves))


def _is_forced(lines: Lines, side: int, *, attacking: int, quiet: int, moves: int) -> bool:
    budget = np.array([BUDGET], dtype=np.int64)
    result = bool(is_forced(lines, budget, side, attacking, quiet, moves))
    if budget[0] < 0:
        raise SolverBudgetError
    return result


def _playable(lines: Lines, side: int) -> Iterator[int]:
    for point in np.flatnonzero(lines.cells == EMPTY):
        if may_play(lines, side, int(point)):
            yield int(point)


def _window(size: int, where: Place, rng: np.random.Generator) -> tuple[int, int]:
    """The first row and column of the part of the board that a game is played on."""
    far = max(size - WINDOW, 0)
    middle = far // 2
    if where is Place.CENTRE:
        return middle, middle
    low = int(rng.integers(2)) * far
    if where is Place.CORNER:
        return low, int(rng.integers(2)) * far
    return (low, middle) if rng.integers(2) else (middle, low)


def _draw_move(lines: Lines, side: int, allowed: NDArray[np.bool_], rng: np.random.Generator) -> int:
    """A move by lot, good ones more likely; `NO_POINT` where there is none. `allowed` `[A]` is the window."""
    own, others = lines.classes[side], lines.classes[1 - side]
    worths = 2 * lines.scores[side] + lines.scores[1 - side] + CLASS_WORTH[own] + CLASS_WORTH[others] // 2
    worths = (worths + 1) * np.exp(BLUR * rng.standard_normal(len(worths)))
    for point in np.argsort(-np.where(allowed & (lines.cells == EMPTY), worths, -1.0)):
        if not allowed[point] or lines.cells[point] != EMPTY:
            break
        if may_play(lines, side, int(point)):
            return int(point)
    return NO_POINT


def game_positions(lines: Lines, where: Place, rng: np.random.Generator) -> Iterator[int]:
    """Plays a game by lot in `lines` and stops at every position, naming the side to move."""
    size = lines.rules.size
    row, col = _window(size, where, rng)
    allowed = np.zeros((size, size), dtype=np.bool_)
    allowed[row : row + WINDOW, col : col + WINDOW] = True
    reset(lines, np.zeros(size * size, dtype=np.int8))
    for ply in range(WINDOW * WINDOW):
        side = ply % 2
        if ply >= FIRST_PLY:
            yield side
        move = _draw_move(lines, side, allowed.reshape(-1), rng)
        if move == NO_POINT:
            return
        place(lines, move, side)
        if makes_line(lines.cells, lines.rules, move):
            return


def make_positions(rules: Rules, seed: int, max_games: int = MAX_GAMES, per_cell: int = PER_CELL) -> list[Position]:
    """Makes `per_cell` positions of each grade, place and colour, as far as `max_games` games a place have them.

    The same ones for the same arguments.
    """
    lines = new_lines(rules.compiled, np.zeros((2, rules.num_points), dtype=np.uint64))
    made: list[Position] = []
    for number, where in enumerate(Place):
        rng = np.random.default_rng((seed, number, rules.size, rules.win_length, list(Variant).index(rules.variant)))
        counts: Counter[tuple[Grade, int]] = Counter()
        for _ in range(max_games):
            taken: set[Grade] = set()
            for side in game_positions(lines, where, rng):
                # At most one of each grade and game: its next positions ask much the same.
                wanted = [grade for grade in Grade if grade not in taken and counts[grade, side] < per_cell]
                try:
                    grade = grade_of(lines, side, wanted)
                    if grade is None or grade not in wanted:
                        continue
                    best = correct_moves(lines, side, grade)
                except SolverBudgetError:
                    continue
                if 1 <= len(best) <= (MOST_HOLDING if grade in DEFENCES else MOST_CORRECT):
                    taken.add(grade)
                    counts[grade, side] += 1
                    made.append(_position(lines, side, (rules.name, grade, where), best))
    turns = np.random.default_rng(seed).integers(NUM_SYMMETRIES, size=len(made))
    turned = [one.turned(int(turn)) for one, turn in zip(made, turns, strict=True)]
    return sorted(turned, key=lambda one: (one.grade, list(Place).index(one.place), -one.to_play))


def make_suite(seed: int, progress: Callable[[str], None]) -> list[Position]:
    """Makes all positions of `SUITE_RULES`, telling `progress` about each rules in one line."""
    suite: list[Position] = []
    for rules in SUITE_RULES:
        made = make_positions(rules, seed)
        counts = Counter(one.grade for one in made)
        progress(f"{rules.name}: " + ", ".join(f"{grade}: {counts[grade]}" for grade in sorted(counts)))
        suite += made
    return suite


def _position(lines: Lines, side: int, named: tuple[str, Grade, Place], best: tuple[int, ...]) -> Position:
    black, white = (tuple(int(p) for p in np.flatnonzero(lines.cells == stone)) for stone in (BLACK, WHITE))
    return Position(*named, 1 - 2 * side, black, white, best)

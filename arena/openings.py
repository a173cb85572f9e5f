"""Openings: the positions from which a match's games start.

Owns `--openings empty|balanced|FILE`. Each opening is meant to be played with both colours.
"""

import re
from pathlib import Path

import numpy as np

from gomoku.board import Board
from gomoku.errors import IllegalMoveError, NotationError
from gomoku.notation import moves_name, parse_moves
from gomoku.rules import BLACK, Rules
from gomoku.symmetry import inverse_tables
from mcts.config import SearchConfig
from mcts.rollout import RolloutEvaluator
from mcts.search import Search
from mcts.tree import UNPROVEN

EMPTY, BALANCED = "empty", "balanced"
FEWEST_STONES, MOST_STONES = 2, 5
NEIGHBOURHOOD = 5
"""Stones of an opening lie within a square of this many points a side, in the middle of the board."""
CANDIDATES_PER_OPENING = 2
SIMULATIONS = 3000
"""Of the pure MCTS that judges a candidate: enough to see short forced wins, 0.1 s at most."""
PATIENCE = 300
"""Draws in a row without a new candidate after which there are taken to be no more."""


def choose_openings(name: str, rules: Rules, count: int, seed: int) -> list[Board]:
    """The openings of a match.

    Args:
      name: `empty`, `balanced`, or a file of openings, which begins again from its top where it is too short.
      count: how many (≥ 1).
      seed: of the balanced ones (≥ 0).

    Raises:
      ValueError: too few balanced openings on this board, no such file, or a line in it that is no opening.
      OSError: a file that cannot be read.
    """
    if name == EMPTY:
        return [Board(rules) for _ in range(count)]
    if name == BALANCED:
        return balanced_openings(rules, count, seed)
    path = Path(name)
    if not path.is_file():
        raise ValueError(f"openings {name!r} are not {EMPTY}, {BALANCED} or a file")
    boards = read_openings(path, rules)
    return [boards[index % len(boards)] for index in range(count)]


def balanced_openings(rules: Rules, count: int, seed: int) -> list[Board]:
    """Random short openings that neither side has clearly won, no two alike up to symmetry.

    Twice as many as are wanted are drawn; those that a search by random rollouts proves decided are dropped, and of
    the rest the evenest are kept, in the order of the draw.

    Raises:
      ValueError: the board has too few.
    """
    rng = np.random.default_rng(seed)
    judge = _Judge(rules)
    seen: set[bytes] = set()
    candidates: list[tuple[float, Board]] = []
    misses = 0
    while len(candidates) < count * CANDIDATES_PER_OPENING and misses < PATIENCE:
        misses += 1
        board = _draw(rules, rng)
        if (key := canonical_key(board)) in seen:
            continue
        seen.add(key)
        value = judge.value(board, int(rng.integers(2**32)))
        if value is not None:
            candidates.append((abs(value), board))
            misses = 0
    if len(candidates) < count:
        raise ValueError(
            f"{rules.name} has only {len(candidates)} balanced openings, {count} are wanted: "
            f"play at most {2 * len(candidates)} games, or from the {EMPTY} board"
        )
    limit = sorted(unevenness for unevenness, _ in candidates)[count - 1]
    return [board for unevenness, board in candidates if unevenness <= limit][:count]


def canonical_key(board: Board) -> bytes:
    """Equal for positions that are equal up to the eight symmetries."""
    turned: list[bytes] = [board.cells[table].tobytes() for table in inverse_tables(board.size)]
    return min(turned) + (b"x" if board.to_play == BLACK else b"o")


def read_openings(path: Path, rules: Rules) -> list[Board]:
    """Reads a file of openings, one a line: `h8i9g7`, or offsets from the centre as Gomocup has them,
    `8,-3, 6,-4, 5,-4` (column, row; Black first). Empty lines are skipped.

    Raises:
      ValueError: with file, line and what is allowed.
      OSError: the file cannot be read.
    """
    boards = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if line.strip():
            try:
                boards.append(parse_opening(line, rules))
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from None
    if not boards:
        raise ValueError(f"{path} holds no openings; write one a line, like h8i9g7 or 0,0, 1,-1, -1,1")
    return boards


def parse_opening(text: str, rules: Rules) -> Board:
    """Reads one opening in either form.

    Raises:
      ValueError: with the text and what is allowed.
    """
    try:
        board = Board.from_moves(rules, _parse_either(text, rules.size))
    except (NotationError, IllegalMoveError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{text.strip()[:60]!r} is no opening on {rules.name}: {reason}; "
            "write points like h8i9g7, or offsets from the centre like 0,0, 1,-1, -1,1"
        ) from None
    if board.outcome is not None:
        raise ValueError(f"{text.strip()[:60]!r} is no opening on {rules.name}: the game is over after it")
    return board


def opening_name(board: Board) -> str:
    """The moves of an opening that was played, or `empty`."""
    return moves_name(board.moves, board.size) or EMPTY


class _Judge:
    """Pure MCTS with proofs."""

    def __init__(self, rules: Rules) -> None:
        config = SearchConfig(fpu_reduction=None)
        self._search = Search(rules, RolloutEvaluator(), config, num_slots=1, max_nodes=SIMULATIONS + 2)

    def value(self, board: Board, seed: int) -> float | None:
        """What the most visited move is worth, in [-1, 1] for the side to move; None where the result is proven."""
        slot = self._search.add(board, SIMULATIONS, seed)
        self._search.run()
        result = self._search.result(slot)
        self._search.remove(slot)
        return float(result.q_values[result.visit_counts.argmax()]) if result.proof == UNPROVEN else None


def _draw(rules: Rules, rng: np.random.Generator) -> Board:
    """A few stones in turn, anywhere in the middle; too few for a line."""
    width = min(rules.size, NEIGHBOURHOOD)
    corner = (rules.size - width) // 2
    num_stones = int(rng.integers(FEWEST_STONES, min(MOST_STONES, 2 * rules.win_length - 2), endpoint=True))
    places = rng.permutation(width * width)[:num_stones]
    return Board.from_moves(
        rules, [(corner + int(p) // width) * rules.size + corner + int(p) % width for p in places]
    )


def _parse_either(text: str, size: int) -> list[int]:
    if re.search(r"[^-+\d\s,]", text):
        return parse_moves(text, size)
    numbers = [int(number) for number in re.findall(r"[-+]?\d{1,4}", text)]
    if not re.fullmatch(r"\s*[-+]?\d{1,4}(?:\s*[,\s]\s*[-+]?\d{1,4})*\s*,?\s*", text) or len(numbers) % 2:
        raise NotationError("offsets come in pairs of column and row")
    moves = []
    for d_col, d_row in zip(numbers[::2], numbers[1::2], strict=True):
        col, row = size // 2 + d_col, size // 2 + d_row
        if not (0 <= col < size and 0 <= row < size):
            raise NotationError(f"{d_col},{d_row} from the centre is outside the board")
        moves.append(row * size + col)
    return moves

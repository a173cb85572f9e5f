"""Positions that a manager hands over: the lines between BOARD and DONE, and the board they make.

Owns the tolerance for their order and for stones without a history. Says nothing and knows no clock.
"""

import re

import numpy as np

from gomoku.board import Board
from gomoku.errors import IllegalMoveError
from gomoku.notation import NOBODY, OPPONENT, OWN, gomocup_name
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE, Rules, Variant

Stones = list[tuple[int, int]]
"""Moves with OWN, OPPONENT or NOBODY, in the order of the lines."""


class Block:
    """Lines on their way: everything behind BOARD, SWAP2BOARD or YXBOARD, up to DONE."""

    COMMANDS = ("BOARD", "YXBOARD", "SWAP2BOARD")

    def __init__(self, command: str, most_tokens: int) -> None:
        """`most_tokens`: there is no board with more stones; what comes after so many is only counted as wrong."""
        self.command = command
        self._tokens: list[str] = []
        self._most = most_tokens

    def take(self, words: list[str]) -> bool:
        """Takes the words of one line; returns whether DONE was among them."""
        for word in words:
            if word.upper() == "DONE":
                return True
            if len(self._tokens) <= self._most:
                self._tokens.append(word)
        return False

    def tokens(self) -> list[str]:
        """What stood before DONE.

        Raises:
          ValueError: more stones than points.
        """
        if len(self._tokens) > self._most:
            raise ValueError(f"{self.command} has more stones than the board has points, {self._most}")
        return self._tokens


def parse_stones(tokens: list[str], size: int, with_owner: bool) -> Stones:
    """Reads `7,7,1` (`with_owner`) or `7,7` (then all are OWN).

    Raises:
      ValueError: with what is no stone of this board, or comes twice.
    """
    form = "([0-9]{1,4}),([0-9]{1,4})" + (",([123])" if with_owner else "")
    stones: Stones = []
    seen: set[int] = set()
    for token in tokens:
        match = re.fullmatch(form, token)
        if match is None or int(match[1]) >= size or int(match[2]) >= size:
            example = "x,y,1 (own), x,y,2 (opponent) or x,y,3 (blocked)" if with_owner else "x,y"
            raise ValueError(f"{token[:20]!r} is not {example} with x and y from 0 to {size - 1}")
        move = int(match[2]) * size + int(match[1])
        if move in seen:
            raise ValueError(f"{gomocup_name(move, size)} comes twice")
        seen.add(move)
        stones.append((move, int(match[3]) if with_owner else OWN))
    return stones


def play(board: Board, move: int) -> None:
    """Plays a move that a manager sends.

    Raises:
      ValueError: an illegal one, by the name that the manager has for it; the position is unchanged.
    """
    if not board.is_legal(move):
        raise ValueError(f"{gomocup_name(move, board.size)} {board.why_illegal(move)}")
    board.push(move)


def set_up(rules: Rules, stones: Stones) -> Board:
    """The position, with the side whose stones are OWN to move.

    Stones that come in the order of a game make a board with a history, any others one without.

    Raises:
      ValueError: both colours have a winning line.
    """
    counts = {owner: sum(1 for _, whose in stones if whose == owner) for owner in (OWN, OPPONENT)}
    own = WHITE if counts[OPPONENT] > counts[OWN] else BLACK
    if rules.variant is Variant.RENJU:  # the manager marks Black's fouls, which are free to White and known to us
        stones = [(move, whose) for move, whose in stones if whose != NOBODY]
    colours = {OWN: own, OPPONENT: -own, NOBODY: BLOCKED}
    played = _as_played(rules, [(move, colours[whose]) for move, whose in stones])
    if played is not None and played.to_play == own:
        return played
    cells = np.full(rules.num_points, EMPTY, dtype=np.int8)
    for move, whose in stones:
        cells[move] = colours[whose]
    return Board.from_cells(rules, cells, own)


def changed_rules(board: Board, rules: Rules) -> Board:
    """The same stones under other rules of the same size; the empty board where they do not allow them."""
    played = _as_played(rules, [(move, int(board.cells[move])) for move in board.moves])
    if played is not None and (played.cells == board.cells).all():
        return played
    try:
        return Board.from_cells(rules, board.cells, board.to_play)
    except ValueError:
        return Board(rules)


def taken_back(board: Board, move: int) -> Board:
    """The position without its last stone; without any of its stones where it has no history.

    Raises:
      ValueError: another stone than the last, or none at all.
    """
    name = gomocup_name(move, board.size)
    if board.last_move == move:
        before = board.copy()
        before.pop()
        return before
    if board.moves:
        raise ValueError(f"{name} is not the last move, {gomocup_name(board.moves[-1], board.size)}")
    colour = int(board.cells[move])
    if colour not in (BLACK, WHITE):
        raise ValueError(f"there is no stone at {name}")
    cells = board.cells.copy()
    cells[move] = EMPTY
    return Board.from_cells(board.rules, cells, colour)


def _as_played(rules: Rules, stones: list[tuple[int, int]]) -> Board | None:
    """The board on which these stones were played one after the other, where that is a legal game."""
    board = Board(rules)
    for move, colour in stones:
        if colour != board.to_play:
            return None
        try:
            board.push(move)
        except IllegalMoveError:
            return None
    return board

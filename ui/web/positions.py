"""Positions as they come from the page and go back to it: points by name, never by number."""

from typing import Any

import numpy as np

from gomoku.board import COLOUR_NAMES, Board, Outcome
from gomoku.errors import IllegalMoveError, NotationError
from gomoku.notation import SYMBOLS, moves_name, parse_drawing, parse_moves, point_name
from gomoku.player import Candidate, Decision
from gomoku.rules import BLACK, EMPTY, WHITE, parse_rules

COLOURS = {"b": BLACK, "w": WHITE}


def read_board(rules_name: str, start: str, moves: str) -> Board:
    """Sets up what a page shows.

    Args:
      rules_name: as `parse_rules` reads it.
      start: empty for the empty board, else rows of `X O . #` with `/` between them, then `-b` or `-w`, the side to
        move: `.X./.O./...-b`.
      moves: played from there, such as `h8i9g7`.

    Raises:
      ValueError: in one line, what is wrong and what is allowed.
    """
    rules = parse_rules(rules_name)
    board = Board(rules)
    if start:
        rows, _, colour = start.rpartition("-")
        if colour not in COLOURS:
            raise NotationError(f"start {start[:40]!r} does not end in -b or -w")
        cells = parse_drawing(rows.split("/"))
        if not np.any(cells == EMPTY):
            raise NotationError("the start position has no empty point")
        board = Board.from_cells(rules, cells, COLOURS[colour])
    for number, move in enumerate(parse_moves(moves, rules.size), 1):
        try:
            board.push(move)
        except IllegalMoveError as error:
            raise IllegalMoveError(f"move {number}: {first_line(error)}") from None
    return board


def start_text(cells: tuple[int, ...], to_play: int, size: int) -> str:
    """Writes a set-up position as `read_board` takes it."""
    symbols = "".join(SYMBOLS[cell] for cell in cells)
    rows = "/".join(symbols[at : at + size] for at in range(0, size * size, size))
    return f"{rows}-{'b' if to_play == BLACK else 'w'}"


def board_facts(board: Board) -> dict[str, Any]:
    """What the page has to know about a position and cannot tell by itself."""
    size = board.size
    forbidden = {}
    if board.outcome is None and board.rules.compiled.fouls and board.to_play == BLACK:
        for move in np.flatnonzero((board.cells == EMPTY) & ~board.legal_mask()):
            forbidden[point_name(int(move), size)] = board.foul_at(int(move))
    return {
        "rules": board.rules.name,
        "to_play": colour_name(board.to_play),
        "outcome": None if board.outcome is None else _outcome_facts(board.outcome),
        "line": [point_name(move, size) for move in board.winning_line()],
        "forbidden": forbidden,
    }


def decision_facts(decision: Decision, size: int) -> dict[str, Any]:
    """A player's answer. Values are in [-1, 1] for the side to move."""
    return {
        "move": point_name(decision.move, size),
        "value": decision.value,
        "proof": decision.proof,
        "simulations": decision.simulations,
        "reused": decision.reused,
        "seconds": round(decision.seconds, 3),
        "candidates": [_candidate_facts(candidate, size) for candidate in decision.candidates],
    }


def colour_name(colour: int) -> str:
    return COLOUR_NAMES[colour].lower()


def first_line(error: ValueError) -> str:
    """The complaint without the drawing of the position below it."""
    return str(error).partition("\n")[0]


def _outcome_facts(outcome: Outcome) -> dict[str, Any]:
    winner = colour_name(outcome.winner) if outcome.winner else None
    return {"winner": winner, "result": outcome.result, "reason": outcome.reason}


def _candidate_facts(candidate: Candidate, size: int) -> dict[str, Any]:
    return {
        "move": point_name(candidate.move, size),
        "visits": candidate.visits,
        "value": round(candidate.value, 5),
        "prior": round(candidate.prior, 5),
        "line": moves_name(candidate.line, size),
        "proof": candidate.proof,
    }

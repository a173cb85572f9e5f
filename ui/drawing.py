"""Texts for people: a board, and what a player thinks of it. Plain characters, readable without colours."""

from collections.abc import Callable

import numpy as np

from gomoku.board import COLOUR_NAMES, Board, Outcome
from gomoku.notation import SYMBOLS, column_name, moves_name, point_name
from gomoku.player import Decision, Proof
from gomoku.records import GameRecord
from gomoku.rules import BLACK, WHITE

FORBIDDEN = "!"
_LINE_SHOWN = 6
"""Moves of an expected line that are shown."""


def board_drawing(board: Board) -> str:
    """Draws a board with coordinates on both sides, the last move in brackets, forbidden points marked."""
    size, last = board.size, board.last_move
    marks = [SYMBOLS[int(cell)] for cell in board.cells]
    forbidden = forbidden_points(board)
    for move in forbidden:
        marks[move] = FORBIDDEN
    letters = "    " + " ".join(column_name(col) for col in range(size))
    lines = [letters]
    for row in range(size):
        text = ""
        for col in range(size + 1):
            move = row * size + col
            after_last = col > 0 and move - 1 == last
            before = "(" if move == last and col < size else ")" if after_last else " "
            text += before + (marks[move] if col < size else "")
        lines.append(f"{size - row:2d} {text}{size - row}")
    lines.append(letters)
    if forbidden:
        lines.append(f"{FORBIDDEN} = forbidden to Black")
    return "\n".join(lines)


def forbidden_points(board: Board) -> list[int]:
    """Empty points that are fouls for the side to move; none once the game is over."""
    if board.outcome is not None or board.to_play != BLACK or not board.rules.compiled.fouls:
        return []
    return [int(move) for move in np.flatnonzero((board.cells == 0) & ~board.legal_mask())]


def side_name(colour: int) -> str:
    """`Black (X)` or `White (O)`."""
    return f"{COLOUR_NAMES[colour]} ({SYMBOLS[colour]})"


def outcome_text(outcome: Outcome, board: Board, name: Callable[[int], str] = side_name) -> str:
    """`White (O) wins: line d3 d4 d5 d6 (0-1)`; `name` says what a side is called."""
    reason = outcome.reason
    if outcome is board.outcome and reason == "line":
        reason = "line " + " ".join(point_name(move, board.size) for move in board.winning_line())
    won = "a draw" if outcome.winner == 0 else f"{name(outcome.winner)} wins"
    return f"{won}: {reason} ({outcome.result})"


def estimate_text(decision: Decision, board: Board, colour: int) -> str:
    """What a player thinks, for the side `colour` it decided for; empty where it has no opinion.

    For example `63 % for White, 400 simulations, 0.8 s, expects d3 c4 d4`.
    """
    parts = []
    if decision.proof is not None:
        parts.append(proof_text(decision.proof, colour))
    elif decision.value is not None:
        parts.append(f"{50 * (decision.value + 1):.0f} % for {COLOUR_NAMES[colour]}")
    if decision.simulations or decision.reused:
        reused = f" ({decision.reused} reused)" if decision.reused else ""
        parts.append(f"{decision.simulations} simulations{reused}")
    if parts:
        parts.append(f"{decision.seconds:.1f} s")
    line = next((one.line for one in decision.candidates if one.move == decision.move), ())
    if len(line) > 1:
        parts.append("expects " + " ".join(point_name(move, board.size) for move in line[:_LINE_SHOWN]))
    return ", ".join(parts)


def proof_text(proof: Proof, colour: int) -> str:
    """`a proven win for Black`, where `colour` is the side that the proof is about."""
    if proof is Proof.DRAW:
        return "a proven draw"
    winner = colour if proof is Proof.WIN else -colour
    return f"a proven win for {COLOUR_NAMES[winner]}"


def moves_text(board: Board) -> str:
    """Lists the moves, two a line, as in `1. h8 g7`; the first one is White's where White began."""
    names = [point_name(move, board.size) for move in board.moves]
    first = board.to_play if len(names) % 2 == 0 else -board.to_play
    if first == WHITE:
        names.insert(0, "...")
    pairs = [" ".join(names[at : at + 2]) for at in range(0, len(names), 2)]
    return "\n".join(f"{number:3d}. {pair}" for number, pair in enumerate(pairs, 1))


def farewell(record: GameRecord, is_saved: bool) -> str:
    """What is said to somebody who leaves: how to go on with a game that was not saved."""
    lines = ["Goodbye."]
    if not is_saved and record.moves:
        rules = record.rules
        moves = moves_name(record.moves, rules.size)
        if record.start is None:
            lines.insert(0, f"To go on from there, start with --rules {rules.name} --moves {moves}")
        lines.insert(0, f"The game was not saved. Its moves: {moves}")
    return "\n".join(lines)

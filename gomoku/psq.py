"""Game records as PSQ, the files of Piskvork and of the Gomocup tournaments.

A first line `Piskvorky 15x15, 11:11, 0`, then one move a line, `x,y,ms`, counted from 1, top-left; then the players'
names and a code for how the game ended. The format knows neither rules nor positions that were set up.

Source: the program Piskvork, `savePsq` and `openPsq`.
"""

import re

from gomoku.errors import RecordError
from gomoku.records import GameRecord, RecordedMove, checked
from gomoku.rules import USUAL_WIN_LENGTH, Rules, Variant

NORMAL_END = -1
"""What Gomocup's files say of a game that was neither lost on time nor by a fault."""
UNNAMED = ("homo-1", "homo-2")
"""What Piskvork calls people."""
_HEADER = re.compile(
    r"\s*Piskvorky?\s+([0-9]{1,3})\s*x\s*([0-9]{1,3})(?:[^,\n]*(?:,[^,\n]*(?:,\s*([01])\b)?)?)?", re.IGNORECASE
)
_MOVE = re.compile(r"\s*([0-9]{1,3})\s*[,;]\s*([0-9]{1,3})\s*(?:[,;]\s*-?[0-9.]{0,12}\s*)?")
_CODE = re.compile(r"\s*-?[0-9]{1,9}\s*(?:,.*)?")


def psq_text(record: GameRecord) -> str:
    """Writes a record as PSQ; comments and estimates have no place there, times are written as 0.

    Raises:
      RecordError: a game that PSQ cannot hold (set up, or not five in a row), a name that would read like a move, or
        as `GameRecord.replay`.
    """
    record.replay()
    if record.start is not None or record.rules.win_length != USUAL_WIN_LENGTH:
        raise RecordError(
            f"PSQ holds games of five in a row from the empty board, not {record.rules.name}"
            + (" from a position that was set up" if record.start is not None else "")
        )
    size = record.rules.size
    lines = [f"Piskvorky {size}x{size}, 0:0, 0"]
    lines += [f"{move % size + 1},{move // size + 1},0" for move in record.moves]
    lines += [_name(name, unnamed) for name, unnamed in zip((record.black, record.white), UNNAMED, strict=True)]
    return "\n".join([*lines, str(NORMAL_END)]) + "\n"


def unsaid_rules(rules: Rules) -> str:
    """What has to be told of a game in PSQ, in one sentence; empty where readers take it for what it is."""
    is_usual = rules.variant is Variant.FREESTYLE
    return "" if is_usual else f"PSQ keeps no rules; load it with --rules {rules.name}"


def taken_for(rules: Rules) -> str:
    """What has to be told of a PSQ file that was opened, to go on after the file's name."""
    return f"as {rules.name}: PSQ keeps no rules"


def parse_psq(text: str, variant: Variant | None = None) -> GameRecord:
    """Reads a game.

    Args:
      variant: the rules, which PSQ does not tell. None: freestyle, or where moves come after an overline, standard.

    Raises:
      RecordError: with the line or the move's number, and what is wrong.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    header = _HEADER.match(lines[0]) if lines else None
    if header is None:
        raise RecordError("line 1: not PSQ: it does not begin like 'Piskvorky 15x15, 11:11, 0'")
    if int(header[1]) != int(header[2]):
        raise RecordError(f"line 1: the board {header[1]}x{header[2]} is not square")
    line, ending = _split(lines[1:], int(header[1]))
    names = ["" if name in UNNAMED else name for name in [*ending, "", ""][:2]]
    if header[3] == "1":  # the second player began
        names.reverse()
    try:
        games = [
            GameRecord(rules=Rules(int(header[1]), variant=kind), line=line, black=names[0], white=names[1])
            for kind in ([Variant.FREESTYLE, Variant.STANDARD] if variant is None else [variant])
        ]
    except ValueError as error:
        raise RecordError(f"line 1: {error}") from None
    return _first_legal(games)


def _first_legal(games: list[GameRecord]) -> GameRecord:
    try:
        return checked(games[0])
    except RecordError:
        for game in games[1:]:
            try:
                return checked(game)
            except RecordError:
                continue
        raise


def _split(lines: list[str], size: int) -> tuple[tuple[RecordedMove, ...], list[str]]:
    """The moves, and the names behind them."""
    moves: list[RecordedMove] = []
    for number, line in enumerate(lines, 1):
        match = _MOVE.fullmatch(line)
        if match is None:
            break
        col, row = int(match[1]) - 1, int(match[2]) - 1
        if not (0 <= col < size and 0 <= row < size):
            raise RecordError(f"move {number}: {line.strip()[:20]!r} is not between 1,1 and {size},{size}")
        if len(moves) == size * size:
            raise RecordError(f"move {number}: more moves than the board has points")
        moves.append(RecordedMove(row * size + col))
    ending = []
    for line in lines[len(moves) :]:
        if _CODE.fullmatch(line):
            break
        ending.append(line.strip())
    return tuple(moves), ending[:2]


def _name(name: str, unnamed: str) -> str:
    shown = " ".join(name.split()) or unnamed
    if _MOVE.fullmatch(shown) or _CODE.fullmatch(shown):
        raise RecordError(f"{name!r} cannot be a player's name in PSQ: it reads like a move or an end")
    return shown

"""Game records as SGF, the format of most boards and viewers.

Owns writing and reading of one game's main line; variations are skipped. Generous in what it reads: files of
Go editors, old long property names, missing fields. How the text itself is built is `gomoku/sgf_syntax.py`.

Source: SGF FF[4], https://www.red-bean.com/sgf/; game number 4 is "Gomoku+Renju".
"""

import re

import numpy as np

from gomoku.errors import RecordError
from gomoku.records import (
    FORFEIT,
    RESIGNATION,
    TIME,
    UNKNOWN,
    GameRecord,
    RecordedMove,
    Start,
    checked,
    is_value,
)
from gomoku.rules import (
    BLACK,
    BLOCKED,
    EMPTY,
    FULL_SIZE,
    USUAL_WIN_LENGTH,
    WHITE,
    Rules,
    Variant,
    parse_rules,
)
from gomoku.sgf_syntax import Node, escaped, main_line, short

APPLICATION = "gomoku-zero"
_BLOCKED = "BLOCKED"
"""A private property: SGF has none for points that nobody may take."""
_REASON = "REASON"
"""A private property: why the game ended, where neither the board nor `RE` says it."""
_SET_UP = {"AB": BLACK, "AW": WHITE, "AE": EMPTY, _BLOCKED: BLOCKED}
_COLOURS = {"B": BLACK, "W": WHITE}

_LETTERS = {RESIGNATION: "R", TIME: "T", FORFEIT: "F"}
_REASONS = {letter: reason for reason, letter in _LETTERS.items()}
_VARIANTS = {
    "freestyle": Variant.FREESTYLE,
    "free": Variant.FREESTYLE,
    "gomoku": Variant.FREESTYLE,
    "0": Variant.FREESTYLE,
    "standard": Variant.STANDARD,
    "1": Variant.STANDARD,
    "renju": Variant.RENJU,
    "rif": Variant.RENJU,
    "4": Variant.RENJU,
}
"""What the `RU` of other programs may say; the numbers are Gomocup's."""


def sgf_text(record: GameRecord) -> str:
    """Writes a record as SGF: the game's facts on the first line, then ten moves a line.

    Raises:
      RecordError: see `GameRecord.replay`.
    """
    rules = record.rules
    usual = rules.win_length == USUAL_WIN_LENGTH
    properties = [("FF", "4"), ("GM", "4"), ("CA", "UTF-8"), ("AP", APPLICATION), ("SZ", str(rules.size))]
    properties.append(("RU", str(rules.variant) if usual else rules.name))
    properties += [("PB", record.black), ("PW", record.white), ("DT", record.date)]
    if record.result != UNKNOWN:
        properties.append(("RE", _result_name(record)))
    if not _is_reason_shown(record):
        properties.append((_REASON, record.reason))
    properties.append(("C", record.comment))
    root = "".join(f"{name}[{escaped(value)}]" for name, value in properties if value)
    if record.start is not None:
        root += _set_up_text(record.start, rules.size)

    colour = BLACK if record.start is None else record.start.to_play
    text = f"(;{root}"
    for ply, played in enumerate(record.line):
        text += ("\n" if ply % 10 == 0 else "") + _move_text(played, colour, rules.size)
        colour = -colour
    return text + ")\n"


def parse_sgf(text: str) -> GameRecord:
    """Reads the main line of the only game in `text`.

    Without `SZ` the board is 15x15, without `RU` the rules are freestyle.

    Raises:
      RecordError: with the line of the text or the move's number, and what is wrong.
    """
    nodes = main_line(text)
    root = nodes[0]
    if root.first("GM", "4").strip() not in ("1", "4"):
        raise RecordError(f"line {root.line}: GM[{root.first('GM')}] is not Gomoku (GM[4])")
    rules = _parse_rules(root)
    start_nodes = 1
    while start_nodes < len(nodes) and _is_set_up(nodes[start_nodes]):
        start_nodes += 1
    movers = [_colour(node) for node in nodes if _colour(node) is not None]
    start = _parse_start(nodes[:start_nodes], rules, movers[0] if movers else None)
    result, reason = _parse_result(root.first("RE"))
    line = _parse_line(nodes, start_nodes, start, rules.size)
    return checked(
        GameRecord(
            rules=rules,
            line=line,
            start=start,
            result=result,
            reason=root.first(_REASON) or reason,
            black=root.first("PB"),
            white=root.first("PW"),
            date=root.first("DT"),
            comment="" if _colour(root) is not None else root.first("C") or root.first("GC"),
        )
    )


def _colour(node: Node) -> int | None:
    """Whose move the node holds, if any."""
    return next((colour for name, colour in _COLOURS.items() if node.has_any([name])), None)


def _is_set_up(node: Node) -> bool:
    return _colour(node) is None and node.has_any([*_SET_UP, "PL"])


def _parse_rules(root: Node) -> Rules:
    size = _parse_size(root)
    named = root.first("RU", Variant.FREESTYLE).strip().lower()
    try:
        variant = _VARIANTS.get(named)
        rules = parse_rules(named) if variant is None else Rules(size, USUAL_WIN_LENGTH, variant)
    except ValueError as error:
        known = ", ".join(_VARIANTS)
        raise RecordError(f"line {root.line}: {error} (RU may also be one of {known})") from None
    if rules.size != size:
        raise RecordError(f"line {root.line}: RU[{named}] contradicts SZ[{size}]")
    return rules


def _parse_size(root: Node) -> int:
    text = root.first("SZ", str(FULL_SIZE))
    match = re.fullmatch(r"\s*([0-9]{1,3})\s*(?::\s*([0-9]{1,3})\s*)?", text)
    if match is None or int(match[2] or match[1]) != int(match[1]):
        raise RecordError(f"line {root.line}: SZ[{short(text)}] is not the size of a square board, such as SZ[15]")
    return int(match[1])


def _parse_start(nodes: list[Node], rules: Rules, first_mover: int | None) -> Start | None:
    cells = [EMPTY] * rules.num_points
    to_play = first_mover
    for node in nodes:
        for name, content in _SET_UP.items():
            for value in node.properties.get(name, []):
                for move in _parse_points(value, rules.size, node.line):
                    cells[move] = content
        named = node.first("PL").strip().upper()[:1]
        if named:
            to_play = {"B": BLACK, "1": BLACK, "W": WHITE, "2": WHITE}.get(named, to_play)
    if to_play is None:
        to_play = BLACK if cells.count(BLACK) <= cells.count(WHITE) else WHITE
    return None if not any(cells) and to_play == BLACK else Start(tuple(cells), to_play)


def _parse_line(nodes: list[Node], start_nodes: int, start: Start | None, size: int) -> tuple[RecordedMove, ...]:
    line: list[RecordedMove] = []
    expected = BLACK if start is None else start.to_play
    for index, node in enumerate(nodes):
        colour = _colour(node)
        if colour is None:
            if _is_set_up(node) and index >= start_nodes:
                raise RecordError(f"line {node.line}: stones are set up after the game's start")
            continue
        number = len(line) + 1
        values = node.properties["B" if colour == BLACK else "W"]
        if colour != expected or len(values) != 1 or (colour == BLACK and node.has_any("W")):
            names = {BLACK: "Black", WHITE: "White"}
            raise RecordError(f"line {node.line}: move {number} has to be one move of {names[expected]}")
        points = _parse_points(values[0], size, node.line, f"move {number}: ")
        if len(points) != 1:
            raise RecordError(f"line {node.line}: move {number}: {short(values[0])!r} is not one point")
        line.append(RecordedMove(points[0], node.first("C"), _parse_value(node, colour)))
        expected = -colour
    return tuple(line)


def _parse_points(value: str, size: int, line: int, where: str = "") -> list[int]:
    """Reads `hh`, or the rectangle `aa:cc`."""
    match = re.fullmatch(r"\s*([a-z])([a-z])(?:\s*:\s*([a-z])([a-z]))?\s*", value)
    if match is not None:
        left, top = ord(match[1]) - ord("a"), ord(match[2]) - ord("a")
        right, bottom = (left, top) if match[3] is None else (ord(match[3]) - ord("a"), ord(match[4]) - ord("a"))
        if left <= right < size and top <= bottom < size:
            return [row * size + col for row in range(top, bottom + 1) for col in range(left, right + 1)]
    last = chr(ord("a") + size - 1)
    raise RecordError(f"line {line}: {where}{short(value)!r} is not a point between aa and {last}{last}")


def _parse_value(node: Node, colour: int) -> float | None:
    """Reads `V`, which SGF counts as good for Black."""
    if "V" not in node.properties:
        return None
    try:
        value = colour * float(node.first("V"))
    except ValueError:
        value = float("nan")
    # Other programs put scores in points here; those say nothing in our scale.
    return value if is_value(value) else None


def _parse_result(text: str) -> tuple[str, str]:
    """Reads `RE` into a result and a reason; what is not understood is a result that is not known."""
    text = text.strip()
    won = re.fullmatch(r"(b|black|w|white)\s*\+\s*(.*)", text, re.IGNORECASE | re.DOTALL)
    if won is not None:
        result = "1-0" if won[1][0] in "bB" else "0-1"
        return result, _REASONS.get(won[2][:1].upper(), "")
    return ("1/2-1/2" if text.lower() in ("draw", "0", "jigo") else UNKNOWN), ""


def _result_name(record: GameRecord) -> str:
    won = {"1-0": "B+", "0-1": "W+"}.get(record.result)
    return "Draw" if won is None else won + _LETTERS.get(record.reason, "")


def _is_reason_shown(record: GameRecord) -> bool:
    """Whether a reader finds the reason in `RE` or on the board."""
    outcome = record.replay().outcome
    if outcome is not None:
        return record.reason == outcome.reason
    return record.reason in _LETTERS and record.result in ("1-0", "0-1")


def _set_up_text(start: Start, size: int) -> str:
    text = ""
    for name, content in _SET_UP.items():
        points = [move for move, cell in enumerate(start.cells) if cell == content]
        if points and content != EMPTY:
            text += name + "".join(f"[{_point(move, size)}]" for move in points)
    return text + ("PL[B]" if start.to_play == BLACK else "PL[W]")


def _move_text(played: RecordedMove, colour: int, size: int) -> str:
    text = f";{'B' if colour == BLACK else 'W'}[{_point(played.move, size)}]"
    if played.value is not None:
        text += f"V[{np.format_float_positional(colour * played.value)}]"
    return text + (f"C[{escaped(played.comment)}]" if played.comment else "")


def _point(move: int, size: int) -> str:
    row, col = divmod(move, size)
    return chr(ord("a") + col) + chr(ord("a") + row)

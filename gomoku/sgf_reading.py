"""From SGF's nodes to a game: which property means what.

Owns the generosity towards other programs: files of Go editors, old long property names, missing fields.

Source: SGF FF[4], https://www.red-bean.com/sgf/; game number 4 is "Gomoku+Renju".
"""

import re
from dataclasses import replace

from gomoku.errors import RecordError
from gomoku.game_tree import START, GameTree, TreeMove, checked_tree
from gomoku.records import FORFEIT, RESIGNATION, TIME, UNKNOWN, GameRecord, RecordedMove, Start, is_value
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
from gomoku.sgf_syntax import Node, short

BLOCKED_POINTS = "BLOCKED"
"""A private property: SGF has none for points that nobody may take."""
REASON = "REASON"
"""A private property: why the game ended, where neither the board nor `RE` says it."""
SET_UP = {"AB": BLACK, "AW": WHITE, "AE": EMPTY, BLOCKED_POINTS: BLOCKED}
GO = "1"
"""The game of editors for Go, in which Gomoku is recorded as well."""
MOST_SET_UPS = 4
"""Times that a point may be set up, by itself or in a rectangle, before a file is refused."""
LETTERS = {RESIGNATION: "R", TIME: "T", FORFEIT: "F"}
"""Reasons as `RE` has them."""
_COLOURS = {"B": BLACK, "W": WHITE}

_REASONS = {letter: reason for reason, letter in LETTERS.items()}
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


def read_game(nodes: list[Node]) -> GameTree:
    """The game that the nodes tell, checked.

    Raises:
      RecordError: with the line of the text or the move's number, and what is wrong.
    """
    root = nodes[0]
    if root.first("GM", "4").strip() not in (GO, "4"):
        raise RecordError(f"line {root.line}: GM[{root.first('GM')}] is not Gomoku (GM[4])")
    rules = _parse_rules(root)
    start_nodes = 1
    while (
        start_nodes < len(nodes) and _is_set_up(nodes[start_nodes]) and nodes[start_nodes].parent == start_nodes - 1
    ):
        start_nodes += 1
    movers = (_colour(node) for node in nodes if _colour(node) is not None)
    start = _parse_start(nodes[:start_nodes], rules, next(movers, None))
    result, reason = _parse_result(root.first("RE"))
    game = GameRecord(
        rules=rules,
        start=start,
        result=result,
        reason=root.first(REASON) or reason,
        black=root.first("PB"),
        white=root.first("PW"),
        date=root.first("DT"),
        comment="" if _colour(root) is not None else root.first("C") or root.first("GC"),
    )
    return checked_tree(GameTree(game, _parse_moves(nodes, start_nodes, start, rules.size)))


def _colour(node: Node) -> int | None:
    """Whose move the node holds, if any."""
    return next((colour for name, colour in _COLOURS.items() if node.has_any([name])), None)


def _is_set_up(node: Node) -> bool:
    return _colour(node) is None and node.has_any([*SET_UP, "PL"])


def _parse_rules(root: Node) -> Rules:
    size = _parse_size(root)
    named = root.first("RU", "").strip().lower() or Variant.FREESTYLE
    try:
        # An editor for Go names the rules of Go, where nobody has written a board's.
        is_of_go = root.first("GM", "").strip() == GO and not re.search(r"\dx\d", named)
        variant = _VARIANTS.get(named, Variant.FREESTYLE if is_of_go else None)
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
    num_values = sum(len(node.properties.get(name, [])) for node in nodes for name in SET_UP)
    if num_values > MOST_SET_UPS * rules.num_points:
        raise RecordError(f"{num_values} points and rectangles are set up on a board of {rules.num_points} points")
    cells = [EMPTY] * rules.num_points
    to_play = first_mover
    for node in nodes:
        for name, content in SET_UP.items():
            for value in node.properties.get(name, []):
                for move in _parse_points(value, rules.size, node.line):
                    cells[move] = content
        named = node.first("PL").strip().upper()[:1]
        if named:
            to_play = {"B": BLACK, "1": BLACK, "W": WHITE, "2": WHITE}.get(named, to_play)
    if to_play is None:
        to_play = BLACK if cells.count(BLACK) <= cells.count(WHITE) else WHITE
    return None if not any(cells) and to_play == BLACK else Start(tuple(cells), to_play)


def _parse_moves(nodes: list[Node], start_nodes: int, start: Start | None, size: int) -> tuple[TreeMove, ...]:
    moves: list[TreeMove] = []
    # For each node, the last move at or before it, and how many moves lead there.
    reached: list[tuple[int, int]] = []
    first_colour = BLACK if start is None else start.to_play
    for index, node in enumerate(nodes):
        before, depth = (START, 0) if node.parent < 0 else reached[node.parent]
        if _colour(node) is None:
            if _is_set_up(node) and index >= start_nodes:
                raise RecordError(f"line {node.line}: stones are set up after the game's start")
            if before != START:  # some programs write what is to be said about a move into a node of its own
                moves[before] = _with_comment(moves[before], node.first("C"))
            reached.append((before, depth))
            continue
        colour = first_colour if depth % 2 == 0 else -first_colour
        moves.append(TreeMove(_parse_move(node, colour, depth + 1, size), before))
        reached.append((len(moves) - 1, depth + 1))
    return tuple(moves)


def _with_comment(move: TreeMove, comment: str) -> TreeMove:
    texts = filter(None, (move.played.comment, comment))
    return replace(move, played=replace(move.played, comment="\n".join(texts)))


def _parse_move(node: Node, expected: int, number: int, size: int) -> RecordedMove:
    values = node.properties["B" if _colour(node) == BLACK else "W"]
    if _colour(node) != expected or len(values) != 1 or (expected == BLACK and node.has_any("W")):
        names = {BLACK: "Black", WHITE: "White"}
        raise RecordError(f"line {node.line}: move {number} has to be one move of {names[expected]}")
    points = _parse_points(values[0], size, node.line, f"move {number}: ")
    if len(points) != 1:
        raise RecordError(f"line {node.line}: move {number}: {short(values[0])!r} is not one point")
    return RecordedMove(points[0], node.first("C"), _parse_value(node, expected))


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

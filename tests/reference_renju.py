"""Renju's fouls, slow and obvious: the definitions of the rule book spelled out on lines of text.

The twin of `gomoku/renju.py`. A board is a list of rows of text: `X` black, `O` white, `#` blocked, `.`
empty. A line is the text of one of the four lines through a point, with a wall on either end.
"""

import re

FIVE, NO_FOUL, OVERLINE, DOUBLE_FOUR, DOUBLE_THREE = "five", "none", "overline", "double four", "double three"

DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))

Rows = list[str]
Point = tuple[int, int]


def put(rows: Rows, point: Point) -> Rows:
    """The board with one more black stone."""
    row, col = point
    return [text[:col] + "X" + text[col + 1 :] if r == row else text for r, text in enumerate(rows)]


def points_of_line(rows: Rows, point: Point, direction: Point) -> list[Point]:
    """All points of the line through `point`, in order."""
    size, (row, col) = len(rows), point
    line = [(row + k * direction[0], col + k * direction[1]) for k in range(-size, size + 1)]
    return [(r, c) for r, c in line if 0 <= r < size and 0 <= c < size]


def rows_of_black(text: str, length: str, at: int) -> list[range]:
    """Unbroken rows of black stones that hold the index `at`; the length is a regex count like `5` or `6,`."""
    found = [range(*match.span()) for match in re.finditer(rf"(?<!X)X{{{length}}}(?!X)", text)]
    return [row for row in found if at in row]


def fill(text: str, at: int) -> str:
    return text[:at] + "X" + text[at + 1 :]


def fours(text: str, at: int) -> set[frozenset[int]]:
    """Every set of four stones, the one `at` among them, that one more stone makes exactly five."""
    found = set()
    for empty in (index for index, mark in enumerate(text) if mark == "."):
        for five in rows_of_black(fill(text, empty), "5", at):
            if empty in five:
                found.add(frozenset(five) - {empty})
    return found


def straight_four_extensions(text: str, at: int) -> list[int]:
    """Where one more stone makes a straight four with the stone `at`: a row that either end makes exactly five."""
    found = []
    for empty in (index for index, mark in enumerate(text) if mark == "."):
        extended = fill(text, empty)
        for four in rows_of_black(extended, "4", at):
            ends = (four.start - 1, four.stop)
            if empty in four and all(
                extended[end] == "." and rows_of_black(fill(extended, end), "5", at) for end in ends
            ):
                found.append(empty)
    return found


def judge(rows: Rows, move: Point) -> str:
    """What Black's stone on the empty point `move` makes: five, a foul, or neither."""
    with_stone = put(rows, move)
    lines = []
    for direction in DIRECTIONS:
        points = points_of_line(rows, move, direction)
        text = "#" + "".join(with_stone[r][c] for r, c in points) + "#"
        lines.append(([(-1, -1), *points, (-1, -1)], text, 1 + points.index(move)))

    if any(rows_of_black(text, "5", at) for _, text, at in lines):
        return FIVE
    if any(rows_of_black(text, "6,", at) for _, text, at in lines):
        return OVERLINE
    if sum(len(fours(text, at)) for _, text, at in lines) >= 2:
        return DOUBLE_FOUR
    threes = [
        any(judge(with_stone, points[index]) == NO_FOUL for index in straight_four_extensions(text, at))
        for points, text, at in lines
    ]
    return DOUBLE_THREE if sum(threes) >= 2 else NO_FOUL

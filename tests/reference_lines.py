"""A slow, obvious twin of the open lines that a network sees."""

from reference import Rows

from gomoku.rules import Rules, Variant

NAMES = {1: "lacks 1", 4: "lacks 4"}


def kinds_at(rows: Rows, row: int, col: int, symbol: str, rules: Rules) -> list[str]:
    """What an empty point is to `symbol` in each direction in which it is anything."""
    exact = rules.variant is Variant.STANDARD or (rules.variant is Variant.RENJU and symbol == "X")
    found = []
    for d_row, d_col in ((0, 1), (1, 0), (1, 1), (1, -1)):
        lacking = []
        for back in range(rules.win_length):
            start = (row - back * d_row, col - back * d_col)
            points = [(start[0] + k * d_row, start[1] + k * d_col) for k in range(-1, rules.win_length + 1)]
            before, *window, after = [symbol_at(rows, point) for point in points]
            if set(window) != {".", symbol} or (exact and symbol in (before, after)):
                continue
            lacking.append(window.count("."))
        if lacking and min(lacking) <= 4:
            fewest = min(lacking)
            several = lacking.count(fewest) > 1
            found.append(NAMES.get(fewest) or f"lacks {fewest}, {'several' if several else 'one'}")
    return found


def symbol_at(rows: Rows, point: tuple[int, int]) -> str:
    """A blocked point is like the board's edge."""
    row, col = point
    return rows[row][col] if 0 <= row < len(rows) and 0 <= col < len(rows) else "#"

"""The open lines that a network may see: held against a slow twin, by hand, and under every symmetry."""

import numpy as np
import pytest
from reference_lines import kinds_at

from gomoku.notation import SYMBOLS
from gomoku.rules import BLACK, BLOCKED, WHITE, Rules, Variant
from gomoku.symmetry import inverse_tables
from nets.lines import KINDS, LINE_PLANES, NUM_KINDS, NUM_LINE_PLANES, open_lines

EVERY_RULES = [
    *(Rules(8, length, variant) for length in (3, 4, 5, 6) for variant in (Variant.FREESTYLE, Variant.STANDARD)),
    Rules(8, 5, Variant.RENJU),
    Rules(3, 3),
    Rules(15, 5),
]
every_rules = pytest.mark.parametrize("rules", EVERY_RULES, ids=lambda rules: rules.name)


def random_cells(rules: Rules, rng: np.random.Generator) -> np.ndarray:
    """Of any density, two blocked points among them."""
    share = rng.random() * 0.7
    cells = np.where(rng.random(rules.num_points) < share, rng.choice([BLACK, WHITE], rules.num_points), 0)
    cells[rng.integers(rules.num_points, size=2)] = BLOCKED
    return cells.astype(np.int8)


def lines_of(cells: np.ndarray, to_play: int, rules: Rules) -> np.ndarray:
    """`[A, NUM_LINE_PLANES]`"""
    stones = np.where(cells == BLOCKED, cells, cells * to_play).astype(np.int8)
    return open_lines(stones[None], np.array([to_play], np.int8), rules)[0]


def seen_at(rows: str, point: tuple[int, int], rules: Rules, to_play: int = BLACK) -> dict[str, int]:
    """What is not 0 of one point of a board that is drawn."""
    stone_of = {symbol: stone for stone, symbol in SYMBOLS.items()}
    cells = np.array([stone_of[symbol] for symbol in rows.replace(" ", "")], dtype=np.int8)
    counts = lines_of(cells, to_play, rules)[point[0] * rules.size + point[1]]
    return {name: int(count) for name, count in zip(LINE_PLANES, counts, strict=True) if count}


@every_rules
def test_every_point_is_what_its_twin_says(rules: Rules) -> None:
    rng = np.random.default_rng(rules.size + rules.win_length)
    for _ in range(25):
        cells, to_play = random_cells(rules, rng), int(rng.choice([BLACK, WHITE]))
        text = "".join(SYMBOLS[int(cell)] for cell in cells)
        rows = [text[at : at + rules.size] for at in range(0, rules.num_points, rules.size)]
        expected = np.zeros((rules.num_points, NUM_LINE_PLANES), dtype=np.uint8)
        for point in np.flatnonzero(cells == 0):
            row, col = divmod(int(point), rules.size)
            for side, colour in enumerate((to_play, -to_play)):
                for kind in kinds_at(rows, row, col, "X" if colour == BLACK else "O", rules):
                    expected[point, side * NUM_KINDS + KINDS.index(kind)] += 1
        assert np.array_equal(lines_of(cells, to_play, rules), expected)


@every_rules
def test_a_turned_board_has_turned_lines(rules: Rules) -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        cells = random_cells(rules, rng)
        lines = lines_of(cells, BLACK, rules)
        for inverse in inverse_tables(rules.size):
            assert np.array_equal(lines_of(cells[inverse], BLACK, rules), lines[inverse])


def test_the_usual_shapes_of_five_in_a_row_have_kinds_of_their_own() -> None:
    rules = Rules(9, 5)
    empty = "." * 9

    def on_row(text: str, col: int) -> dict[str, int]:
        rows = [empty] * 9
        rows[0] = text
        return seen_at(" ".join(rows), (0, col), rules)

    assert on_row("..XXXX...", 1) == {"own, lacks 1": 1}
    assert on_row("..XXX....", 1) == {"own, lacks 2, several": 1}, "makes an open four"
    assert on_row("OXXX.....", 4) == {"own, lacks 2, one": 1}, "makes a four with one end"
    assert on_row("OXXXO....", 5) == {"opponent's, lacks 4": 1}, "Black's three is dead"
    assert on_row("...XX....", 2) == {"own, lacks 3, several": 1}, "makes an open three"
    assert on_row("OXX......", 3) == {"own, lacks 3, one": 1}, "at the edge of what it can fill"
    assert on_row("....X....", 3) == {"own, lacks 4": 1}
    assert on_row(".........", 4) == {}


def test_lines_must_be_exact_where_the_rules_say_so() -> None:
    rows = " ".join(["X.XXXX...", *["." * 9] * 8])
    assert seen_at(rows, (0, 1), Rules(9, 5)) == {"own, lacks 1": 1}
    # Six in a row is nothing, and no window through that point is free of stones at its ends.
    assert seen_at(rows, (0, 1), Rules(9, 5, Variant.STANDARD)) == {}
    assert seen_at(rows, (0, 6), Rules(9, 5, Variant.STANDARD)) == {"own, lacks 1": 1}
    renju = Rules(9, 5, Variant.RENJU)
    assert seen_at(rows, (0, 1), renju) == {}
    assert seen_at(rows, (0, 1), renju, to_play=WHITE) == {}, "Black's rule holds for whoever looks"
    assert seen_at(rows.replace("X", "O"), (0, 1), renju, to_play=WHITE) == {"own, lacks 1": 1}


def test_sides_change_places_with_the_side_to_move() -> None:
    rules = Rules(15, 5)
    cells = random_cells(rules, np.random.default_rng(5))
    black, white = lines_of(cells, BLACK, rules), lines_of(cells, WHITE, rules)
    assert np.array_equal(black, np.roll(white, NUM_KINDS, axis=1))
    assert black.any()


def test_many_positions_are_each_read_alone() -> None:
    rules = Rules(7, 4)
    rng = np.random.default_rng(9)
    stones = np.stack([random_cells(rules, rng) for _ in range(9)])
    to_play = rng.choice(np.array([BLACK, WHITE], np.int8), 9)
    together = open_lines(stones.reshape(9, 7, 7), to_play, rules)
    assert together.shape == (9, 49, NUM_LINE_PLANES)
    for k in range(9):
        assert np.array_equal(together[k : k + 1], open_lines(stones[k : k + 1], to_play[k : k + 1], rules))

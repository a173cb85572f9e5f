"""The eight symmetries: group laws, and which way the tables map."""

import numpy as np
import pytest

from gomoku.symmetry import IDENTITY, NUM_SYMMETRIES, inverse_tables, symmetry_tables

SIZES = (3, 4, 6, 15, 22)


def test_symmetry_one_takes_the_top_left_corner_to_the_top_right() -> None:
    assert symmetry_tables(5)[1, 0] == 4
    assert symmetry_tables(5)[1, 1] == 9


def test_symmetry_four_mirrors_left_to_right() -> None:
    assert symmetry_tables(5)[4].tolist()[:10] == [4, 3, 2, 1, 0, 9, 8, 7, 6, 5]


def test_a_turned_board_looks_as_numpy_turns_it() -> None:
    stones = np.arange(36).reshape(6, 6)
    turned = stones.reshape(-1)[inverse_tables(6)[3]].reshape(6, 6)
    assert np.array_equal(turned, np.rot90(stones, -3))
    mirrored = stones.reshape(-1)[inverse_tables(6)[5]].reshape(6, 6)
    assert np.array_equal(mirrored, np.fliplr(np.rot90(stones, -1)))


@pytest.mark.parametrize("size", SIZES)
def test_every_symmetry_is_another_permutation(size: int) -> None:
    tables = symmetry_tables(size)
    assert tables.shape == (NUM_SYMMETRIES, size * size)
    assert tables.dtype == np.int32
    assert np.array_equal(np.sort(tables, axis=1), np.tile(np.arange(size * size), (NUM_SYMMETRIES, 1)))
    assert len({table.tobytes() for table in tables}) == NUM_SYMMETRIES


@pytest.mark.parametrize("size", SIZES)
def test_the_identity_moves_nothing(size: int) -> None:
    assert np.array_equal(symmetry_tables(size)[IDENTITY], np.arange(size * size))


@pytest.mark.parametrize("size", SIZES)
def test_there_and_back_is_where_one_was(size: int) -> None:
    for table, inverse in zip(symmetry_tables(size), inverse_tables(size), strict=True):
        assert np.array_equal(inverse[table], np.arange(size * size))
        assert np.array_equal(table[inverse], np.arange(size * size))


@pytest.mark.parametrize("size", SIZES)
def test_two_symmetries_after_each_other_are_one_of_the_eight(size: int) -> None:
    tables = symmetry_tables(size)
    known = {table.tobytes() for table in tables}
    assert all(second[first].tobytes() in known for first in tables for second in tables)


@pytest.mark.parametrize("size", SIZES)
def test_neighbours_stay_neighbours(size: int) -> None:
    rows, columns = np.divmod(symmetry_tables(size).reshape(NUM_SYMMETRIES, size, size), size)
    steps = np.abs(np.diff(rows, axis=2)) + np.abs(np.diff(columns, axis=2))
    assert (steps == 1).all()


def test_tables_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        symmetry_tables(5)[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        inverse_tables(5)[0, 0] = 1

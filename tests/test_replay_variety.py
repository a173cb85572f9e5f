"""`benchmarks.replay_variety`: positions are alike if and only if a symmetry turns one into the other."""

from pathlib import Path

import numpy as np

from benchmarks.replay_variety import canonical_hashes, counts, hashes_by_rules
from gomoku.board import Board
from gomoku.opening_split import canonical_key
from gomoku.rules import BLACK, WHITE, Rules
from gomoku.symmetry import symmetry_tables
from training.checkpoint import save_segment
from training.replay import Segment
from training.run_folder import RunFolder
from training.samples import Sample, pack_samples

RULES = Rules(5, 4)


def boards() -> list[Board]:
    """Positions of few stones, some of them turned copies of others."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(100):
        board = Board(RULES)
        for move in rng.permutation(RULES.num_points)[: int(rng.integers(1, 4))]:
            board.push(int(move))
        turned = board.cells[symmetry_tables(RULES.size)[int(rng.integers(8))]]
        found += [board, Board.from_cells(RULES, turned, board.to_play)]
        found.append(Board.from_cells(RULES, board.cells, -board.to_play))
    return found


def test_positions_count_as_one_exactly_where_a_symmetry_makes_them_equal() -> None:
    all_boards = boards()
    cells = np.array([board.cells for board in all_boards])
    to_play = np.array([board.to_play for board in all_boards], dtype=np.int8)
    hashes = canonical_hashes(cells == BLACK, cells == WHITE, to_play)
    keys = [canonical_key(board) for board in all_boards]
    assert len(set(hashes.tolist())) == len(set(keys)) == len(set(zip(hashes.tolist(), keys, strict=True)))
    assert len(set(keys)) < len(keys) // 2 + 100


def test_the_replay_files_of_a_run_are_read_whole(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    nothing = np.zeros(0, dtype=np.uint16)
    samples = [
        Sample(board.cells, board.to_play, nothing, nothing, 0, number) for number, board in enumerate(boards())
    ]
    samples += samples[:7]  # learnt from twice
    for iteration in (1, 2):
        save_segment(folder, Segment(iteration, RULES, pack_samples(samples, RULES.num_points)))
    ((name, found),) = hashes_by_rules(tmp_path).items()
    assert (name, [len(hashes) for hashes, _ in found]) == (RULES.name, [307, 307])
    np.testing.assert_array_equal(found[0], found[1])
    different = len({canonical_key(board) for board in boards()})
    assert counts(found) == (614, 300, different)

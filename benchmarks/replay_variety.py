"""How much of what a run learns from is different: positions that are equal up to the eight symmetries count once.

  python -m benchmarks.replay_variety runs/demo

Reads the replay files that a run has on the disk, which are those of its window and a few older ones, and what share
of the games in the newest of its iterations each colour won. A position that surprised the network lies there in
several samples (`--self_play.surprise_share`); in its game it was reached once, and so it is counted.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gomoku.rules import BLACK, WHITE, parse_rules
from gomoku.symmetry import inverse_tables
from nets.tensor_file import read_tensors
from training.metrics import read_metrics

NEWEST = 10
"""Iterations whose games are counted by colour."""


def canonical_hashes(
    black: NDArray[np.bool_], white: NDArray[np.bool_], to_play: NDArray[np.int8]
) -> NDArray[np.uint64]:
    """One number per position, the same for its eight forms; of different positions, alike once in 2**64.

    Args:
      black, white: `[n, A]` stones.
      to_play: `[n]`
    """
    points = black.shape[1]
    numbers = np.random.default_rng(1).integers(2**64, size=(2, points), dtype=np.uint64)
    forms = [black @ numbers[0][table] + white @ numbers[1][table] for table in inverse_tables(int(points**0.5))]
    return np.min(forms, axis=0) ^ (to_play == WHITE).astype(np.uint64)


def hashes_by_rules(run: Path) -> dict[str, list[tuple[NDArray[np.uint64], NDArray[np.int64]]]]:
    """Of all samples in the replay files, file by file, oldest first: hashes of positions, and numbers of games."""
    found = defaultdict(list)
    for path in sorted((run / "replay").glob("*.safetensors")):
        file = read_tensors(path)
        rules = parse_rules(file.header["rules"])
        black, white = (
            np.unpackbits(file.tensors[name], axis=1, count=rules.num_points).astype(np.bool_)
            for name in ("black", "white")
        )
        found[rules.name].append((canonical_hashes(black, white, file.tensors["to_play"]), file.tensors["game"]))
    return found


def counts(files: Sequence[tuple[NDArray[np.uint64], NDArray[np.int64]]]) -> tuple[int, int, int]:
    """Samples; positions, once for each game that reached them; and different ones."""
    hashes, games = (np.concatenate(parts) for parts in zip(*files, strict=True))
    reached = np.unique(np.stack([hashes, games.astype(np.uint64)]), axis=1)
    return len(hashes), reached.shape[1], len(np.unique(hashes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a run")
    run = parser.parse_args().run
    print(
        "| board | samples | positions | different | of the positions | of the samples |\n|---|---|---|---|---|---|"
    )
    for name, files in hashes_by_rules(run).items():
        samples, reached, different = counts(files)
        shares = f"{different / reached:.3f} | {different / samples:.3f}"
        print(f"| {name} | {samples:,} | {reached:,} | {different:,} | {shares} |")
    lines = read_metrics(run / "metrics.jsonl")[-NEWEST:]
    wins = {
        colour: sum(line[f"{name}_wins"] for line in lines) for colour, name in ((BLACK, "black"), (WHITE, "white"))
    }
    draws, decided = sum(line["draws"] for line in lines), sum(wins.values())
    print(f"newest {len(lines)} iterations: Black won {wins[BLACK]} of {decided} games that were won", end="")
    print(f" ({wins[BLACK] / max(decided, 1):.3f}), {draws} drawn")


if __name__ == "__main__":
    main()

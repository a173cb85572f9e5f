"""Damaged files of every kind: what is refused, what is not, and how long the slowest answer takes.

  python -m benchmarks.damaged_files --files 1000      of each kind: checkpoints, models, records, settings

A checkpoint, a segment or a model carries a digest over all of its contents: none that is damaged may be taken. A
record or settings carry none: what is not refused must be something legal. Anything but the exception that is
promised ends it. Seconds are those of the processor, whoever else uses it.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import safetensors.numpy

from arena.openings import read_openings
from benchmarks.kill_campaign import SETTINGS
from benchmarks.mutilated_records import damaged_text, mutilate
from gomoku.errors import ModelFileError
from gomoku.rules import Rules
from nets.model_file import load_model
from nets.tensor_file import read_tensors
from training.hooks import Hooks
from training.loop import TrainingLoop
from training.run_folder import RunFolder, lasting_settings, read_config
from training.start import open_run

ITERATIONS = 3
OPENINGS = "h8i9g7\nh8h9j10\n0,0, 1,-1, -1,1\nh8g8i7f6\n"


@dataclass
class Tally:
    """What became of the damaged files of one kind."""

    kind: str
    files: int = 0
    refused: int = 0
    taken: int = 0
    """Where there is a digest: must be 0. Else: was something legal all the same."""
    slowest_seconds: float = 0.0
    longest_complaint: int = 0
    """Characters."""

    def note(self, seconds: float, complaint: str | None) -> None:
        """Enters one answer; None: it was taken."""
        assert complaint is None or (complaint and "\n" not in complaint), complaint
        self.files += 1
        self.refused += complaint is not None
        self.taken += complaint is None
        self.slowest_seconds = max(self.slowest_seconds, seconds)
        self.longest_complaint = max(self.longest_complaint, len(complaint or ""))


def train(root: Path, seed: int) -> RunFolder:
    """A run of a few iterations."""
    arguments = [*SETTINGS, "--check.every=0", f"--seed={seed}", f"--max_iterations={ITERATIONS}"]
    run = open_run(["--run", str(root), *arguments])
    TrainingLoop(run.folder, run.config, Hooks(check=lambda *_: {})).run(None)
    return run.folder


class Strangers:
    """Files that are whole, but not what is looked for."""

    def __init__(self, folder: Path) -> None:
        """Trains two runs that differ in their seed alone."""
        self.run, self.other = (train(folder / name, seed) for name, seed in (("run", 3), ("other", 4)))
        self.foreign = [
            b"",
            b"\0" * 5000,
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            b"PK\x03\x04 an archive of torch's",
            b"{}",
            safetensors.numpy.save(read_tensors(self.run.checkpoint(ITERATIONS)).tensors),
        ]

    def tensor_files(self, but: Path) -> list[bytes]:
        """All whole files of both runs but one."""
        files = [*self.run.root.rglob("*.safetensors"), *self.other.root.rglob("*.safetensors")]
        return [file.read_bytes() for file in sorted(files) if file.read_bytes() != but.read_bytes()]


def damaged(data: bytes, swaps: list[bytes], rng: Random) -> bytes:
    """Truncated, with one bit flipped, with a piece overwritten, or swapped."""
    kind = rng.randrange(4)
    at = rng.randrange(len(data))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
    if kind == 2:
        piece = rng.randbytes(rng.choice((1, 8, 512)))
        changed = data[:at] + piece + data[at + len(piece) :]
        return changed if changed != data else data[:at]
    return rng.choice(swaps)


def damage_checkpoints(strangers: Strangers, count: int, rng: Random) -> Tally:
    """Damages the newest checkpoint or a segment that it alone needs: the one before is to be found and named."""
    tally, run = Tally("checkpoint"), strangers.run
    config = read_config(run)
    targets = [run.checkpoint(ITERATIONS), *(file for file, made in run.replays().items() if made == ITERATIONS)]
    for _ in range(count):
        target = rng.choice(targets)
        whole = target.read_bytes()
        target.write_bytes(damaged(whole, strangers.tensor_files(target) + strangers.foreign, rng))
        metrics = run.metrics.read_bytes()
        started = time.process_time()
        loop = TrainingLoop(run, config, Hooks(check=lambda *_: {}))
        seconds = time.process_time() - started
        loop.state.actors.close()
        was_found = loop.state.iteration == ITERATIONS - 1 and len(loop.complaints) == 1
        if not was_found and loop.state.iteration != ITERATIONS:
            raise AssertionError(f"{target}: went on at {loop.state.iteration}: {loop.complaints}")
        tally.note(seconds, loop.complaints[0] if was_found and str(target) in loop.complaints[0] else None)
        target.write_bytes(whole)
        run.metrics.write_bytes(metrics)
    return tally


def damage_models(strangers: Strangers, count: int, rng: Random) -> Tally:
    """Damages a model, or puts another kind of file in its place."""
    model = strangers.run.generation(ITERATIONS)
    whole = model.read_bytes()
    kinds = ("checkpoints", "replay")
    others = [file.read_bytes() for kind in kinds for file in sorted((strangers.run.root / kind).iterdir())]
    return _read_all("model", model, count, lambda: damaged(whole, others + strangers.foreign, rng), load_one_model)


def load_one_model(path: Path) -> str | None:
    try:
        load_model(path)
    except ModelFileError as error:
        return str(error)
    return None


def damage_openings(folder: Path, count: int, rng: Random) -> Tally:
    """Damages a file of openings."""

    def read(path: Path) -> str | None:
        try:
            read_openings(path, Rules())
        except ValueError as error:
            return str(error)
        return None

    path = folder / "openings.txt"
    return _read_all("openings", path, count, lambda: damaged_text(OPENINGS, rng).encode(errors="replace"), read)


def damage_settings(strangers: Strangers, count: int, rng: Random) -> Tally:
    """Damages the settings of a run that is then to be resumed."""
    path = strangers.run.config
    text, lasting = path.read_text(), lasting_settings(read_config(strangers.run))
    others = [strangers.other.config.read_bytes(), strangers.run.metrics.read_bytes(), *strangers.foreign]

    def make() -> bytes:
        kind = rng.randrange(4)
        if kind == 0:
            return text.encode()[: rng.randrange(len(text))]
        return rng.choice(others) if kind == 1 else damaged_text(text, rng).encode(errors="replace")

    def resume(path: Path) -> str | None:
        metrics = strangers.run.metrics.read_bytes()
        try:
            opened = open_run(["--resume", str(path.parent)])
            loop = TrainingLoop(opened.folder, opened.config, Hooks(check=lambda *_: {}), opened.start)
        except ValueError as error:
            return str(error)
        finally:
            strangers.run.metrics.write_bytes(metrics)
        loop.state.actors.close()
        if lasting_settings(opened.config) != lasting:
            raise AssertionError(f"other settings were taken silently: {path.read_text()}")
        return None

    return _read_all("settings", path, count, make, resume)


def _read_all(
    kind: str, path: Path, count: int, make: Callable[[], bytes], read: Callable[[Path], str | None]
) -> Tally:
    """Args:
    read: the complaint about a file, or None if it is taken.
    """
    tally = Tally(kind)
    whole = path.read_bytes() if path.exists() else b""
    for _ in range(count):
        path.write_bytes(make())
        started = time.process_time()
        complaint = read(path)
        tally.note(time.process_time() - started, complaint)
    path.write_bytes(whole)
    return tally


def damage_records(count: int, seed: int) -> list[Tally]:
    """Damages records in every form."""
    return [
        Tally(f"record, {one.form}", one.files, one.refused, one.files - one.refused, one.slowest_seconds)
        for one in mutilate(count, seed)
    ]


def campaign(folder: Path, count: int, seed: int) -> list[Tally]:
    """Damages `count` files of each of the four kinds.

    Raises:
      AssertionError: a complaint of several lines, or something wrong was taken silently.
    """
    rng = Random(seed)
    strangers = Strangers(folder)
    records = damage_records(max(1, count // 8), seed)
    openings = damage_openings(folder, max(1, count - sum(one.files for one in records)), rng)
    return [
        damage_checkpoints(strangers, count, rng),
        damage_models(strangers, count, rng),
        *records,
        openings,
        damage_settings(strangers, count, rng),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.damaged_files",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--files", type=int, default=1000, help="of each of the four kinds")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tallies = campaign(Path(folder), options.files, options.seed)
    for tally in tallies:
        print(json.dumps(asdict(tally)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Lets the disk be full at each write of a training run, one after the other, and shows that nothing was lost.

  python -m benchmarks.full_disk                      the system's own words at each operation on a file
  python -m benchmarks.full_disk --image runs/image   a real file system of memory that is too small (needs root)

Each time: one line that names the file, exit status 2, the newest checkpoint loads, and once there is room again the
run goes on to hold, byte for byte, what one holds that never had to do without.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from benchmarks.file_faults import DELETE, FullDisk, Meet
from benchmarks.forked_training import MARK, ForkedRun, prepare
from benchmarks.kill_campaign import SETTINGS
from benchmarks.run_contents import DifferenceError, compare

ITERATIONS = 3
"""Of the run that goes on: its last one deletes files of the first ones."""
BLOCK = 4096
SPARE_BLOCKS = 64
"""More than the last iteration of a run writes."""
TOLD = "No space left on device"
COMPLAINT = re.compile(rf"train\.py: error: .*{TOLD}: '[^']+'")


@dataclass
class Outcome:
    """What became of runs on a disk that was full sooner or later."""

    runs: int = 0
    files: dict[str, int] = field(default_factory=dict)
    """Runs that ended, by the operation that was refused."""
    finished: int = 0
    """Runs that had all the room that they needed."""


class Trial:
    """A run that is made, or that goes on, on a full disk."""

    def __init__(self, folder: Path, is_new: bool) -> None:
        self._folder, self._run = folder, folder / "run"
        last = 1 if is_new else ITERATIONS
        self._ends = f"--max_iterations={last}"
        # The disk may be full between a checkpoint and the clean-up after it; the next iteration catches up.
        self._goes_on = f"--max_iterations={last + 1}"
        self._begun = None if is_new else self._left_alone(last - 1)
        self._twin = self._left_alone(last + 1)
        self.outcome = Outcome()

    def fill_at(self, harm: Meet) -> bool:
        """Has the run end on a full disk; whether it ever was full.

        Raises:
          DifferenceError: it did not end as it has to.
        """
        self.restore()
        ended_well = self.runs_until_full(harm)
        self.goes_on()
        return not ended_well

    def restore(self) -> None:
        shutil.rmtree(self._run, ignore_errors=True)
        if self._begun is not None:
            shutil.copytree(self._begun, self._run)

    def runs_until_full(self, harm: Meet = lambda _operation: None) -> bool:
        """Whether the run came to its end."""
        process = ForkedRun(self._arguments(self._ends), self._run, harm)
        status = process.end()
        self.outcome.runs += 1
        self.outcome.finished += status == 0
        if status == 0:
            return True
        words = [line for line in re.split(r"[\r\n]+", process.shown) if line and not line.startswith(MARK)]
        if status != 2 or "Traceback" in process.shown or not COMPLAINT.fullmatch(words[-1]):
            raise DifferenceError(f"status {status} on a full disk: {process.shown[-1500:]}")
        refused = re.findall(f"{MARK}((?!{DELETE})[^\n]+)", process.shown)[-1]
        self.outcome.files = dict(Counter(self.outcome.files) + Counter([refused]))
        return False

    def goes_on(self) -> None:
        """There is room again."""
        self._must_end_well(self._arguments(self._goes_on), self._run)
        compare(self._run, self._twin)

    def _arguments(self, ends: str) -> list[str]:
        if (self._run / "config.json").exists():
            return ["--resume", str(self._run), ends]
        return ["--run", str(self._run), *SETTINGS, ends]

    def _left_alone(self, iterations: int) -> Path:
        """A run that always had room; one trial's twin is what the next one goes on from."""
        root = self._folder / f"left-alone-{iterations}"
        if not root.exists():
            self._must_end_well(["--run", str(root), *SETTINGS, f"--max_iterations={iterations}"], root)
        return root

    def _must_end_well(self, arguments: list[str], root: Path) -> None:
        process = ForkedRun(arguments, root)
        if process.end() != 0 or "passed over" in process.shown:
            raise DifferenceError(f"train.py {' '.join(arguments)}: {process.shown[-500:]}")


def fill_at_each(folder: Path, is_new: bool, step: int) -> Outcome:
    """Has the disk full from the first operation on, from the one `step` after it on, and so forth."""
    trial = Trial(folder, is_new)
    for at in count(1, step):
        if not trial.fill_at(FullDisk(at)):
            return trial.outcome
    raise AssertionError("there is a last operation")


def fill_image(folder: Path, step: int) -> Outcome:
    """The same on a real file system, with no block free, with `step` blocks free, and so forth."""
    folder.mkdir(parents=True, exist_ok=True)
    with mounted(folder):
        trial = Trial(folder, is_new=False)
        for blocks in range(0, SPARE_BLOCKS, step):
            trial.restore()
            filler = folder / "filler"
            leave_free(folder, filler, blocks)
            trial.runs_until_full()
            filler.unlink()
            trial.goes_on()
    return trial.outcome


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A file system of two megabytes in memory.

    Raises:
      CalledProcessError: this user may not mount one.
    """
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def leave_free(folder: Path, filler: Path, blocks: int) -> None:
    """Fills a file system up to so many blocks."""
    with filler.open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(folder).free - blocks * BLOCK)))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.full_disk",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--step", type=int, default=1, help="operations, or blocks of the image, from trial to trial")
    parser.add_argument("--image", type=Path, metavar="FOLDER", help="where a small file system is mounted")
    options = parser.parse_args()
    prepare()
    try:
        if options.image is not None:
            print(json.dumps({"image": asdict(fill_image(options.image, options.step))}, indent=2))
            return 0
        outcomes = {}
        with tempfile.TemporaryDirectory() as folder:
            for is_new in (True, False):
                outcomes["new" if is_new else "resumed"] = asdict(fill_at_each(Path(folder), is_new, options.step))
        print(json.dumps(outcomes, indent=2))
    except DifferenceError as error:
        print(f"full_disk: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Prints how much memory a training run takes at most, all its processes together.

  python -m benchmarks.run_memory                               15x15 with its default settings, threads, then actors
  python -m benchmarks.run_memory --actors 2 --positions 4096   one of them, a whole iteration of the default length

Nothing but the length of the iteration is changed, so that trees, batches and networks have their full size. Linux
only: memory that processes share is counted once (proportional set size), read every tenth of a second.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SECONDS_BETWEEN = 0.1


class Peak(NamedTuple):
    """The most that was seen at one time, in bytes."""

    total: int
    largest: int
    """Of the largest process."""
    processes: int
    seconds: float
    """That the run took."""


def run_memory(preset: str, actors: int, positions: int, deadline: float) -> Peak:
    """Runs one iteration of a fresh run and watches it.

    Raises:
      RuntimeError: it failed, or it took longer than `deadline` seconds.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, tempfile.TemporaryFile() as said:
        settings = ["--preset", preset, "--actors", str(actors), "--iteration_positions", str(positions)]
        command = [sys.executable, "train.py", *settings, "--max_iterations", "1", "--run", f"{folder}/run"]
        started = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said) as run:
            peak = Peak(0, 0, 0, 0.0)
            while run.poll() is None:
                if time.perf_counter() - started > deadline:
                    run.terminate()
                    run.wait()
                    raise RuntimeError(f"not one iteration in {deadline:.0f} s; so far {in_words(peak)}")
                taken = [set_size(process) for process in family_of(run.pid)]
                total, largest = max(peak.total, sum(taken)), max([peak.largest, *taken])
                peak = Peak(total, largest, max(peak.processes, len(taken)), time.perf_counter() - started)
                time.sleep(SECONDS_BETWEEN)
        if run.returncode != 0:
            said.seek(0)
            raise RuntimeError(f"train.py ended with {run.returncode}: {said.read().decode(errors='replace')[-500:]}")
    return peak


def family_of(pid: int) -> list[int]:
    """The process and all that came from it and are still there."""
    family = [pid]
    for member in family:
        for listing in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                family += map(int, listing.read_text().split())
            except OSError:  # a thread that has ended meanwhile
                continue
    return family


def set_size(pid: int, kinds: Sequence[str] = ("Pss",)) -> int:
    """Bytes of memory, shared ones divided by the number of those who share them; 0 for a process that has ended.

    Args:
      kinds: lines of `smaps_rollup` that are added up.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    sizes = dict(line.split()[:2] for line in lines[1:])
    return sum(1024 * int(sizes[f"{kind}:"]) for kind in kinds)


def in_words(peak: Peak) -> str:
    total, largest = peak.total / 1e6, peak.largest / 1e6
    return (
        f"{total:,.0f} MB in all, {largest:,.0f} MB the largest of {peak.processes} processes, {peak.seconds:.0f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run_memory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--preset", default="15x15")
    parser.add_argument("--actors", type=int, action="append", metavar="N", help="0: threads; default 0, then 2")
    parser.add_argument("--positions", type=int, default=256, help="of the iteration, so that a step is learnt")
    parser.add_argument("--deadline", type=float, default=3600, metavar="SECONDS")
    options = parser.parse_args()
    for actors in options.actors or (0, 2):
        try:
            peak = run_memory(options.preset, actors, options.positions, options.deadline)
        except RuntimeError as error:
            print(f"{parser.prog}: {options.preset}, --actors {actors}: {error}", file=sys.stderr)
            return 1
        print(f"{options.preset}, --actors {actors}: {in_words(peak)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Shows whether a long training run keeps its memory and its open files as they are.

  python -m benchmarks.steady_run --minutes 120                threads
  python -m benchmarks.steady_run --minutes 120 --actors 2     and processes

The real train.py with short iterations, so that what is done once in each is done thousands of times. Its window of
positions is held at one size. The first quarter of the time does not count: caches fill, and pools find their size.
Linux only; memory that processes share is counted once, and the pages of program files not at all.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.run_contents import iterations_of
from benchmarks.run_memory import family_of, set_size

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = [
    *("--preset", "6x6x4", "--precision=float32", "--learner.precision=float32", "--seed=3"),
    *("--iteration_positions=256", "--self_play.simulations=16", "--self_play.games=32", "--self_play.threads=2"),
    *("--replay.window_start=5000", "--replay.window_slope=1e-9", "--check.every=50", "--check.games=4"),
]
SECONDS_BETWEEN = 2.0
BEGINNING = 0.25
"""Share of the time that does not count."""
FLAT_SHARE = 0.05
"""Of its memory that a run may gain in an hour and still be called flat."""
SECONDS_TO_END = 120
OWN_MEMORY = ("Pss_Anon", "Pss_Shmem")
"""Without the pages of program files: a share of those is counted the higher, the fewer other programs use them."""


class Sample(NamedTuple):
    """What all processes of a run hold at one time."""

    seconds: float
    memory: int
    """Bytes."""
    files: int
    """Open, pipes and sockets included."""
    processes: int


def watch_run(minutes: float, actors: int) -> tuple[list[Sample], int]:
    """Trains for so long; returns what was seen, and the number of iterations.

    Raises:
      RuntimeError: the run failed.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        run = Path(folder) / "run"
        command = [sys.executable, "train.py", *SETTINGS, "--actors", str(actors), "--run", str(run)]
        samples: list[Sample] = []
        with subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said) as process:
            started = time.monotonic()
            while process.poll() is None and time.monotonic() < started + 60 * minutes:
                samples.append(sample(process.pid, time.monotonic() - started))
                time.sleep(SECONDS_BETWEEN)
            process.send_signal(signal.SIGINT)
            process.wait(SECONDS_TO_END)
        if process.returncode != 0:
            said.seek(0)
            raise RuntimeError(f"train.py ended with {process.returncode}: {said.read().decode()[-500:]}")
        return samples, iterations_of(run)


def sample(process: int, seconds: float) -> Sample:
    family = family_of(process)
    memory = sum(set_size(member, OWN_MEMORY) for member in family)
    return Sample(seconds, memory, sum(map(open_files, family)), len(family))


def open_files(process: int) -> int:
    """0 for a process that has ended."""
    try:
        return len(os.listdir(f"/proc/{process}/fd"))
    except OSError:
        return 0


def verdict(samples: list[Sample]) -> dict[str, float | bool]:
    """The straight line through what was seen after the beginning, and whether it is flat."""
    counted = [one for one in samples if one.seconds >= BEGINNING * samples[-1].seconds]
    hours = np.array([one.seconds / 3600 for one in counted])
    memory = np.array([one.memory / 1e6 for one in counted])
    slope = float(np.polyfit(hours, memory, 1)[0])
    # At some moments a file is being written: the quietest moments of both halves tell what stays open.
    half = len(counted) // 2
    first, second = (min(one.files for one in part) for part in (counted[:half], counted[half:]))
    is_flat = slope <= FLAT_SHARE * float(memory.mean()) and second <= first
    return {
        "megabytes": round(float(memory.mean()), 1),
        "megabytes_per_hour": round(slope, 1),
        "open_files_first_half": first,
        "open_files_second_half": second,
        "is_flat": is_flat,
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.steady_run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--actors", type=int, default=0)
    options = parser.parse_args()
    samples, iterations = watch_run(options.minutes, options.actors)
    found = verdict(samples)
    about = {"minutes": options.minutes, "actors": options.actors, "iterations": iterations}
    print(json.dumps(about | {"processes": samples[-1].processes} | found, indent=2))
    return 0 if found["is_flat"] else 1


if __name__ == "__main__":
    sys.exit(main())

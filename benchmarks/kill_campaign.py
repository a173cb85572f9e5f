"""Kills a training run again and again at moments of every kind, and shows that nothing was lost.

  python -m benchmarks.kill_campaign --kills 100 --seed 1

Each kill is a SIGKILL to the real train.py. Its phase is read from the progress bar that the run has shown up to its
death. In the end the run that was killed must hold, byte for byte, what one that was left alone holds.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PHASES = (
    "self-play",
    "write replay",
    "learn",
    "check",
    "write generation",
    "write metrics",
    "write checkpoint",
    "thin",
)
SETTINGS = [
    *("--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu"),
    *("--backend=torch", "--precision=float32", "--learner.precision=float32"),  # nothing to be measured at the start
    *("--iteration_positions=60", "--self_play.simulations=8", "--self_play.games=8", "--self_play.threads=2"),
    *("--learner.batch_size=32", "--replay.window_start=100", "--keep.generations=2", "--seed=3"),
    *("--check.every=1", "--check.games=2", "--check.simulations=4", "--check.pure_simulations=20"),
]
"""A run whose iterations take a fraction of a second, with everything in them that a large one has."""
LONGEST_DELAY = 0.004
"""Seconds between the first sign of a phase and the kill: long enough to land anywhere in a short one."""
DEADLINE = 120


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "train.py", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kill_in(process: subprocess.Popen[bytes], phase: str, rng: random.Random) -> str:
    """Waits for the phase, kills, and returns the phase in which the process really died.

    Raises:
      RuntimeError: the process ended by itself.
    """
    assert process.stderr is not None
    shown = b""
    wanted = re.compile(rb"(?:^|\s)" + phase.encode() + rb": ")
    skip = rng.randrange(3) if phase == "self-play" else 0  # also at later moves, and in later iterations
    give_up = time.monotonic() + DEADLINE
    while len(wanted.findall(shown)) <= skip:
        if time.monotonic() > give_up:
            process.kill()
            raise RuntimeError(f"train.py did not come to {phase!r} within {DEADLINE} s: {shown[-500:].decode()}")
        chunk = os.read(process.stderr.fileno(), 65536)
        if not chunk:
            raise RuntimeError(f"train.py ended by itself: {shown[-500:].decode()}")
        shown += chunk
    try:
        process.wait(timeout=rng.random() ** 4 * LONGEST_DELAY)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    shown += process.stderr.read()
    process.stderr.close()
    process.wait(timeout=DEADLINE)
    return last_phase(shown.decode(errors="replace"))


def last_phase(shown: str) -> str:
    found = re.findall("|".join(f"{phase}(?=: )" for phase in PHASES), shown)
    return str(found[-1])


def finish(arguments: list[str]) -> None:
    finished = subprocess.run(
        [sys.executable, "train.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    if finished.returncode != 0 or "passed over" in finished.stderr:
        raise RuntimeError(f"train.py {' '.join(arguments)}: exit {finished.returncode}: {finished.stderr[-500:]}")


def contents(run: Path) -> dict[str, bytes]:
    """All that a run has to keep; the curve and the last model tell the time."""
    kept = ("checkpoints", "generations", "replay")
    return {str(file.relative_to(run)): file.read_bytes() for kind in kept for file in sorted((run / kind).iterdir())}


def iterations_of(run: Path) -> int:
    numbers = [int(file.stem) for file in (run / "checkpoints").glob("*.safetensors")]
    return max(numbers, default=0)


def campaign(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kills a run `kills` times in its folder and compares it with one that was left alone.

    Returns: how many kills hit each phase.

    Raises:
      RuntimeError: a run that did not resume, lost a finished iteration, or came out otherwise.
    """
    rng = random.Random(seed)
    run, twin = folder / "killed", folder / "left-alone"
    hits: Counter[str] = Counter()
    for kill in range(kills):
        before = iterations_of(run)
        process = start(["--resume", str(run)] if run.exists() else ["--run", str(run), *SETTINGS])
        # Aim at what was hit least: a kill that is meant for a phase of a millisecond may land in the next one.
        hits[kill_in(process, min(PHASES, key=lambda phase: hits[phase]), rng)] += 1
        if iterations_of(run) < before:
            raise RuntimeError(f"kill {kill + 1}: {before} iterations were finished, {iterations_of(run)} are left")
    iterations = iterations_of(run) + 1
    rest = ["--resume", str(run)], ["--run", str(twin), *SETTINGS]
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(finish, [[*begin, "--max_iterations", str(iterations)] for begin in rest]))
    ours, theirs = contents(run), contents(twin)
    # A kill may come between a write and the clean-up that follows it; the next iteration catches up.
    if ours != theirs:
        differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
        raise RuntimeError(f"after {kills} kills and {iterations} iterations these differ: {', '.join(differing)}")
    return hits


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kill_campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hits = campaign(Path(folder), options.kills, options.seed)
    print(f"{options.kills} kills, {options.kills} resumes, all bytes alike; by phase: {dict(hits)}")
    missed = [phase for phase in PHASES if not hits[phase]]
    if missed:
        print(f"not hit: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

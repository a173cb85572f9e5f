"""Shows that a resumed run is the run: 2 + 2 iterations against 4, every byte of what is kept compared.

  python -m benchmarks.resume_check --preset 6x6x4

Everything is as the preset has it: games under way at the checkpoint, subtree reuse, schedules, two threads.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.run_contents import contents, finish

ITERATIONS = 4


def differences(folder: Path, arguments: list[str]) -> tuple[list[str], int]:
    """Trains both ways; the files that differ, and the number of bytes compared."""
    whole, halves = folder / "whole", folder / "halves"
    finish(["--run", str(whole), *arguments, "--max_iterations", str(ITERATIONS)])
    finish(["--run", str(halves), *arguments, "--max_iterations", str(ITERATIONS // 2)])
    finish(["--resume", str(halves), "--max_iterations", str(ITERATIONS)])
    ours, theirs = contents(halves), contents(whole)
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    return differing, sum(map(len, theirs.values()))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resume_check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--preset", default="6x6x4")
    parser.add_argument("--precision", default="float32", help="fixed, so that both runs have the same")
    options = parser.parse_args()
    arguments = ["--preset", options.preset, "--precision", options.precision, "--seed", "5", "--check.every", "2"]
    with tempfile.TemporaryDirectory() as folder:
        differing, compared = differences(Path(folder), arguments)
    if differing:
        print(f"these differ: {', '.join(differing)}")
        return 1
    half = ITERATIONS // 2
    print(
        f"{options.preset}: {half} + {half} iterations equal {ITERATIONS}: {compared:,} bytes compared, none differs"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A storm of random and half-valid lines over the Gomocup engine, with a referee and a clock.

    python -m benchmarks.gomocup_storm --lines 100000 --seed 1

The engine is the real one in a process of its own, with 50 ms a move.
"""

import argparse
import json
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.gomocup_referee import BLOCKS, TOLERANCE_MS, TURN_MS, Channel, Referee

ROOT = Path(__file__).resolve().parent.parent


class EngineProcess:
    """The engine as a manager has it."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lines: queue.Queue[tuple[float, str]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode("utf-8", "replace") + b"\n")
        self._process.stdin.flush()

    def read(self, timeout: float) -> tuple[float, str]:
        return self._lines.get(timeout=timeout)

    def end(self) -> float:
        """Sends END and returns the seconds until the process is gone."""
        started = time.monotonic()
        self.send("END")
        self._process.wait(timeout=10)
        return time.monotonic() - started

    @property
    def peak_mb(self) -> float | None:
        """The most memory that the process had so far; None where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status")
        match = re.search(r"VmHWM:\s*(\d+) kB", status.read_text()) if status.exists() else None
        return None if match is None else int(match[1]) / 1024

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put((time.monotonic(), line.decode().rstrip("\n")))


def salvos(seed: int) -> Iterator[list[str]]:
    """A few lines at a time, without end."""
    rng = Random(seed)
    while True:
        yield [_line(rng) for _ in range(rng.choice((1, 1, 1, 2, 3, 6)))]


def _line(rng: Random) -> str:
    kinds: list[Callable[[Random], str]] = [_command, _command, _turn, _turn, _turn, _block, _info, _garbage]
    text = rng.choice(kinds)(rng)
    if rng.random() < 0.1:
        text = "".join(rng.choice((letter.lower(), letter.upper())) for letter in text)
    return text + rng.choice(("", "", "", " ", "\r"))


def _point(rng: Random) -> str:
    low, high = rng.choice(((0, 14), (0, 14), (4, 10), (-1, 25)))
    separator = rng.choice((",", ",", ",", " , ", ";"))
    return f"{rng.randint(low, high)}{separator}{rng.randint(low, high)}"


def _turn(rng: Random) -> str:
    return f"TURN {_point(rng)}"


def _command(rng: Random) -> str:
    return rng.choice(
        [
            *(
                "RESTART",
                "BEGIN",
                "BEGIN",
                "ABOUT",
                "STOP",
                "YXSTOP",
                "DONE",
                "YXSHOWFORBID",
                "YXSHOWINFO",
                "YXNBEST",
            ),
            *(f"START {size}" for size in (15, 15, 15, 20, 5, 22, 4, 23, 0, -3, "x", "")),
            *("RECTSTART 15,15", "RECTSTART 15,20", "RECTSTART", "YXNBEST 3", "YXNBEST x"),
            *(
                f"TAKEBACK {_point(rng)}",
                f"PLAY {_point(rng)}",
                "BEGIN 7,7",
                "TURN",
                "BOARD",
                "YXBOARD",
                "SWAP2BOARD",
            ),
        ]
    )


def _block(rng: Random) -> str:
    command = rng.choice(tuple(BLOCKS))
    count = rng.choice((0, 3, 5)) if command == "SWAP2BOARD" else rng.randint(0, 12)
    places = rng.sample([(x, y) for x in range(15) for y in range(15)], count)
    stones = [f"{x},{y}" for x, y in places]
    if command != "SWAP2BOARD":
        stones = [f"{stone},{1 + index % 2}" for index, stone in enumerate(stones)]
    if stones and rng.random() < 0.3:
        stones[rng.randrange(len(stones))] = rng.choice(("7,7,3", "99,99,1", "7", "1,1,9", "x,y,1", stones[0]))
    return " ".join([command, *stones, *rng.choice((["DONE"], ["DONE"], ["DONE"], []))])


def _info(rng: Random) -> str:
    key, values = rng.choice(
        [
            ("timeout_turn", ("0", "10", str(TURN_MS), "-5", "x", "")),
            ("timeout_match", ("0", "100000", "-1")),
            ("time_left", ("-50", "0", "200", "2147483647", "99999999999999999999999")),
            ("max_memory", ("0", "350000000", "83886080", "-1", "1e9")),
            ("rule", ("0", "1", "4", "2", "8", "9", "-1", "x")),
            ("max_node", ("0", "1", "100")),
            ("show_detail", ("0", "2", "?")),
            ("game_type", ("1",)),
            ("folder", ("C:\\some folder, or other",)),
            ("evaluate", (_point(rng),)),
            ("nonsense", ("1",)),
        ]
    )
    return f"INFO {key} {rng.choice(values)}"


def _garbage(rng: Random) -> str:
    letters = "abcXYZ019,,;-+. \t\\\"'\x00\x07\x1béß五%"
    text = "".join(rng.choice(letters) for _ in range(rng.choice((0, 1, 5, 20, 300))))
    return text if text.split()[:1] != ["end"] else ""


def storm(channel: Channel, num_lines: int, seed: int) -> Referee:
    """Sends `num_lines` or a few more, each salvo settled before the next, under a limit of `TURN_MS`.

    Raises:
      AssertionError: see `Referee.settle`.
    """
    referee = Referee(channel)
    referee.send("START 15")
    sent = 0
    for salvo in salvos(seed):
        referee.settle()
        for line in (f"INFO timeout_turn {TURN_MS}", *salvo):
            referee.send(line)
            sent += 1
        if sent >= num_lines:
            break
    referee.settle()
    return referee


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", nargs="+", default=[sys.executable, "human_play.py", "gomocup"])
    options = parser.parse_args()
    engine = EngineProcess(options.engine)
    started = time.monotonic()
    referee = storm(engine, options.lines, options.seed)
    report = {
        "lines": options.lines,
        "seed": options.seed,
        "thoughts": referee.thoughts,
        "seconds": round(time.monotonic() - started, 1),
        "worst lateness, ms": round(referee.worst_ms, 1),
        f"more than {TOLERANCE_MS} ms late": len(referee.slow),
        "peak MB": engine.peak_mb,
        "END to exit, s": round(engine.end(), 3),
    }
    print(json.dumps(report, indent=2))
    for line in referee.slow[:20]:
        print(line)
    return 0 if not referee.slow else 1


if __name__ == "__main__":
    sys.exit(main())

"""Kills a training run again and again at moments of every kind, and shows that nothing was lost.

  python -m benchmarks.kill_campaign --kills 500 --folder runs/kills/threads
  python -m benchmarks.kill_campaign --kills 500 --folder runs/kills/actors --actors 2

Each kill is a SIGKILL to a process of its own, in which the real `train.main` runs. What it hit is read from what the
run has shown up to its death. Every hundred kills are a chapter: a run that is new, is killed a hundred times, and in
the end must hold, byte for byte, what one that was left alone holds. (With actor processes, which games end first is
left to the machine: there the books are checked instead.) Called again with the same folder, it goes on.
"""

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.forked_training import MARK, ForkedRun, RunEndedError, halt_at, prepare
from benchmarks.kill_aims import FINISH, LOOP_PHASES, PHASES, START, Aim, Situation, aim_of, targets_of
from benchmarks.run_contents import DifferenceError, check_books, compare, iterations_of
from gomoku.files import write_atomically
from training.hooks import Phase
from training.metrics import read_metrics

SETTINGS = [
    *("--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu"),
    *("--backend=torch", "--precision=float32", "--learner.precision=float32"),  # nothing to be measured at the start
    *("--iteration_positions=30", "--self_play.simulations=4", "--self_play.games=4", "--self_play.threads=2"),
    *("--learner.batch_size=32", "--replay.window_start=50", "--keep.generations=2", "--seed=3", "--check.suite=[]"),
    *("--check.every=1", "--check.games=2", "--check.simulations=2", "--check.pure_simulations=4"),
]
"""A run whose iterations take a tenth of a second, with everything in them that a large one has."""
KILLS_PER_CHAPTER = 100
SECONDS_TO_AIM = 8.0
"""After which a run that did not come to what was aimed at is killed where it is."""
SECONDS_FOR_ACTORS = 20.0


@dataclass
class Book:
    """What a campaign has seen so far; the file that it goes on from."""

    actors: int
    seed: int
    kills: int = 0
    resumes: int = 0
    """Of runs that came to play, on the checkpoint that was the newest when they were killed."""
    passed_over: int = 0
    """Checkpoints that did not load."""
    phases: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    """Kills in front of an operation on a file, or in the middle of a write."""
    most_seconds_lost: float = 0.0
    """From the newest checkpoint, or the start of the process, to the kill."""
    iterations: int = 0
    """Finished by all runs together."""
    actors_left: int = 0
    """Actor processes that outlived their run by more than a moment."""
    chapters: int = 0
    """Runs that were killed to the end and came out as they had to."""
    bytes_compared: int = 0
    seconds: float = 0.0


class CampaignError(RuntimeError):
    """Something was lost; the folder is left as it was found."""


class Campaign:
    """Kills runs, chapter after chapter."""

    def __init__(self, folder: Path, actors: int, seed: int) -> None:
        """Begins, or goes on where the folder's book says.

        Raises:
          CampaignError: the folder's campaign is another one.
        """
        self._folder = folder
        self._path = folder / "campaign.json"
        self._settings = [*SETTINGS, *(["--actors", str(actors)] if actors else [])]
        folder.mkdir(parents=True, exist_ok=True)
        self.book = Book(actors, seed)
        if self._path.exists():
            self.book = Book(**json.loads(self._path.read_text()))
        if (self.book.actors, self.book.seed) != (actors, seed):
            raise CampaignError(f"{self._path} has actors {self.book.actors} and seed {self.book.seed}")

    def run(self, kills: int) -> None:
        """Kills until there were so many kills in all; the last chapter may be a short one.

        Raises:
          CampaignError: a run that did not resume, or lost a finished iteration.
          DifferenceError: one that came out otherwise than it would have without the kills.
        """
        while self.book.kills < kills:
            chapter, number = divmod(self.book.kills, KILLS_PER_CHAPTER)
            started = time.monotonic()
            self._kill(self._folder / f"run-{chapter}", number)
            is_last = number + 1 == KILLS_PER_CHAPTER or self.book.kills + 1 == kills
            if is_last:
                self._close_chapter(chapter)
            self.book.kills += 1
            self.book.seconds += time.monotonic() - started
            self._write()

    def table(self) -> dict[str, Any]:
        """The book, with what was never hit."""
        missed = [phase for phase in PHASES if phase not in self.book.phases]
        missed += [target for target in targets_of(self.book.actors) if target not in self.book.files]
        return asdict(self.book) | {"never_hit": missed}

    def _kill(self, run: Path, number: int) -> None:
        book, before = self.book, iterations_of(run)
        rng = random.Random(f"{book.seed} {book.actors} {book.kills}")
        written = len(read_metrics(run / "metrics.jsonl"))
        is_made = (run / "config.json").exists()
        aim = aim_of(Situation(book.kills, number, is_made, book.actors, written > before), rng)
        begin = ["--resume", str(run)] if is_made else ["--run", str(run), *self._settings]
        if aim.ends:
            begin.append(f"--max_iterations={before + 1}")
        elif run.exists():
            begin.append("--max_iterations=0")
        process = ForkedRun(begin, run, halt_at(aim.halt_at))
        try:
            _wait_for(process, aim)
        except RunEndedError as error:
            raise CampaignError(f"kill {book.kills + 1}, {aim}: {error}") from None
        family = psutil.Process(process.process_id).children()
        process.kill()
        killed = time.time()
        self._note_actors(family)
        self._note(process, run, before, killed)

    def _note(self, process: ForkedRun, run: Path, before: int, killed: float) -> None:
        book, after, shown = self.book, iterations_of(run), process.shown
        book.passed_over += shown.count("passed over")
        if (first := re.search(r"generation (\d+)", shown)) is not None:
            book.resumes += 1
            if int(first[1]) != before + 1:
                raise CampaignError(f"kill {book.kills + 1}: resumed at {first[1]}, not {before + 1}")
        if after < before or book.passed_over:
            raise CampaignError(f"kill {book.kills + 1}: of {before} iterations {after} are left: {shown[-300:]}")
        checkpoint = run / "checkpoints" / f"{after:06d}.safetensors"
        kept = checkpoint.stat().st_mtime if after > before else process.started
        book.most_seconds_lost = max(book.most_seconds_lost, killed - kept)
        hits = Counter(book.phases)
        hits[phase_of(shown)] += 1
        book.phases = dict(hits)
        if (halted := re.search(rf"{MARK}([^\n]+)\n\s*{MARK}halted", shown)) is not None:
            book.files = dict(Counter(book.files) + Counter([halted[1]]))

    def _note_actors(self, family: list[psutil.Process]) -> None:
        """Actors end by themselves, once nobody is there to tell them anything."""
        left = psutil.wait_procs(family, SECONDS_FOR_ACTORS)[1]
        for actor in left:
            actor.kill()
        self.book.actors_left += len(left)

    def _close_chapter(self, chapter: int) -> None:
        """Lets the run end in peace, and compares it with one that was never killed."""
        run, twin = self._folder / f"run-{chapter}", self._folder / f"twin-{chapter}"
        # A kill may come between a write and the clean-up that follows it; the next iteration catches up.
        ends = f"--max_iterations={iterations_of(run) + 1}"
        begin = ["--resume", str(run)] if (run / "config.json").exists() else ["--run", str(run), *self._settings]
        _finish(run, [*begin, ends])
        self.book.iterations += iterations_of(run)
        if self.book.actors:
            check_books(run)
        else:
            shutil.rmtree(twin, ignore_errors=True)
            _finish(twin, ["--run", str(twin), *self._settings, ends])
            self.book.bytes_compared += compare(run, twin)
        self.book.chapters += 1
        shutil.rmtree(run)
        shutil.rmtree(twin, ignore_errors=True)

    def _write(self) -> None:
        write_atomically(self._path, (json.dumps(asdict(self.book), indent=2) + "\n").encode())


def _wait_for(process: ForkedRun, aim: Aim) -> None:
    """Comes back when the run is where it is to be killed, or did not come there in time."""
    if aim.halt_at:
        process.wait_for(f"{MARK}halted", seconds=SECONDS_TO_AIM)
    elif not aim.phase:
        process.wait_for(f"{Phase.SELF_PLAY}: " if aim.in_loop else "^")
        process.wait_for("(?!)", seconds=aim.delay)
    elif process.wait_for(rf"{aim.phase}: ", aim.skip + 1, SECONDS_TO_AIM):
        time.sleep(aim.delay)


def phase_of(shown: str) -> str:
    """The phase in which a run died that has shown this."""
    found = list(re.finditer("|".join(f"{phase}(?=: )" for phase in LOOP_PHASES), shown))
    if not found:
        return START
    # After the last iteration the newest model is written; before it, nothing but the picture of the run follows.
    return FINISH if f"{MARK}make model.safetensors" in shown[found[-1].end() :] else found[-1][0]


def _finish(run: Path, arguments: list[str]) -> None:
    process = ForkedRun(arguments, run)
    status = process.end()
    if status != 0 or "passed over" in process.shown:
        raise CampaignError(f"train.py {' '.join(arguments)}: exit {status}: {process.shown[-500:]}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kill_campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=100, help="in all, with those of earlier calls")
    parser.add_argument("--actors", type=int, default=0, help="actor processes; 0: threads of the run's own")
    parser.add_argument("--folder", type=Path, help="where the campaign is kept; without, nowhere")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory() as temporary:
        campaign = Campaign(options.folder or Path(temporary), options.actors, options.seed)
        try:
            campaign.run(options.kills)
        except (CampaignError, DifferenceError) as error:
            print(f"kill_campaign: {error}", file=sys.stderr)
            return 1
        finally:
            print(json.dumps(campaign.table(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How a run scales from one actor to ten thousand: a simulation fed with constants that were measured on one machine.

  python -m benchmarks.scale_simulator
  python -m benchmarks.scale_simulator --constants FILE      of `python -m benchmarks.gatherer --json FILE`

What it models, in steps of time: actors that play games side by side, each begun with the newest network that has
arrived there; the gatherer, which takes in reports and finished games at a measured cost; the learner's cycle of
gradient steps, checkpoint and hand-over, on a machine with cores for both; and the back-pressure that lets all actors
rest while one iteration's positions wait, which takes a message to each of them.

What it leaves out: faults, actors of different speed, games of different length, and a network that is itself the
limit (megabytes per second are printed, to be held against what a link carries).
"""

import argparse
import json
import sys
from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path

from training.actor_worker import pace_of_many

COUNTS = (1, 2, 4, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
WARM_UP, LONGEST_WARM_UP, MEASURED = 6, 20_000, 50
"""Iterations; it is warm when the games that all began at once have ended twice over."""
STEPS_PER_ITERATION = 50
COMMANDS_PER_ITERATION = 3
"""To each actor: rest, play, report what is in flight."""


@dataclass(frozen=True)
class Constants:
    """What was measured. The defaults: docs/scale.md says with which command, where and when."""

    actor_positions: float = 84.4
    """Per second, of one actor core."""
    positions_per_game: float = 29.1
    bytes_per_game: float = 7268.0
    """On the wire."""
    intake_seconds: float = 834e-6
    """Of the learner's process, per game: unpickled, noted, packed, added."""
    learner_samples: float = 1356.0
    """Per second of one core."""
    flight_bytes: float = 2976.0
    """Of a checkpoint, per game under way."""
    flight_seconds: float = 58e-6
    """To write down, per game under way."""
    network_bytes: float = 361_747.0
    """Compressed."""
    network_seconds: float = 0.012
    """To write and compress a network."""
    message_seconds: float = 570e-6
    """Of the learner's process, per report: Ray's call and answer."""
    broadcast_seconds: float = 0.2
    """From the hand-over until actors play with the network, besides the wait for the next question."""


@dataclass(frozen=True)
class Setup:
    """A way to run."""

    name: str = "as it is"
    games_per_actor: int = 64
    iteration_positions: int = 4096
    reuse: float = 4.0
    learner_speed: float = 1.0
    """Times the core that was measured: 2 for two cores' worth, 50 for a middling GPU."""
    intake_speed: float = 1.0
    """Times one process."""
    actors_per_node: int = 16

    def nodes_of(self, actors: int) -> int:
        return -(-actors // self.actors_per_node)


@dataclass(frozen=True)
class Outcome:
    """Of some iterations, warm."""

    actors: int
    positions_per_second: float
    behind: float
    """Generations between the network that began a game and the newest when it ended, on average."""
    loads: dict[str, float]
    """Share of the time in which each part of the learner's side is busy; `actors`: in which they play."""
    megabytes_per_second: float
    """Into the learner's machine and out of it."""

    @property
    def limit(self) -> str:
        """The part that is busy most."""
        return max(self.loads, key=self.loads.__getitem__)


class Run:
    """One simulated run. Times in seconds."""

    def __init__(self, actors: int, constants: Constants, setup: Setup) -> None:
        self.actors, self.constants, self.setup = actors, constants, setup
        self._pace = pace_of_many(actors).moves
        self._game_seconds = constants.positions_per_game * setup.games_per_actor / constants.actor_positions
        self._clock = 0.0
        self._played = 0.0
        """What a clock shows that stands still while the actors rest."""
        self._arrivals = [0.0]
        """When each generation arrived, on that clock."""
        self._on_its_way: float | None = None
        """When the next one arrives."""
        self._newest = 0
        self._queued, self._waiting = 0.0, 0.0
        """Positions of games that have ended: not yet taken in, and taken in."""
        self._reset()

    def _reset(self) -> None:
        self._started, self._rested = self._clock, 0.0
        self.harvested, self.ended = 0.0, 0.0
        """Positions since the last reset: learnt from, and of games that have ended."""
        self._busy = dict.fromkeys(("learning", "taking in", "commands", "checkpoint", "hand-over"), 0.0)
        self._ages = 0.0
        """In generations, summed over positions."""

    def measure(self) -> Outcome:
        """Runs until it is warm, and then measures."""
        while self._newest < WARM_UP or (self._played < 2 * self._game_seconds and self._newest < LONGEST_WARM_UP):
            self.iterate()
        self._reset()
        for _ in range(MEASURED):
            self.iterate()
        elapsed = self._clock - self._started
        rate = self.harvested / elapsed
        games_bytes = rate / self.constants.positions_per_game * self.constants.bytes_per_game
        networks_bytes = MEASURED * self.constants.network_bytes * self.setup.nodes_of(self.actors) / elapsed
        loads = {"actors": 1 - self._rested / elapsed} | {part: time / elapsed for part, time in self._busy.items()}
        behind = self._ages / self.ended
        return Outcome(self.actors, rate, behind, loads, (games_bytes + networks_bytes) / 1e6)

    @property
    def under_way(self) -> float:
        """Positions of games that have ended and wait to be harvested."""
        return self._queued + self._waiting

    def iterate(self) -> None:
        """Plays until there is enough for an iteration, and learns from it."""
        full_rate = self.actors * self.constants.actor_positions
        step = max(1e-4, self.setup.iteration_positions / full_rate / STEPS_PER_ITERATION)
        while not self._is_ripe:
            self._step(step)
        positions, self._waiting = self._waiting, 0.0
        self.harvested += positions
        for part, seconds in self._cycle(positions).items():
            self._busy[part] += seconds
            steps = max(1, min(STEPS_PER_ITERATION, int(seconds / 1e-3)))
            for _ in range(steps):
                self._step(seconds / steps)
        self._newest += 1
        self._on_its_way = self._clock + self.constants.broadcast_seconds + self._pace / 2

    @property
    def _is_ripe(self) -> bool:
        return self._waiting >= self.setup.iteration_positions

    def _cycle(self, positions: float) -> dict[str, float]:
        """What the learner does with a harvest, one after the other."""
        constants, setup = self.constants, self.setup
        in_flight = self.actors * setup.games_per_actor
        return {
            "learning": positions * setup.reuse / (constants.learner_samples * setup.learner_speed),
            "commands": COMMANDS_PER_ITERATION * self.actors * constants.message_seconds,
            "checkpoint": in_flight * constants.flight_seconds,
            "hand-over": constants.network_seconds,
        }

    def _step(self, seconds: float) -> None:
        """Lets time pass."""
        self._clock += seconds
        if self._on_its_way is not None and self._on_its_way <= self._clock:
            self._arrivals += [self._played] * (self._newest + 1 - len(self._arrivals))
            self._on_its_way = None
        # Actors rest once enough has ended; the command to do so reaches the last after all others have had theirs.
        full_rate = self.actors * self.constants.actor_positions
        late = full_rate * self.actors * self.constants.message_seconds / self.setup.intake_speed
        most = max(0.0, self.setup.iteration_positions + late - self._queued - self._waiting)
        played = min(seconds, most / full_rate)
        self._rested += seconds - played
        self._play(played)
        self._take_in(seconds)

    def _play(self, seconds: float) -> None:
        constants = self.constants
        self._played += seconds
        ended = seconds * self.actors * constants.actor_positions
        generation = max(0, bisect_right(self._arrivals, self._played - self._game_seconds) - 1)
        self._queued += ended
        self.ended += ended
        self._ages += ended * (self._newest - generation)

    def _take_in(self, seconds: float) -> None:
        """Reports cost time, with games or without; what is left of it goes to the games."""
        constants, setup = self.constants, self.setup
        spent = min(seconds, seconds * self.actors / self._pace * constants.message_seconds / setup.intake_speed)
        per_position = constants.intake_seconds / constants.positions_per_game / setup.intake_speed
        taken = min(self._queued, (seconds - spent) / per_position)
        self._queued -= taken
        self._waiting += taken
        self._busy["taking in"] += spent + taken * per_position


AS_IT_IS = Setup()
WITH_GPU = replace(AS_IT_IS, name="a GPU that learns 50 times as fast", learner_speed=50)
LONGER = replace(WITH_GPU, name="the same, and longer iterations", iteration_positions=65_536)
FEWER_GAMES = replace(LONGER, name="the same, and fewer games per actor", games_per_actor=8)
MANY_GPUS = replace(FEWER_GAMES, name="the same, and learning 400 times as fast", learner_speed=400)
MANY_TAKERS = replace(MANY_GPUS, name="the same, and four processes that take in", intake_speed=4)
SETUPS = (AS_IT_IS, WITH_GPU, LONGER, FEWER_GAMES, MANY_GPUS, MANY_TAKERS)


def show(setup: Setup, outcomes: list[Outcome]) -> None:
    """One table."""
    print(
        f"\n{setup.name}: {setup.iteration_positions:,} positions an iteration, {setup.games_per_actor} games each\n"
    )
    print("| actors | positions/s | actors play | generations behind | learner's side | MB/s | limit |")
    print("|---:|---:|---:|---:|---|---:|---|")
    for one in outcomes:
        parts = ", ".join(f"{part} {load:.0%}" for part, load in one.loads.items() if part != "actors")
        figures = f"{one.positions_per_second:,.0f} | {one.loads['actors']:.0%} | {one.behind:.1f}"
        print(f"| {one.actors:,} | {figures} | {parts} | {one.megabytes_per_second:.2f} | {one.limit} |")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale_simulator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--constants", type=Path, help="a file of `python -m benchmarks.gatherer --json`")
    options = parser.parse_args()
    constants = Constants()
    if options.constants is not None:
        constants = replace(constants, **json.loads(options.constants.read_text()))
    print(constants)
    for setup in SETUPS:
        show(setup, [Run(count, constants, setup).measure() for count in COUNTS])
    return 0


if __name__ == "__main__":
    sys.exit(main())

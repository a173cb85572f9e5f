"""What one learner process can take in: recorded games replayed at full speed, and what each step of it costs.

  python -m benchmarks.gatherer                      a table; the simulator's constants
  python -m benchmarks.gatherer --json FILE          the constants, for benchmarks.scale_simulator --constants FILE

Records games of 9x9x5 as one actor makes them, with the preset's network and settings, and then hands them to the
learner's side again and again under new numbers: unpickled as they come off the wire, noted in the ledger, packed,
added to the replay buffer. In seconds of CPU time of one core, in turns, medians.
"""

import argparse
import json
import pickle
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.measuring import machine
from benchmarks.scale_simulator import Constants
from benchmarks.subjects import reference_network
from gomoku.rules import parse_rules
from mcts.config import SearchConfig
from nets.calibration import EngineOptions, choose_engine
from nets.engine import CompiledNetwork, compile_network, make_evaluator
from nets.network import weights_of
from training.actor_messages import write_assignment
from training.games import FinishedGame
from training.harvest import Harvest, Ledger, Report
from training.learner import Learner
from training.presets import PRESETS
from training.replay import ReplayBuffer, Segment, segments_of
from training.samples import pack_samples
from training.self_play import SelfPlay
from training.shares import Assignment

CONFIG = PRESETS["9x9x5"]
RULES = parse_rules(CONFIG.rules)
PRESET_NETWORK = "small"
GAMES = 64
"""Of one actor, side by side."""
BATCH = 8
"""Games in a report."""
REPEATS = 5
ROUNDS = 5
LEARNER_STEPS = 10


def cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def median_seconds(work: Callable[[], object]) -> float:
    """Of CPU time, once warm."""
    work()
    return statistics.median(cpu_seconds(work) for _ in range(ROUNDS))


def compiled_network() -> CompiledNetwork:
    """The preset's network with random weights, for the engine that is fastest here."""
    weights = weights_of(reference_network(PRESET_NETWORK))
    engine = choose_engine(CONFIG.network, weights, EngineOptions("auto", "auto", "cpu"), RULES, GAMES).engine
    return compile_network(CONFIG.network, weights, engine)


class Recording:
    """Games that one actor made, and how fast it made them."""

    def __init__(self, compiled: CompiledNetwork, num_positions: int) -> None:
        settings = replace(CONFIG.self_play, games=GAMES, threads=1)
        share = SelfPlay(RULES, settings, SearchConfig(), seed=1)
        evaluator = make_evaluator(compiled)
        share.play(evaluator, 1, lambda: None, lambda: False)  # compiles, and brings the games apart
        moves = 0

        def count_move() -> None:
            nonlocal moves
            moves += 1

        self.games: list[FinishedGame] = []
        seconds = cpu_seconds(
            lambda: self.games.extend(share.play(evaluator, num_positions, count_move, lambda: False))
        )
        self.positions_per_second = moves / seconds
        """Of one core."""
        self.positions_per_game = sum(len(game.samples) for game in self.games) / len(self.games)
        state = share.state()
        self.bytes_in_flight = len(json.dumps(state)) / GAMES
        """Of a checkpoint, per game that is under way."""
        self.seconds_in_flight = median_seconds(lambda: [json.dumps(state) for _ in range(10)]) / 10 / GAMES

    def wire(self, first: int) -> list[bytes]:
        """All games as they come over the network, in reports, numbered from `first` on."""
        renumbered = [
            replace(game, number=first + k, samples=[sample._replace(game=first + k) for sample in game.samples])
            for k, game in enumerate(self.games)
        ]
        return [
            pickle.dumps(Report(renumbered[k : k + BATCH], 0, 0, 0, 0.0), pickle.HIGHEST_PROTOCOL)
            for k in range(0, len(renumbered), BATCH)
        ]


class Intake:
    """The learner's side, step by step."""

    def __init__(self, recording: Recording) -> None:
        self._replay = ReplayBuffer(CONFIG.replay)
        self._ledger = Ledger([RULES], 1)
        count = len(recording.games)
        self._wires = [recording.wire(turn * count) for turn in range(REPEATS)]
        self._iteration = 0
        self.num_games = REPEATS * count
        self.num_positions = REPEATS * sum(len(game.samples) for game in recording.games)
        self.bytes_per_game = sum(map(len, self._wires[0])) / count
        self.bytes_per_game_packed = sum(len(zlib.compress(wire, 1)) for wire in self._wires[0]) / count

    def seconds(self) -> dict[str, float]:
        """Of CPU time, of one pass of all games, by step."""
        reports: list[Report] = []
        harvest: list[Harvest] = []
        segments: list[Segment] = []
        self._ledger = Ledger([RULES], 1)
        self._iteration += 1

        return {
            "unpickle": cpu_seconds(lambda: reports.extend(pickle.loads(w) for wire in self._wires for w in wire)),
            "ledger": cpu_seconds(lambda: [self._ledger.note(report) for report in reports]),
            "take": cpu_seconds(lambda: harvest.append(self._ledger.take())),
            "pack": cpu_seconds(lambda: segments.extend(segments_of(harvest[0], self._iteration))),
            "replay": cpu_seconds(lambda: self._replay.add(segments[0])),
        }


def learner_rate(recording: Recording) -> float:
    """Samples per second of CPU time that one core learns from."""
    replay = ReplayBuffer(CONFIG.replay)
    replay.add(
        Segment(1, RULES, pack_samples([s for game in recording.games for s in game.samples], RULES.num_points))
    )
    learner = Learner(reference_network(PRESET_NETWORK), CONFIG.learner, torch.device("cpu"))
    rng = np.random.default_rng(1)
    learner.learn(replay, 1, rng)
    seconds = cpu_seconds(lambda: learner.learn(replay, LEARNER_STEPS, rng))
    return LEARNER_STEPS * CONFIG.learner.batch_size / seconds


def network_sizes(compiled: CompiledNetwork) -> tuple[int, int, float]:
    """Bytes of a network's file, the same compressed, and the seconds that both take."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network"
        sizes: list[int] = []

        def make() -> None:
            write_assignment(path, Assignment(compiled, 1, 0, CONFIG.self_play.simulations))
            data = path.read_bytes()
            sizes[:] = len(data), len(zlib.compress(data, 1))

        seconds = median_seconds(make)
    return sizes[0], sizes[1], seconds


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gatherer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--positions", type=int, default=4000, help="that are recorded")
    parser.add_argument("--json", type=Path, help="write the simulator's constants there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    compiled = compiled_network()
    recording = Recording(compiled, options.positions)
    intake = Intake(recording)
    intake.seconds()
    passes = [intake.seconds() for _ in range(ROUNDS)]
    steps = {step: statistics.median(one[step] for one in passes) / intake.num_games for step in passes[0]}
    raw, packed, network_seconds = network_sizes(compiled)
    constants = Constants(
        actor_positions=recording.positions_per_second,
        positions_per_game=recording.positions_per_game,
        bytes_per_game=intake.bytes_per_game,
        intake_seconds=sum(steps.values()),
        learner_samples=learner_rate(recording),
        flight_bytes=recording.bytes_in_flight,
        flight_seconds=recording.seconds_in_flight,
        network_bytes=packed,
        network_seconds=network_seconds,
    )
    show(constants, steps, intake, compiled, raw)
    if options.json is not None:
        options.json.write_text(json.dumps(asdict(constants), indent=2) + "\n")
    return 0


def show(constants: Constants, steps: dict[str, float], intake: Intake, compiled: CompiledNetwork, raw: int) -> None:
    """The table."""
    games = 1 / constants.intake_seconds
    actor = constants.actor_positions / constants.positions_per_game
    print(f"{machine()}\n{CONFIG.rules}, {PRESET_NETWORK}, {compiled.engine.name}, {GAMES} games per actor")
    print(f"one actor core: {constants.actor_positions:.1f} positions/s, {actor:.2f} games/s")
    print(f"on the wire: {constants.bytes_per_game:,.0f} bytes/game ({intake.bytes_per_game_packed:,.0f} compressed)")
    for step, seconds in steps.items():
        print(f"  {step:9} {1e6 * seconds:8.1f} µs/game")
    print(f"taken in: {games:,.0f} games/s, {games * constants.positions_per_game:,.0f} positions/s")
    print(f"that is {games / actor:,.0f} actor cores (wanted: 50); {max(steps, key=steps.__getitem__)} limits it")
    learnt = constants.learner_samples / CONFIG.learner.reuse
    print(
        f"learning on one core: {constants.learner_samples:,.0f} samples/s, {learnt:,.0f} positions/s at reuse"
        f" {CONFIG.learner.reuse:g}: {learnt / constants.actor_positions:.1f} actor cores"
    )
    print(
        f"games in flight: {constants.flight_bytes:,.0f} bytes and {1e6 * constants.flight_seconds:.0f} µs each in a"
        f" checkpoint\nnetwork: {raw:,} bytes, {constants.network_bytes:,.0f} compressed,"
        f" {1e3 * constants.network_seconds:.0f} ms to make"
    )


if __name__ == "__main__":
    sys.exit(main())

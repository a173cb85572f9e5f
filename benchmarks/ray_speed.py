"""Two actors on two Ray nodes beside two actor processes, in turns; the time to a first game; what the wire costs.

  python -m benchmarks.ray_speed --turns 5

Both play 9x9x5 with the preset's network and settings, and are harvested alike.
"""

import argparse
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import ray

from benchmarks.measuring import ratios
from benchmarks.ray_nodes import Nodes, cpu_seconds_of
from benchmarks.subjects import reference_network
from gomoku.rules import parse_rules
from nets.calibration import EngineOptions, choose_engine
from nets.engine import CompiledNetwork, compile_network
from nets.network import weights_of
from training.actor_kinds import make_actors
from training.actor_messages import write_assignment
from training.actor_processes import ProcessActors
from training.actors import Actors
from training.config import NO_CLUSTER, RayConfig, TrainConfig
from training.presets import PRESETS
from training.shares import Assignment
from workers.cluster_address import OWN_CLUSTER

ACTORS, GAMES = 2, 64
POSITIONS = 600
QUESTIONS, BROADCASTS = 500, 20
CONFIG = PRESETS["9x9x5"]
RULES = parse_rules(CONFIG.rules)
PRESET_NETWORK = "small"


def config_on(address: str) -> TrainConfig:
    """The preset with two actors, there."""
    self_play = replace(CONFIG.self_play, actors=ACTORS, games=ACTORS * GAMES)
    return replace(CONFIG, self_play=self_play, ray=RayConfig(address=address))


def network() -> CompiledNetwork:
    """The preset's network with random weights, for the engine that is fastest here."""
    weights = weights_of(reference_network(PRESET_NETWORK))
    choice = choose_engine(CONFIG.network, weights, EngineOptions("auto", "auto", "cpu"), RULES, GAMES)
    return compile_network(CONFIG.network, weights, choice.engine)


class Rates(NamedTuple):
    """Of one turn."""

    wall: float
    """Simulations per second of wall clock: says something on an idle machine only."""
    cpu: float
    """Simulations per second of CPU time, Ray's own processes counted in."""


class Turns:
    """Actors of one kind, which rest while those of the other have their turn."""

    def __init__(self, address: str, compiled: CompiledNetwork, folder: str) -> None:
        """Starts them and waits for their first game."""
        started = time.perf_counter()
        self._compiled, self._generation = compiled, 0
        self.actors: Actors = make_actors(config_on(address), Path(folder))
        self._play(1)
        self.seconds_to_first_game = time.perf_counter() - started

    def rates(self, cpu_seconds: Callable[[], float]) -> Rates:
        """Of simulations, from one harvest to the next.

        Args:
          cpu_seconds: that all processes on the actors' side have used so far.
        """
        self._play(POSITIONS)  # what was waiting
        started, cpu_before = time.perf_counter(), cpu_seconds()
        simulations = self._play(POSITIONS)
        wall, cpu = time.perf_counter() - started, cpu_seconds() - cpu_before
        while sum(len(game["policies"]) for share in self.actors.state() for game in share["finished"]) < POSITIONS:
            time.sleep(0.5)
        return Rates(simulations / wall, simulations / cpu)

    def _play(self, num_positions: int) -> int:
        self._generation += 1
        assignment = Assignment(self._compiled, self._generation, 0, CONFIG.self_play.simulations)
        return self.actors.play(assignment, num_positions, lambda _: None, lambda: False).simulations


class Echo:
    """Answers at once."""

    def take(self, data: bytes | None) -> int:
        return 0 if data is None else len(data)


def wire(compiled: CompiledNetwork, folder: Path) -> tuple[float, float]:
    """Seconds of CPU time of this process per question and answer, and until all nodes have a network."""
    echoes: list[Any] = [ray.remote(num_cpus=1)(Echo).remote() for _ in range(ACTORS)]
    write_assignment(folder / "network", Assignment(compiled, 1, 0, CONFIG.self_play.simulations))
    data = zlib.compress((folder / "network").read_bytes(), 1)
    ray.get([echo.take.remote(data) for echo in echoes])
    started = time.process_time()
    for _ in range(QUESTIONS):
        ray.get([echo.take.remote(None) for echo in echoes])
    question = (time.process_time() - started) / QUESTIONS / ACTORS
    broadcasts = []
    for _ in range(BROADCASTS):
        began = time.perf_counter()
        packet = ray.put(data)
        ray.get([echo.take.remote(packet) for echo in echoes])
        broadcasts.append(time.perf_counter() - began)
    for echo in echoes:
        ray.kill(echo)
    return question, statistics.median(broadcasts)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ray_speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    compiled = network()
    with tempfile.TemporaryDirectory() as folder:
        own = Turns(OWN_CLUSTER, compiled, folder)
        own.actors.close()
        print(f"first game, cluster of its own: {own.seconds_to_first_game:.1f} s")
        with Nodes(ACTORS) as nodes:
            ray.init(address=nodes.address, log_to_driver=False, logging_level="ERROR")
            question, broadcast = wire(compiled, Path(folder))
            ray.shutdown()
            print(
                f"a question: {1e6 * question:.0f} µs of CPU time; a network to both nodes: {1e3 * broadcast:.0f} ms"
            )
            cluster, local = Turns(nodes.address, compiled, folder), Turns(NO_CLUSTER, compiled, folder)
            print(f"first game, cluster that runs: {cluster.seconds_to_first_game:.1f} s")
            print(f"first game, processes: {local.seconds_to_first_game:.1f} s")
            with closing(cluster.actors), closing(local.actors):
                assert isinstance(local.actors, ProcessActors)
                processes = [psutil.Process(pid) for pid in local.actors.process_ids]
                turns: list[tuple[Rates, Rates]] = []
                for _ in range(1 + options.turns):
                    ours = cluster.rates(nodes.cpu_seconds)
                    turns.append((ours, local.rates(lambda: sum(map(cpu_seconds_of, processes)))))
    print(f"{compiled.engine.name}, {options.turns} turns each; the first is not counted")
    show("wall clock", [(ours.wall, theirs.wall) for ours, theirs in turns[1:]])
    show("CPU time", [(ours.cpu, theirs.cpu) for ours, theirs in turns[1:]])
    return 0


def show(clock: str, pairs: list[tuple[float, float]]) -> None:
    """What the turns came to."""
    ours, theirs = zip(*pairs, strict=True)
    shares = ratios(ours, theirs)
    middle = f"{statistics.median(ours):,.0f} and {statistics.median(theirs):,.0f} simulations/s"
    spread = f"{statistics.median(shares):.3f} ({min(shares):.3f} to {max(shares):.3f})"
    print(f"two nodes and two processes, of {clock}: {middle}, ratio {spread}")


if __name__ == "__main__":
    sys.exit(main())

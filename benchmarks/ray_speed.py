"""Two actors on two Ray nodes of one core each beside two actor processes, in turns; and the time to a first game.

  python -m benchmarks.ray_speed --turns 5

Both play 9x9x5 with the preset's network and settings, and are harvested alike. In wall clock: on an idle machine.
"""

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import by_turns, ratios
from benchmarks.ray_nodes import Nodes
from benchmarks.subjects import reference_network
from gomoku.rules import parse_rules
from nets.calibration import EngineOptions, choose_engine
from nets.engine import CompiledNetwork, compile_network
from nets.network import weights_of
from training.actor_kinds import make_actors
from training.actors import Actors
from training.config import NO_CLUSTER, OWN_CLUSTER, PRESETS, RayConfig, TrainConfig
from training.shares import Assignment

ACTORS, GAMES = 2, 64
POSITIONS = 600
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


class Turns:
    """Actors of one kind, which rest while those of the other have their turn."""

    def __init__(self, address: str, compiled: CompiledNetwork, folder: str) -> None:
        """Starts them and waits for their first game."""
        started = time.perf_counter()
        self._compiled, self._generation = compiled, 0
        self.actors: Actors = make_actors(config_on(address), Path(folder))
        self._play(1)
        self.seconds_to_first_game = time.perf_counter() - started

    def rate(self) -> float:
        """Simulations per second of wall clock, from one harvest to the next."""
        self._play(POSITIONS)  # what was waiting
        started = time.perf_counter()
        simulations = self._play(POSITIONS)
        seconds = time.perf_counter() - started
        while sum(len(game["policies"]) for share in self.actors.state() for game in share["finished"]) < POSITIONS:
            time.sleep(0.5)
        return simulations / seconds

    def _play(self, num_positions: int) -> int:
        self._generation += 1
        assignment = Assignment(self._compiled, self._generation, 0, CONFIG.self_play.simulations)
        return self.actors.play(assignment, num_positions, lambda _: None, lambda: False).simulations


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
            cluster, local = Turns(nodes.address, compiled, folder), Turns(NO_CLUSTER, compiled, folder)
            print(f"first game, cluster that runs: {cluster.seconds_to_first_game:.1f} s")
            print(f"first game, processes: {local.seconds_to_first_game:.1f} s")
            with closing(cluster.actors), closing(local.actors):
                rates = by_turns([cluster.rate, local.rate], options.turns)
    for name, values in zip(("two nodes", "two processes"), rates, strict=True):
        print(f"{name}: {' '.join(f'{value:,.0f}' for value in values)} simulations/s")
    shares = ratios(*rates)
    print(f"ratio: {statistics.median(shares):.3f} ({min(shares):.3f} to {max(shares):.3f}), {compiled.engine.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

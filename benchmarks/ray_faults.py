"""Does harm to a run's actors on several real Ray nodes, again and again, and shows that nothing was lost.

  python -m benchmarks.ray_faults --rounds 5

Each round kills an actor, kills a node and lets another join, holds an actor up, cuts a node off until it is given
up, fills the object store, and kills the driver. After each: the run goes on, the count of finished games has not
fallen, no game was counted twice, none that began is forgotten, and in the end no process is left.
"""

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import ray
import torch

from benchmarks.ray_driver import kill_driver
from benchmarks.ray_nodes import DEADLINE, MEGABYTE, FaultError, Nodes, wait_until
from nets.config import NetworkConfig
from nets.engine import CompiledNetwork, Engine, compile_network
from nets.network import build_network, weights_of
from training.actors_ray import Place, RayActors
from training.config import RayConfig, SelfPlayConfig, TrainConfig
from training.harvest import Harvest
from training.shares import Assignment

SHARES = 2
POSITIONS = 150
SECONDS_CUT_OFF = 8.0
LOST = "actor 1 (was lost with its node|can no longer be reached on) "
NETWORK = NetworkConfig(blocks=0, plain_channels=(8,))
CONFIG = TrainConfig(
    seed=5, self_play=SelfPlayConfig(simulations=12, games=8, threads=SHARES, actors=SHARES, random_plies=3)
)


class Trial:
    """Actors that harm is done to, and the book of all games that they have brought."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.actors = RayActors(replace(CONFIG, ray=RayConfig(address=nodes.address)))
        torch.manual_seed(0)
        self._network: CompiledNetwork = compile_network(
            NETWORK, weights_of(build_network(NETWORK)), Engine("openvino", "float32")
        )
        self._generation = 0
        self._numbers: set[int] = set()
        self._outdated = 0
        self.alarms: list[str] = []

    def harvest(self, count: int = 1) -> list[Harvest]:
        """Plays, with a new network each time, and enters what came.

        Raises:
          FaultError: nothing comes, or a game that had come before.
        """
        return [self._harvest() for _ in range(count)]

    def _harvest(self) -> Harvest:
        give_up = time.monotonic() + DEADLINE
        harvest = self.actors.play(
            Assignment(self._network, self._generation, 0, CONFIG.self_play.simulations),
            POSITIONS,
            lambda _: None,
            lambda: time.monotonic() > give_up,
        )
        if not harvest.is_whole:
            raise FaultError(f"no games within {DEADLINE:.0f} s; {self.alarms}")
        self._generation += 1
        numbers = {game.number for game in harvest.games}
        if len(numbers) < len(harvest.games) or numbers & self._numbers:
            raise FaultError(f"games came twice: {sorted(numbers & self._numbers)}")
        self._numbers |= numbers
        self._outdated += harvest.outdated
        self.alarms += harvest.alarms
        return harvest

    def check(self) -> None:
        """
        Raises:
          FaultError: a game that had begun is neither harvested, nor waiting, nor in flight.
        """
        state = json.loads(json.dumps(self.actors.state()))
        known = self._numbers | {
            game["number"] for share in state for key in ("games", "finished") for game in share[key]
        }
        lost = [
            number
            for k, share in enumerate(state)
            for number in set(range(k, share["next_number"], SHARES)) - set(share["counted"]) - known
        ]
        if len(lost) > self._outdated:
            raise FaultError(
                f"games are forgotten: {sorted(lost)}, of which {self._outdated} were dropped for their age"
            )

    def places(self) -> list[Place]:
        """Where all shares are played, once they all are."""
        wait_until(lambda: None not in self.actors.places, "every share is played somewhere")
        return [place for place in self.actors.places if place is not None]

    def wait_for_alarm(self, text: str) -> str:
        """Plays on until there is such an alarm, and returns it."""
        already = len(self.alarms)

        def found() -> list[str]:
            return [alarm for alarm in self.alarms[already:] if re.search(text, alarm)]

        give_up = time.monotonic() + DEADLINE
        while not found():
            if time.monotonic() > give_up:
                raise FaultError(f"no alarm says {text!r}: {self.alarms}")
            self.harvest()
        return found()[0]


def kill_actor(trial: Trial) -> str:
    """An actor's process is killed; another goes on with its games."""
    victim = trial.places()[0]
    os.kill(victim.process, signal.SIGKILL)
    alarm = trial.wait_for_alarm(rf"actor 1 died on {re.escape(victim.host)} \(process {victim.process}\)")
    wait_until(lambda: trial.actors.places[0] not in (None, victim), "another actor goes on")
    trial.harvest(2)
    return alarm


def kill_node(trial: Trial) -> str:
    """A node is lost with all that ran on it; its share waits until another joins."""
    victim = trial.places()[0]
    trial.nodes.kill(victim.host)
    alarm = trial.wait_for_alarm(LOST + re.escape(victim.host))
    trial.harvest(2)
    if trial.actors.places[0] is not None:
        raise FaultError("an actor plays where there is no room")
    host = trial.nodes.add()
    trial.harvest()
    if trial.places()[0].host != host:
        raise FaultError(f"the share is not played on the node that joined: {trial.places()[0]}")
    return alarm


def hold_up_actor(trial: Trial) -> str:
    """One actor stands still for some generations; the others are not held up, and its games come later."""
    slow = trial.places()[0]
    os.kill(slow.process, signal.SIGSTOP)
    try:
        trial.harvest(2)  # what was under way when it stopped
        without = trial.harvest(3)
    finally:
        os.kill(slow.process, signal.SIGCONT)
    if any(game.number % SHARES == 0 for harvest in without for game in harvest.games):
        raise FaultError("games came from an actor that stands still")
    give_up = time.monotonic() + DEADLINE
    while not any(game.number % SHARES == 0 for game in trial.harvest()[0].games):
        if time.monotonic() > give_up:
            raise FaultError("no game came from the slow actor")
    return "no alarm"


def cut_off_node(trial: Trial) -> str:
    """A node is not heard of until it is given up; what it says when it is back no longer counts."""
    victim = trial.places()[0]
    trial.nodes.cut_off(victim.host, SECONDS_CUT_OFF)
    alarm = trial.wait_for_alarm(LOST + re.escape(victim.host))
    trial.nodes.add()
    trial.harvest(3)
    trial.places()
    return alarm


def fill_store(trial: Trial) -> str:
    """The driver's object store is full of other things; networks and games get through all the same."""
    junk = [ray.put(np.random.default_rng(k).bytes(10 * MEGABYTE)) for k in range(15)]
    trial.harvest(3)
    del junk
    return "no alarm"


FAULTS = (kill_actor, kill_node, hold_up_actor, cut_off_node, fill_store)


def campaign(rounds: int) -> None:
    """
    Raises:
      FaultError: something was lost, came twice, or was left behind.
    """
    with tempfile.TemporaryDirectory() as folder, Nodes(SHARES) as nodes:
        for number in range(1, rounds + 1):
            trial = Trial(nodes)
            with closing(trial.actors):
                trial.harvest()
                for fault in FAULTS:
                    started = time.monotonic()
                    told = fault(trial)
                    trial.check()
                    print(f"round {number}: {fault.__name__}: {time.monotonic() - started:.1f} s: {told}", flush=True)
            told = kill_driver(nodes, Path(folder) / str(number))
            print(f"round {number}: kill_driver: {told}", flush=True)
        wait_until(lambda: not nodes.actor_processes(), "all actors ended")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ray_faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    campaign(options.rounds)
    print(f"{options.rounds} rounds of {len(FAULTS) + 1} faults: nothing lost, nothing counted twice, nothing left")
    return 0


if __name__ == "__main__":
    sys.exit(main())

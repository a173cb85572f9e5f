"""`--workers N`, `--workers ray:N` and `--ray-address`: how many play a match at once, and where.

Owns what these options mean. They change how long a match takes, never how its games go.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from arena.crew import LocalCrew, RemoteCrew, start_worker
from arena.specs import Entrant
from arena.units import Crew
from nets.engine import AUTO
from workers.cluster_address import ADDRESS_FORMS, ON_RAY, OWN_CLUSTER, check_ray, count_on_ray, is_cluster_address

MOST_ON_ONE_GPU = 4
"""Where nothing is said: each worker has the GPU's libraries in its own memory and in the GPU's."""
MOST_SHARING = 16
"""Workers that are taken to have one machine's memory in common, at most."""


def add_crew_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--workers",
        metavar="N|ray:N",
        help="processes that play, here or on a cluster that Ray runs; games do not depend on it (default: one per "
        "core). Players with seconds per move play one game at a time in each (default: 1), and need a core each",
    )
    add("--ray-address", metavar="ADDRESS", help=f"of the cluster: {ADDRESS_FORMS} (default: {OWN_CLUSTER})")


@dataclass(frozen=True)
class CrewOptions:
    """Who plays."""

    count: int | None = None
    """Of workers; None: as many as make sense."""
    address: str | None = None
    """Of a cluster; None: this machine, without Ray."""

    @classmethod
    def of(cls, workers: str | None, address: str | None) -> Self:
        """
        Raises:
          ValueError: what they cannot mean, or Ray is needed and not installed.
        """
        on_ray = None if workers is None else count_on_ray(workers)
        count = int(workers) if workers is not None and workers.isdecimal() else on_ray
        if workers is not None and not count:
            raise ValueError(f"--workers {workers}: must be N or {ON_RAY}N, N from 1")
        if address is not None and not is_cluster_address(address):
            raise ValueError(f"--ray-address {address}: must be {ADDRESS_FORMS}")
        if address is not None and workers is None:
            raise ValueError(f"--ray-address {address}: goes with --workers {ON_RAY}N")
        if on_ray is not None and address is None:
            address = OWN_CLUSTER
        if address is not None:
            check_ray("workers")
        return cls(count, address)

    @property
    def sharing(self) -> int:
        """Workers that have a machine's memory in common."""
        return min(self.count or os.cpu_count() or 1, MOST_SHARING)

    def device(self, wanted: str) -> str:
        """What networks are evaluated on.

        Raises:
          ValueError: something else than a CPU on a cluster, where workers reserve a core each and nothing else.
        """
        if self.address is None:
            return wanted
        if wanted not in (AUTO, "cpu"):
            raise ValueError(f"--device {wanted}: workers on a cluster evaluate on its CPUs")
        return "cpu"

    def check_clocks(self) -> None:
        """For matches in which a player has seconds per move.

        Raises:
          ValueError: more workers than cores, which would take each other's time.
        """
        cores = os.cpu_count() or 1
        if self.count is not None and self.count > cores and self.address in (None, OWN_CLUSTER):
            raise ValueError(
                f"--workers {self.count}: players with seconds per move need a core each, and there are {cores} here"
            )

    def open_crew(
        self, entrants: Sequence[Entrant], num_units: int, is_timed: bool, on_alarm: Callable[[str], None]
    ) -> Crew:
        """Finds players for a match.

        Args:
          entrants: by number.
          num_units: there are no more of them (≥ 1).
          is_timed: they are those of players with seconds per move.
          on_alarm: see `RemoteCrew`.

        Raises:
          ValueError: there is no such cluster.
        """
        size = min(self.count or (1 if is_timed else _usual_count(entrants)), num_units)
        if self.address is not None:
            from arena.workers_ray import RayCrew  # noqa: PLC0415 - an extra that few need, and a second to load

            return RayCrew(self.address, size, tuple(entrants), on_alarm)
        if size == 1:
            return LocalCrew(entrants)
        return RemoteCrew(size, partial(start_worker, tuple(entrants)), on_alarm)


def _usual_count(entrants: Sequence[Entrant]) -> int:
    cores = os.cpu_count() or 1
    return min(cores, MOST_ON_ONE_GPU) if any(_is_on_gpu(entrant) for entrant in entrants) else cores


def _is_on_gpu(entrant: Entrant) -> bool:
    if entrant.network is None or entrant.network.engine.backend != "torch":
        return False
    from nets.devices import find_device  # noqa: PLC0415 - torch takes a second or two

    return find_device(entrant.network.engine.device).type != "cpu"

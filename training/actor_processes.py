"""Actors in processes of their own on this machine, which play on while the learner learns.

Each process (`training.actor_worker`) has one thread and one share of the games. A new network is laid in a file once
per generation. What is heard of them, and who goes on for one that dies, is in `training.remote_actors`.
"""

from pathlib import Path

from training.actor_messages import Begin, write_assignment
from training.actors import ActorsError
from training.config import TrainConfig
from training.remote_actors import RemoteActors
from training.shares import Assignment
from training.sparring import MakePartner, no_partner
from workers.worker_process import WorkerProcess

MODULE = "training.actor_worker"


class ProcessActors(RemoteActors[WorkerProcess]):
    """Processes that play without end, each its own share of the games."""

    def __init__(self, config: TrainConfig, folder: Path, make_partner: MakePartner = no_partner) -> None:
        """Starts nothing yet.

        Args:
          folder: where the networks are handed over, in a file that ends in `.part`.
        """
        super().__init__(config, make_partner)
        self._network = (folder / "network.part").resolve()

    @property
    def process_ids(self) -> list[int]:
        return [actor.process.pid for actor in self._links]

    def close(self) -> None:
        """Ends all processes; they are gone when it returns."""
        super().close()
        self._network.unlink(missing_ok=True)

    def _hand_over(self, assignment: Assignment) -> None:
        write_assignment(self._network, assignment)

    def _connect(self, k: int) -> WorkerProcess:
        try:
            actor = WorkerProcess(MODULE)
        except OSError as error:
            raise ActorsError(f"actor {k + 1} cannot be started: {error}") from None
        state = self._ledger.shares_of(k)
        actor.send(Begin(self._config, k, self._num_workers, state, self._network, self._make_partner))
        return actor

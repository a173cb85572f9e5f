"""Which actors a run has: threads of its own process, processes of this machine, or a cluster."""

from pathlib import Path

from mcts.spans import Span, no_span
from training.actor_processes import ProcessActors
from training.actors import Actors, InProcessActors
from training.config import NO_CLUSTER, TrainConfig
from training.sparring import MakePartner, no_partner
from workers.cluster_address import check_ray


def make_actors(
    config: TrainConfig, folder: Path, span: Span = no_span, make_partner: MakePartner = no_partner
) -> Actors:
    """The actors that the settings ask for, before their first game.

    Args:
      config: with threads and actors fixed.
      folder: the run's.
      span, make_partner: see `InProcessActors`.

    Raises:
      ValueError: a cluster that is not there, no Ray to reach it with, or no such sparring partner.
    """
    if config.self_play.actors == 0:
        return InProcessActors(config, span, make_partner)
    if config.ray.address == NO_CLUSTER:
        return ProcessActors(config, folder, make_partner)
    check_ray("actors")
    from training.actors_ray import RayActors  # noqa: PLC0415 - an extra that few need, and a second to load

    return RayActors(config, make_partner)

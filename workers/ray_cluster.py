"""A cluster that Ray runs: found or started, where a worker on it is, and how one was lost.

Owns what all workers on a cluster have in common, whatever they do: `training/actors_ray.py`, `arena/workers_ray.py`.
"""

import logging
import math
import os
import signal
import socket
import sys
import threading
from typing import Any, NamedTuple

import ray
from ray.exceptions import ActorUnavailableError, RayError, RayTaskError

from workers.cluster_address import OWN_CLUSTER
from workers.link import End

SECONDS_TO_FIRST_WORKER = 300.0
"""A cluster that has room for no worker after this long is given up."""
SECONDS_TO_CONNECT = 5.0
NODE_LOST = "its node has died"
"""In Ray's words, of a worker that was lost before it began."""
STORE_BYTES = 200 * 2**20
"""Object store of a cluster of our own: some networks and some reports."""
LOOPBACK = "127.0.0.2" if sys.platform == "linux" else None
"""Where a cluster of our own is to be found; Ray takes 127.0.0.1 for the machine's name in the network."""


class Place(NamedTuple):
    """Where a worker is."""

    host: str
    node: str
    process: int


def own_place() -> Place:
    """Where the worker is that asks."""
    return Place(ray.util.get_node_ip_address(), ray.get_runtime_context().get_node_id(), os.getpid())


def how_it_ended(place: Place | None, error: RayError | None) -> End:
    """What is known of a worker's end.

    Args:
      place: where it was; None: it has not been heard of.
      error: what was heard last; None: nothing was wrong then.
    """
    where = "before it began" if place is None else f"on {place.host} (process {place.process})"
    if isinstance(error, RayTaskError):
        return End(f"failed {where}: {' '.join(str(error.cause).split())}")
    if place is not None and not _is_alive(place.node):
        return End(f"was lost with its node {place.host} ({place.node[:8]})", is_its_own=False)
    if NODE_LOST in str(error):
        return End(f"was lost with its node {where}", is_its_own=False)
    if isinstance(error, ActorUnavailableError):
        return End(f"can no longer be reached {where}", is_its_own=False)
    last_words = str(error).strip().rpartition("\n")[2] if place is None else ""
    return End(f"died {where}: {last_words}" if last_words else f"died {where}")


def _is_alive(node: str) -> bool:
    return any(entry["NodeID"] == node and entry["Alive"] for entry in ray.nodes())


def connect(address: str, num_cpus: float, folder: str) -> None:
    """Connects this process to a cluster.

    Args:
      address: see `workers.cluster_address.ADDRESS_FORMS`.
      num_cpus: of a cluster of our own: cores that its workers reserve together.
      folder: where a cluster of our own keeps its logs and sockets.

    Raises:
      ValueError: there is none at that address.
    """
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    handler = signal.getsignal(signal.SIGTERM)
    try:
        if address == OWN_CLUSTER:
            ray.init(
                address=OWN_CLUSTER,
                num_cpus=math.ceil(num_cpus),
                object_store_memory=STORE_BYTES,
                include_dashboard=False,
                _node_ip_address=LOOPBACK,
                _temp_dir=folder,
                _system_config={"worker_niceness": 0},  # as worker processes without Ray have it
                **quiet,
            )
        else:
            _knock(address)
            ray.init(address=address, **quiet)
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"no Ray cluster at {address}: {' '.join(str(error).split())}") from None
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)  # Ray puts its own in its place


def _knock(address: str) -> None:
    """Ray itself tries for minutes where nobody is.

    Raises:
      OSError: nobody answers there.
    """
    host, has_port, port = address.rpartition(":")
    if has_port:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_CONNECT).close()

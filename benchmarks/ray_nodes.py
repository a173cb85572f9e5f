"""Several real Ray nodes on this machine, each with an address of its own on the loopback.

A node is what it is in the field: a raylet with an object store and agents of its own, and processes that it starts.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import psutil
from ray.cluster_utils import Cluster

MEGABYTE = 2**20
PATIENCE = {
    "health_check_initial_delay_ms": 500,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 4,
    "worker_niceness": 0,
}
"""A node that is not heard of is given up after some seconds, not after half a minute as in the field."""
DEADLINE = 120.0
QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
"""For Ray's processes: nothing is told to anybody."""


class FaultError(RuntimeError):
    """What must not happen has happened."""


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """
    Raises:
      FaultError: it did not come about in time.
    """
    give_up = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > give_up:
            raise FaultError(f"it never happened that {what}")
        time.sleep(0.05)


def cpu_seconds_of(process: psutil.Process) -> float:
    """So far; none of a process that is gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


class Nodes:
    """A head that plays nothing, and nodes that come and go.

    Use as a context manager, or call `close`.
    """

    def __init__(self, count: int, store_bytes: int = 100 * MEGABYTE) -> None:
        """Starts the head and `count` nodes of one core."""
        self._store_bytes = store_bytes
        self._folder = tempfile.mkdtemp(prefix="ray")  # short: sockets lie deep in it
        self._next_host = 2
        # Ray notes the newest cluster in a folder that a fresh machine lacks, and that may hold a user's note.
        Path(self._folder, "ray").mkdir()
        self._environment = QUIET | {"RAY_TMPDIR": self._folder}
        with mock.patch.dict(os.environ, self._environment):
            head = self._arguments(0) | {"include_dashboard": False, "temp_dir": self._folder}
            head["_system_config"] = PATIENCE
            self._cluster: Any = Cluster(initialize_head=True, head_node_args=head)
        self._nodes: dict[str, Any] = {}
        for _ in range(count):
            self.add()

    def __enter__(self) -> "Nodes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    @property
    def hosts(self) -> list[str]:
        """Of the nodes that play."""
        return list(self._nodes)

    def add(self, cpus: int = 1) -> str:
        """Starts a node; its host."""
        with mock.patch.dict(os.environ, self._environment):
            arguments = self._arguments(cpus)
            host = str(arguments["node_ip_address"])
            self._nodes[host] = self._cluster.add_node(**arguments)
        return host

    def kill(self, host: str) -> None:
        """Ends a node as a power cut does: all its processes at once."""
        node = self._nodes.pop(host)
        for process in self._processes(node):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._cluster.remove_node(node, allow_graceful=False)

    def wait_until_noticed(self) -> None:
        """Waits until the head knows which nodes are there: it gives work to a dead one until it misses it."""
        self._cluster.wait_for_nodes(DEADLINE)

    def cut_off(self, host: str, seconds: float) -> None:
        """Nothing is heard from a node for a while, longer than it is waited for; then it is back, and given up."""
        node = self._nodes.pop(host)
        processes = self._processes(node)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Ends all nodes; their processes are gone when it returns."""
        nodes = [*self._nodes.values(), self._cluster.head_node]
        processes = [process for node in nodes for process in self._processes(node)]
        with mock.patch.dict(os.environ, self._environment):
            self._cluster.shutdown()
        _, alive = psutil.wait_procs(processes, timeout=5)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _arguments(self, cpus: int) -> dict[str, Any]:
        host = f"127.0.0.{self._next_host}"
        self._next_host += 1
        return {"num_cpus": cpus, "node_ip_address": host, "object_store_memory": self._store_bytes}

    def actor_processes(self) -> set[int]:
        """Of all nodes: those in which actors play."""
        found = [process for node in self._nodes.values() for process in self._processes(node)]
        names = {}
        for process in found:
            with suppress(psutil.NoSuchProcess):
                names[process.pid] = process.cmdline()
        return {pid for pid, name in names.items() if name and name[0].startswith("ray::Seat")}

    def cpu_seconds(self) -> float:
        """Of all processes of the nodes that play, Ray's own among them."""
        return sum(cpu_seconds_of(process) for node in self._nodes.values() for process in self._processes(node))

    @staticmethod
    def _processes(node: Any) -> list[psutil.Process]:
        """Of a node: those that were started with it, and theirs."""
        found: list[psutil.Process] = []
        for started in node.all_processes.values():
            for info in started:
                with suppress(psutil.NoSuchProcess):
                    process = psutil.Process(info.process.pid)
                    found += [process, *process.children(recursive=True)]
        return found

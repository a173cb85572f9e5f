"""What self-play needs in memory and what there is of it, asked before any actor is started."""

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mcts.caching import bytes_per_position
from mcts.tree import bytes_per_leaf, bytes_per_node
from training.config import NO_CLUSTER, TrainConfig
from training.self_play import nodes_per_game

PROCESS_BYTES = {"openvino": 230_000_000, "torch": 330_000_000}
"""Of an actor process without its trees: interpreter, kernels, engine and network. Measured with the
network of the 15x15 preset: up to 200 and 240 MB; the rest is for networks and batches that are larger."""
PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


class TooLittleMemoryError(ValueError):
    """More actors, games or simulations than the machine has memory for."""


class Needs(NamedTuple):
    """Bytes that self-play may come to take."""

    trees: int
    """Of all games together, however many actors share them, with every node and every leaf in use."""
    per_actor: int
    """Of each process, or of each thread of this one."""


def needs_of(config: TrainConfig) -> Needs:
    """Args:
    config: with backend, threads and actors fixed.
    """
    plan = config.plan
    per_game = max(
        nodes_per_game(stage.simulations) * bytes_per_node(board.num_points)
        + config.search.leaves_per_tree * bytes_per_leaf(board.num_points)
        for stage in plan.stages
        for board in stage.boards
    )
    most_points = max(board.num_points for board in plan.boards)
    cache = config.self_play.cache_positions * bytes_per_position(most_points)
    process = PROCESS_BYTES[config.backend] if config.self_play.actors else 0
    return Needs(config.self_play.games * per_game, process + cache)


def check_memory(config: TrainConfig, available: int | None = None) -> None:
    """Refuses a run whose self-play does not fit into this machine; what a cluster has is the cluster's affair.

    Args:
      config: with backend, threads and actors fixed.
      available: bytes; None: as many as there are here, and where nobody can tell, enough.

    Raises:
      TooLittleMemoryError: with both figures, and with what would fit.
    """
    if config.ray.address != NO_CLUSTER:
        return
    available = available_memory() if available is None else available
    ours, needs = config.self_play, needs_of(config)
    count, kind = (ours.actors, "actor") if ours.actors else (ours.threads, "thread")
    needed = needs.trees + count * needs.per_actor
    if available is None or needed <= available:
        return
    room = available - needs.trees
    if room < needs.per_actor or not needs.per_actor:
        per_game = needs.trees // ours.games
        fitting = max(0, available - needs.per_actor) // per_game
        advice = f"with 1 of them, at most {fitting} games at {ours.simulations} simulations fit"
    else:
        advice = f"at most {room // needs.per_actor} fit"
    who = f"1 {kind} with {ours.games} games needs" if count == 1 else f"{count} {kind}s with {ours.games} games need"
    raise TooLittleMemoryError(
        f"{who} {needed / 1e9:.1f} GB of memory and {available / 1e9:.1f} GB are free: {advice}"
    )


def available_memory(proc: Path = PROC, cgroups: Path = CGROUPS) -> int | None:
    """Bytes that this process and its children can still get; None where the system does not say."""
    amounts = [_of_machine(proc), *_of_groups(proc, cgroups)]
    return min((amount for amount in amounts if amount is not None), default=None)


def _of_machine(proc: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in (proc / "meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    for pages in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"):  # macOS knows the second only
        with suppress(OSError, ValueError, AttributeError):
            return os.sysconf(pages) * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_groups(proc: Path, cgroups: Path) -> list[int]:
    """What the limits on this process's control groups leave, from its own group up to the root."""
    rooms: list[int] = []
    with suppress(OSError):
        for line in (proc / "self" / "cgroup").read_text().splitlines():
            _number, controllers, path = line.split(":", 2)
            if controllers == "":
                root, limit, used, idle = cgroups, "memory.max", "memory.current", "inactive_file"
            elif "memory" in controllers.split(","):
                root, limit, used = cgroups / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
                idle = "total_inactive_file"
            else:
                continue
            own = root / path.strip("/")
            for group in (own, *(parent for parent in own.parents if parent.is_relative_to(root))):
                with suppress(OSError, ValueError):  # no limit, or none that we may read
                    rooms.append(int((group / limit).read_text()) - int((group / used).read_text()))
                    rooms[-1] += _figure(group / "memory.stat", idle)
    return rooms


def _figure(file: Path, name: str) -> int:
    """A figure from a list of names and numbers; 0 where it is not in there."""
    with suppress(OSError, ValueError):
        return int(dict(line.split() for line in file.read_text().splitlines()).get(name, 0))
    return 0

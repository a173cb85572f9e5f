"""Where a cluster is to be found, as options name it; without Ray itself, which is an extra that few need."""

import re
from importlib.util import find_spec

OWN_CLUSTER, RUNNING_CLUSTER = "local", "auto"
"""A cluster of this machine alone, which ends with its user; and the one that runs on this machine."""
ON_RAY = "ray:"
"""Begins a number of processes that a cluster is to run: `ray:N`."""
ADDRESS_FORMS = f"{OWN_CLUSTER}, {RUNNING_CLUSTER} or HOST:PORT"


def is_cluster_address(text: str) -> bool:
    """Whether it has one of the `ADDRESS_FORMS`."""
    return text in (OWN_CLUSTER, RUNNING_CLUSTER) or re.fullmatch(r"[^\s/]+:\d+", text) is not None


def count_on_ray(text: str) -> int | None:
    """The number in `ray:N`; None where it is something else, or N is not 1 or more."""
    match = re.fullmatch(rf"{ON_RAY}(\d+)", text)
    return None if match is None or int(match[1]) < 1 else int(match[1])


def check_ray(who: str) -> None:
    """
    Args:
      who: needs it, in the plural.

    Raises:
      ValueError: Ray is not installed.
    """
    if find_spec("ray") is None:
        raise ValueError(f"{who} on Ray need Ray, which is not installed: python -m pip install -e '.[ray]'")

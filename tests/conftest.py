"""What holds for the whole suite."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import settings

# One thread a call: on a busy machine torch's own threads wait for each other a hundred times longer than they work.
torch.set_num_threads(1)

# How long an example takes says how busy the machine is, or that a kernel was compiled, and nothing of what is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def ray_nodes() -> Iterator[Any]:
    """Two real Ray nodes of one core, and the head; started by the first test that asks, if Ray is installed."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    from benchmarks.ray_nodes import Nodes  # noqa: PLC0415 - needs Ray

    with Nodes(2) as nodes:
        yield nodes

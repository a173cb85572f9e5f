"""What holds for the whole suite."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import torch
from hypothesis import settings

# One thread a call: on a busy machine torch's own threads wait for each other a hundred times longer than they work.
torch.set_num_threads(1)

# How long an example takes says how busy the machine is, or that a kernel was compiled, and nothing of what is right.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

FIRST = ("test_kills.py", "test_bench.py", "test_actors.py", "test_arena_ray.py", "test_ray_faults.py")
"""The longest tests, which would keep one core busy at the end while the other has nothing left to do; and the tests
on Ray side by side, so that one worker has them all and the nodes are started once."""
BROWSER = "browser"
"""Whose tests are side by side for the same reason."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(
        key=lambda item: (places.get(item.path.name, len(FIRST)), BROWSER in getattr(item, "fixturenames", ()))
    )


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that starts the tests in the background has them ignore Ctrl-C, and so every program that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    # `nohup` does the same with the end of a terminal.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def ray_nodes() -> Iterator[Any]:
    """Two real Ray nodes of one core, and the head; started by the first test that asks, if Ray is installed."""
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    from benchmarks.ray_nodes import Nodes  # noqa: PLC0415 - needs Ray

    with Nodes(2) as nodes:
        yield nodes


shared_browser = ExitStack()
running_browsers: list[Any] = []
"""The one that is running, if any."""


@pytest.fixture
def browser() -> Any:
    """Debian's chromium, one for all tests that follow each other and ask for it."""
    from web_parts import running_browser  # noqa: PLC0415 - needs Playwright

    if not running_browsers:
        running_browsers.append(shared_browser.enter_context(running_browser()))
    return running_browsers[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """Ends the browser before any other test: as long as it runs, Playwright keeps asyncio for itself."""
    yield
    if BROWSER not in getattr(nextitem, "fixturenames", ()):
        running_browsers.clear()
        shared_browser.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Of a server of the page, one for all tests that ask for no other."""
    from web_parts import running_server  # noqa: PLC0415 - needs the extra `web`

    with running_server() as where:
        yield where


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page as it opens, in a profile of its own."""
    from web_parts import quiet_page  # noqa: PLC0415 - as above

    with quiet_page(browser, address) as shown:
        yield shown

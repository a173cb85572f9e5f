"""What the web tests share: a real server with a real player, plain clients, and Debian's chromium."""

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from websockets.sync.client import ClientConnection, connect

from arena.player_factory import ModelFactory
from gomoku.player import PlayerFactory
from gomoku.rules import parse_rules
from ui.web.bounds import Bounds
from ui.web.server import WebOptions, make_server

MODEL = Path(__file__).resolve().parent.parent / "models/6x6x4"
WITHOUT = (
    # A page of Chromium's own beneath every address bar, which nobody sees: it took a third of the CPU time.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # The last `--disable-features` counts, so these are here once more, which Playwright goes without: they differ
    # from what a test expects of a browser, or talk to the network.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "PaintHolding",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(WITHOUT)}",
]
READY = re.compile("Your move|won|draw")
PATIENCE = 15.0
"""Seconds after which something counts as hanging; a browser on a busy machine is slow."""


@contextmanager
def running_server(
    rules: str = "6x6x4", bounds: Bounds | None = None, factory: PlayerFactory | None = None
) -> Iterator[str]:
    """Serves the page on a free port, with the shipped model if there is no `factory`; yields `host:port`."""
    factory = factory or ModelFactory(str(MODEL), "cpu", "float32", "torch", seed=1)
    options = WebOptions(port=0, rules=parse_rules(rules), bounds=bounds or Bounds())
    server, listening = make_server(factory, options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server does not end"


@contextmanager
def http_client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"http://{address}", timeout=PATIENCE, headers={"Origin": f"http://{address}"}
    ) as client:
        yield client


class Talk:
    """A page's side of the WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def hear(self, timeout: float = PATIENCE) -> dict[str, Any]:
        return dict(json.loads(self.connection.recv(timeout)))

    def ask(self, **message: Any) -> dict[str, Any]:
        self.say(**message)
        return self.hear_until(lambda answer: answer["id"] == message["id"])

    def hear_until(self, is_it: Any) -> dict[str, Any]:
        while not is_it(answer := self.hear()):
            pass
        return answer


@contextmanager
def talk(address: str) -> Iterator[Talk]:
    with connect(f"ws://{address}/ws", origin=f"http://{address}", compression=None) as connection:  # type: ignore[arg-type]
        yield Talk(connection)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Debian's chromium; the test is skipped where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium is installed: apt-get install chromium")
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def quiet_page(browser: Browser, address: str, path: str = "/", **context: Any) -> Iterator[Page]:
    """A page in a profile of its own; in the end the browser's console must have stayed empty."""
    profile: BrowserContext = browser.new_context(**context)
    page = profile.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(f"http://{address}{path}")
    expect(point(page, "a1")).to_be_attached()
    yield page
    profile.close()
    assert messages == []


def stop_time(page: Page) -> None:
    """From now on the page's clocks and timers stand still, and go on only by as much as `page.clock` is told."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def point(page: Page, name: str) -> Any:
    return page.locator(f'[data-point="{name}"]')


def stones(page: Page) -> dict[str, str]:
    """What the points' labels say, where there is a stone: `{"c3": "Black"}`."""
    script = """points => points.map(point => [point.dataset.point, point.getAttribute("aria-label").split(", ")[1]])
        .filter(([, word]) => ["Black", "White"].includes(word))"""
    return dict(page.locator(".point").evaluate_all(script))


def status(page: Page) -> Any:
    return page.locator("#status")


def wait_for_turn(page: Page) -> None:
    expect(status(page)).to_have_text(READY)


def free_point(page: Page) -> str:
    taken = stones(page)
    return next(name for row in "345612" for name in (f"{column}{row}" for column in "cdebaf") if name not in taken)


def new_game(page: Page, you: str = "black", **chosen: str) -> None:
    page.locator("#new-game").click()
    page.locator(f"#new-form input[value={you}]").check(force=True)
    for name, value in chosen.items():
        page.locator(f"#new-form select[name={name}]").select_option(value)
    page.get_by_role("button", name="Start").click()


def saved(page: Page, form: str) -> str:
    """The file that the page saves, of the form `sgf`, `psq` or `svg`."""
    with page.expect_download() as downloading:
        page.locator(f"#save-{form}").click()
    return Path(downloading.value.path()).read_text(encoding="utf-8")

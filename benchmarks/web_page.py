"""Measures the page in the browser and its server, as people meet them.

    python -m benchmarks.web_page                      the page's figures, then 64 pages that play for a minute
    python -m benchmarks.web_page --minutes 30         the long run: is every move answered, is the memory steady?

Needs chromium. The server is the real one, in a process of its own; the pages of the long run are plain WebSockets.
"""

import argparse
import asyncio
import json
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
PAGES = 64
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
WATCH = """() => {
  window.clicks = [];
  let pressed = 0;
  document.addEventListener("click", () => { pressed = performance.now(); }, { capture: true });
  const noticed = () => requestAnimationFrame(() => {
    if (pressed) window.clicks.push(performance.now() - pressed);
    pressed = 0;
  });
  new MutationObserver(noticed).observe(document.querySelector(".stones"), { childList: true });
  window.updates = [];
  const speed = document.querySelector("#speed");
  new MutationObserver(() => window.updates.push(performance.now())).observe(speed, { childList: true });
}"""
"""From a click to the first frame with its stone, and when the analysis showed something new."""


@contextmanager
def running_server(rules: str) -> Iterator[tuple[str, int]]:
    """The real script; yields its address and process id."""
    command = [sys.executable, "human_play.py", "web", "--port", "0", "--rules", rules]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://([0-9.:]+)/", process.stdout.readline())
        assert found is not None, "the server does not start"
        yield found[1], process.pid
        process.terminate()


def page_figures() -> None:
    with running_server("15x15") as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page, other = browser.new_page(), browser.new_page()
        for one in (page, other):
            one.goto(f"http://{address}/")
            one.locator('[data-point="h8"]').wait_for()
        page.keyboard.press(" ")
        page.locator(".candidate.best").wait_for()  # the player is made
        page.keyboard.press(" ")
        page.evaluate(WATCH)
        _measure_analysis(page)
        other.keyboard.press(" ")
        _measure_clicks(page)
        weight = sum(file.stat().st_size for file in (ROOT / "ui/web/static").iterdir())
        print(f"page weight                          {weight / 1000:8.1f} kB")
        browser.close()


def _measure_analysis(page: Page) -> None:
    first, rates = [], []
    for name in ("h8", "i9", "g7", "i7", "j8"):
        page.locator(f'[data-point="{name}"]').click()
        began = float(page.evaluate("() => { window.updates = []; return performance.now(); }"))
        page.keyboard.press(" ")
        page.wait_for_timeout(2000)
        page.keyboard.press(" ")
        updates = [float(at) - began for at in page.evaluate("window.updates")]
        first.append(updates[0] / 1000)
        rates.append((len(updates) - 1) / 2)
    print(f"first analysis on the page           {statistics.median(first):8.3f} s     worst {max(first):.3f} s")
    print(f"updates of the analysis a second     {statistics.median(rates):8.1f}       worst {min(rates):.1f}")


def _measure_clicks(page: Page) -> None:
    """While another page analyses without end."""
    page.evaluate("() => { window.clicks = []; }")
    for name in ("c3", "d3", "c4", "d4", "m3", "m4", "n3", "n4", "c12", "c13"):
        page.locator(f'[data-point="{name}"]').click()
        page.wait_for_timeout(150)
    shown = sorted(float(lasted) for lasted in page.evaluate("window.clicks"))
    print(f"a click shows, while the AI thinks   {statistics.median(shown):8.1f} ms    worst {shown[-1]:.1f} ms")


class Player:
    """A page of the long run: plays against the computer, game after game."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.waits: list[float] = []
        self.games = 0

    async def play(self, address: str, until: float) -> None:
        async with connect(f"ws://{address}/ws", origin=f"http://{address}") as page:  # type: ignore[arg-type]
            while time.monotonic() < until:
                await self._play_game(page, until)
                self.games += 1

    async def _play_game(self, page: ClientConnection, until: float) -> None:
        free = [f"{column}{row}" for column in "abcdef" for row in range(1, 7)]
        self._random.shuffle(free)
        moves = ""
        while time.monotonic() < until:
            moves += free.pop()
            if (await self._ask(page, "look", moves))["outcome"]:
                return
            began = time.monotonic()
            answer = await self._ask(page, "move", moves)
            self.waits.append(time.monotonic() - began)
            moves += answer["move"]
            free.remove(answer["move"])
            if (await self._ask(page, "look", moves))["outcome"]:
                return
            await asyncio.sleep(self._random.uniform(0.5, 1.5))  # a person who plays fast

    async def _ask(self, page: ClientConnection, kind: str, moves: str) -> dict[str, Any]:
        await page.send(json.dumps({"kind": kind, "id": 1, "rules": "6x6x4", "moves": moves, "level": "quick"}))
        answer = dict(json.loads(await page.recv()))
        assert answer["kind"] != "error", answer
        return answer


async def many_pages(minutes: float) -> None:
    with running_server("6x6x4") as (address, process):
        players = [Player(seed) for seed in range(PAGES)]
        until = time.monotonic() + 60 * minutes
        playing = asyncio.gather(*(player.play(address, until) for player in players))
        await asyncio.sleep(10 * minutes)
        settled = _memory(process)
        await playing
        waits = sorted(wait for player in players for wait in player.waits)
        games = sum(player.games for player in players)
        print(
            f"{PAGES} pages, {minutes:g} minutes, level quick on 6x6x4: {len(waits)} moves, {games} games, none lost"
        )
        print(f"a move's answer                      {statistics.median(waits):8.2f} s     worst {waits[-1]:.2f} s")
        print(f"memory after a sixth and at the end  {settled:8.0f} MB    {_memory(process):.0f} MB")


def _memory(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web_page", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="of the many pages; default 1")
    arguments = parser.parse_args()
    if shutil.which("chromium") is None:
        parser.error("there is no chromium: apt-get install chromium")
    page_figures()
    asyncio.run(many_pages(arguments.minutes))
    return 0


if __name__ == "__main__":
    sys.exit(main())

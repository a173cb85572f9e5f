"""Makes every picture that the README shows, into docs/pictures/. Nobody edits them by hand.

    python -m docs.make_pictures                            all but the training curve, with the best shipped model
    python -m docs.make_pictures --run runs/demo            and the curve of this run of training
    python -m docs.make_pictures --only web game            some of them

What is shown is the real thing: the script in a pipe, the full screen through Textual's pilot, the page from the real
server in a headless chromium. The game is played by the model against the scripted player, with a seed; thinking is
limited by simulations, so that another run makes nearly the same pictures (times and speeds differ).
"""

import argparse
import asyncio
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from rich.console import Console
from rich.text import Text

import human_play
from arena.interactive import default_model, find_contestant
from arena.player_factory import ModelFactory
from arena.statistics import score_interval
from arena.units import PlayedGame
from gomoku.board import Board
from gomoku.game_picture import Look, picture_text
from gomoku.match import Pairing, play_games
from gomoku.notation import moves_name
from gomoku.player import Decision, Limit, Player
from gomoku.records import GameRecord
from gomoku.rules import Rules
from training.curve import draw_curve
from training.run_curves import read_curve
from training.run_folder import RunFolder
from ui.arguments import rules_argument
from ui.full_screen.app import FullScreenGame
from ui.table import Table
from ui.web.server import WebOptions, make_server

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs/pictures"
SIMULATIONS, OPPONENT, SEED = 400, "scripted:3", 7
COLUMNS, ROWS = 84, 24
"""Of a terminal."""
WINDOW = {"width": 1040, "height": 720}
"""Of a browser, in pixels."""
HEAVIEST = 120_000
"""Bytes of one picture of the page."""
PATIENCE = 60.0
"""Seconds after which something counts as hanging: kernels may have to be compiled first."""
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--disable-quic", "--disable-background-networking")


@dataclass(frozen=True)
class Subject:
    """What the pictures are of."""

    model: str
    """A player spec without a limit."""
    game: GameRecord
    """The model is Black."""
    shown: int
    """Moves after which Black, who is to move, has something to think about."""
    run: Path | None
    """A run of training."""

    @property
    def rules(self) -> Rules:
        return self.game.rules

    def beginning(self, num_moves: int) -> str:
        """The first moves, as a position string."""
        return moves_name(self.game.moves[:num_moves], self.rules.size)


def choose_subject(model: str | None, rules: Rules | None, run: Path | None) -> Subject:
    """Lets the model play the game that is shown; it begins in the centre."""
    model = model or default_model(None)
    ours, theirs = find_contestant(f"{model}@{SIMULATIONS}"), find_contestant(OPPONENT)
    rules = rules or ours.rules or Rules()
    (black,), (white,) = ours.players(1, rules), theirs.players(1, rules)
    centre = rules.size // 2 * (rules.size + 1)
    (played,) = play_games([Pairing(black, white, Board.from_moves(rules, [centre]), SEED)])
    record = PlayedGame.of(played).record(ours.name, theirs.name)
    return Subject(model, record, least_certain(black, record), run)


def least_certain(black: Player, game: GameRecord) -> int:
    """Moves after which Black's visits are spread the most, in the middle third of the game."""
    third = len(game.moves) // 3
    candidates = range(max(2, third - third % 2), max(3, 2 * third), 2)
    boards = [Board.from_moves(game.rules, game.moves[:number]) for number in candidates]

    def share_of_best(decision: Decision) -> float:
        visits = [candidate.visits for candidate in decision.candidates]
        return max(visits) / max(1, sum(visits))

    shares = [share_of_best(decision) for decision in black.decide(boards, Limit(seed=SEED))]
    return candidates[shares.index(min(shares))]


def draw_game(subject: Subject) -> None:
    write("game.svg", picture_text(subject.game, Look(numbers=True, animated=True)))


def draw_curve_of_run(subject: Subject) -> None:
    """The curve of the run, or the one that lies beside the model; where there is neither, the old one stays."""
    beside = ROOT / subject.model / "curve.png"
    if subject.run is not None:
        PICTURES.mkdir(exist_ok=True)
        rules = read_curve(subject.run, score_interval).rules
        metrics = RunFolder(subject.run).metrics
        draw_curve(metrics, PICTURES / "training-curve.png", f"{rules}: {subject.run.name}")
    elif beside.is_file():
        write("training-curve.png", beside.read_bytes())
    else:
        print("training-curve.png: left as it is; name a run by --run")


def show_plain_terminal(subject: Subject) -> None:
    """A few moves as plain lines, typed through a pipe."""
    before = subject.shown - 1
    typed = [moves_name([subject.game.moves[before]], subject.rules.size), "hint"]
    options = ["--plain", "--colour", "white", "--model", subject.model, "--simulations", str(SIMULATIONS)]
    command = [sys.executable, "human_play.py", *options, "--moves", subject.beginning(before)]
    done = subprocess.run(
        [*command, "--rules", subject.rules.name],
        input="".join(f"{line}\n" for line in typed),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    shown = done.stdout[: done.stdout.index("\n", done.stdout.index("\nHint:") + 1)]
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text(f"$ python human_play.py --plain --colour white\n{shown}"))
    write("terminal-plain.svg", without_fonts(console.export_svg(title="plain lines")))


def show_full_screen(subject: Subject) -> None:
    """The full screen with a hint, dark and light."""
    for theme in human_play.THEMES:
        options = ["--model", subject.model, "--simulations", str(SIMULATIONS), "--rules", subject.rules.name]
        asked = human_play.make_parser().parse_args([*options, "--moves", subject.beginning(subject.shown)])
        prepared = human_play.prepare(asked)
        game = FullScreenGame(Table(prepared.session, prepared.factory), theme)
        asyncio.run(asyncio.wait_for(_take_full_screen(game, f"terminal-{theme}.svg"), PATIENCE))
        game.thinking.close()


async def _take_full_screen(game: FullScreenGame, name: str) -> None:
    async with game.run_test(size=(COLUMNS, ROWS)) as pilot:
        await pilot.press("h")
        while game.picture.hint is None:
            await pilot.pause(0.05)
        await pilot.pause(0.3)
        write(name, without_fonts(game.export_screenshot(title="human_play.py")))


def without_fonts(svg: str) -> str:
    """Takes out the fonts that a viewer would fetch from elsewhere; its own monospaced one does."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def show_page(subject: Subject) -> None:
    """The page, playing and analysing, in light and dark."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("make_pictures: there is no chromium: apt-get install chromium")
    with running_server(subject) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGUMENTS))
        for scheme in ("light", "dark"):
            _take_page(browser, f"{address}/#{subject.rules.name}/{subject.beginning(subject.shown)}", scheme)
        browser.close()


@contextmanager
def running_server(subject: Subject) -> Iterator[str]:
    factory = ModelFactory(subject.model, seed=SEED)
    server, listening = make_server(factory, WebOptions(port=0, rules=subject.rules))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _take_page(browser: Browser, address: str, scheme: str) -> None:
    page = browser.new_page(viewport=WINDOW, color_scheme=scheme)  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(address)
    page.locator("#tab-play").click()
    page.locator("#hint").click()
    expect(page.locator("#status")).to_have_text(re.compile("^Hint"), timeout=PATIENCE * 1000)
    _take_screenshot(page, f"web-play-{scheme}.png")
    page.locator("#tab-analyse").click()
    page.locator("#review").click()
    expect(page.locator("#review-progress")).to_be_hidden(timeout=PATIENCE * 1000)
    page.locator("#analyse").click()
    expect(page.locator(".candidate.best")).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_timeout(3000)  # for candidates that have been looked at
    page.locator("#analyse").click()
    _take_screenshot(page, f"web-analyse-{scheme}.png")
    page.close()


def _take_screenshot(page: Page, name: str) -> None:
    """As a PNG of 256 colours, half as heavy; chosen so that rare ones, such as the last move's, are kept."""
    page.wait_for_timeout(300)  # until nothing moves any more
    shown, small = Image.open(BytesIO(page.screenshot())).convert("RGB"), BytesIO()
    palette = shown.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3)
    shown.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(small, "PNG", optimize=True)
    assert len(small.getvalue()) < HEAVIEST, f"{name} weighs {len(small.getvalue())} bytes"
    write(name, small.getvalue())


def write(name: str, content: str | bytes) -> None:
    PICTURES.mkdir(exist_ok=True)
    content = content.encode() if isinstance(content, str) else content
    (PICTURES / name).write_bytes(content)
    print(f"{name}: {len(content) / 1000:.0f} kB")


PARTS: dict[str, Callable[[Subject], None]] = {
    "game": draw_game,
    "curve": draw_curve_of_run,
    "plain": show_plain_terminal,
    "screen": show_full_screen,
    "web": show_page,
}


def main() -> int:
    what = (__doc__ or "").split("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m docs.make_pictures", description=what, allow_abbrev=False)
    parser.add_argument("--model", metavar="SPEC", help="who plays; default: the best shipped model")
    parser.add_argument("--rules", type=rules_argument, help="of the game; default: the model's own")
    parser.add_argument("--run", type=Path, help="a folder of a run, for the training curve")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these pictures only")
    options = parser.parse_args()
    try:
        subject = choose_subject(options.model, options.rules, options.run)
        for name in options.only:
            PARTS[name](subject)
    except (ValueError, OSError) as error:
        parser.error(str(error).splitlines()[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())

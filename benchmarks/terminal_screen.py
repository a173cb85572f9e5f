"""Measures the terminal game as people meet it: the real script at a pseudo-terminal, with the best shipped model.

    python -m benchmarks.terminal_screen

How soon it asks for the first move, how soon the level quick answers on 15x15, and how soon a key shows on the full
screen while the AI thinks. Kernels are compiled by a first start that does not count.
"""

import argparse
import statistics
import sys
import time

import pexpect

from benchmarks.pseudo_terminal import CTRL_C, Terminal

STARTS, GAMES, KEYS = 5, 4, 15
"""So many keys in a game: a longer thought fills its memory, and ends."""
POINTS = ("h8", "h9", "g9", "g7", "i7")
"""What the person plays, as far as the game goes; an occupied point is answered at once and does not count."""
PROMPT, LEFT, RIGHT, ENTER = "move [0-9]+> ", "\x1b[D", "\x1b[C", "\r"
AIM = r"(?<!\x1b)\["
"""The bracket around the point that is aimed at; one that no escape precedes."""
SECONDS_THOUGHT = "120"
SETTLING, BETWEEN_KEYS = 0.1, 0.33
"""Seconds; together not a multiple of the tenth of one after which the AI's opinion is shown anew."""


def start_figures() -> tuple[list[float], list[float]]:
    """Seconds to the first prompt, and to each answer of the level quick."""
    prompts: list[float] = []
    answers: list[float] = []
    for _ in range(STARTS + 1):
        started = time.perf_counter()
        game = Terminal("--plain", "--rules", "15x15", "--level", "quick")
        game.expect(PROMPT)
        prompts.append(time.perf_counter() - started)
        for number, point in enumerate(POINTS):
            answers += _answer(game, point, is_counted=number > 0 or len(prompts) > 1)
        game.send("quit\n")
        game.status_at_end()
    return prompts[1:], answers


def _answer(game: Terminal, point: str, is_counted: bool) -> list[float]:
    started = time.perf_counter()
    game.send(f"{point}\n")
    reached = game.expect([PROMPT, "wins"])
    taken = time.perf_counter() - started
    return [taken] if reached == 0 and is_counted and "is thinking" in str(game.before) else []


def key_figures() -> list[float]:
    """Seconds from a key to the aim's new place on the screen, while the AI thinks."""
    game = Terminal("--rules", "15x15", "--seconds", SECONDS_THOUGHT, size=(40, 120))
    game.expect_exact("Hint")
    game.send(ENTER)
    game.expect_exact(" simulations")
    waits: list[float] = []
    for number in range(KEYS):
        # Whatever is drawn without a key has no bracket, or the bracket would not tell that the key was seen.
        time.sleep(SETTLING)
        game.expect([r"[\s\S]+", pexpect.TIMEOUT], timeout=0)
        assert game.expect([AIM, pexpect.TIMEOUT], timeout=BETWEEN_KEYS) == 1
        started = time.perf_counter()
        game.send(LEFT if number % 2 else RIGHT)
        game.expect(AIM)
        waits.append(time.perf_counter() - started)
    game.send(CTRL_C)
    game.status_at_end()
    return waits


def main() -> int:
    argparse.ArgumentParser(
        prog="python -m benchmarks.terminal_screen",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    prompts, answers = start_figures()
    print(f"first prompt, 15x15, plain lines: {statistics.median(prompts):.2f} s, at worst {max(prompts):.2f}")
    print(
        f"answers of level quick, 15x15: {statistics.median(answers):.2f} s, at worst {max(answers):.2f} "
        f"of {len(answers)}"
    )
    waits = sorted(1000 * wait for _ in range(GAMES) for wait in key_figures())
    late = waits[int(0.95 * len(waits))]
    print(
        f"a key while the AI thinks: {statistics.median(waits):.1f} ms, 95 % within {late:.1f}, "
        f"at worst {waits[-1]:.1f} of {len(waits)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

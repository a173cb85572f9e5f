"""Turns a finished run into a shipped model: weights with their card, and the card as a page.

  python -m training.publish runs/demo models/6x6x4 --results against-pure.json …

The results are files that `evaluate.py --json` wrote; they go into the model file and onto the page.
"""

import argparse
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from gomoku.command_line import OneLineParser, refuse
from gomoku.files import write_atomically
from nets.config import macs
from nets.model_file import MODEL_FILE_NAME, Model, load_model, save_model
from nets.quantize import FILE_NAME as QUANTIZED_FILE_NAME
from training.metrics import read_metrics
from training.run_curves import CHECK_KEYS
from training.run_folder import RunFolder

RESULT_KEYS = (
    *("players", "openings", "seed", "games", "wins", "draws", "losses", "score", "distinct_games"),
    *("as_black", "as_white"),
)


def publish(run: Path, target: Path, results: list[dict[str, Any]], *, replaces: bool = False) -> Path:
    """Writes `target/model.safetensors` and `target/CARD.md`; returns the model's path.

    Args:
      replaces: a model that is there makes room, and its 8-bit form, which would not fit the new one, with it.

    Raises:
      ModelFileError: the run's model is damaged.
      ValueError: no run, or one without a model; a model is there already, and may not be replaced.
      OSError: the files cannot be written.
    """
    if not (run / MODEL_FILE_NAME).is_file():
        is_run = RunFolder(run).config.is_file()
        raise ValueError(f"{run} {'has no model yet: it was not let end' if is_run else 'is not a run'}")
    model = load_model(run / MODEL_FILE_NAME)
    if (target / MODEL_FILE_NAME).exists() and not replaces:
        raise ValueError(f"{target} holds a model already; name another folder, or add --replace")
    number = model.card.generation
    kept = [{key: result[key] for key in RESULT_KEYS} for result in results]
    for match in kept:
        match["players"] = [_without_folder(player) for player in match["players"]]
    command = _without_folder(model.card.command)
    lines = [line for line in read_metrics(RunFolder(run).metrics) if line["iteration"] <= number]
    curve = [{key: line[key] for key in CHECK_KEYS} for line in lines if line["check"] is not None]
    card = replace(model.card, name=target.name, command=command, results={"matches": kept, "curve": curve})
    target.mkdir(parents=True, exist_ok=True)
    path = target / MODEL_FILE_NAME
    save_model(path, model.config, model.weights, card)
    (target / QUANTIZED_FILE_NAME).unlink(missing_ok=True)
    write_atomically(target / "CARD.md", page(load_model(path), path).encode())
    return path


def _without_folder(text: str) -> str:
    """Paths as seen from here: where the project lies on the machine that made a model is nobody's business."""
    return text.replace(f"{Path.cwd()}/", "")


def page(model: Model, path: Path) -> str:
    """The card as Markdown."""
    card, config = model.card, model.config
    size = int(card.trained_rules[0].split("-")[-1].split("x")[0])
    lines = [
        f"# {card.name}",
        "",
        "| | |",
        "|---|---|",
        f"| rules | {', '.join(card.trained_rules)} |",
        f"| network | {config.blocks} residual blocks of {config.channels} channels, "
        f"{sum(weight.size for weight in model.weights.values()):,} weights, {macs(config, size) / 1e6:.1f} MMAC |",
        f"| made by | `{card.command}` |",
        f"| training | {card.games:,} games of self-play, {card.minutes:.1f} minutes, generation {card.generation}, "
        f"{card.simulations} simulations a move, {card.positions:,} positions learnt (repetitions counted) |",
        f"| file | {path.stat().st_size:,} bytes, sha256 `{hashlib.sha256(path.read_bytes()).hexdigest()}` |",
        "",
    ]
    if not card.results["matches"]:
        return "\n".join([*lines, "No match is recorded with these weights."]) + "\n"
    lines += [
        "Matches, wins–draws–losses of the player named first:",
        "",
        "| match | openings, seed | as Black | as White | distinct games |",
        "|---|---|---|---|---|",
    ]
    for match in card.results["matches"]:
        first, second = match["players"]
        lines.append(
            f"| {first} against {second} | {match['openings']}, {match['seed']} | {_tally(match['as_black'])} "
            f"| {_tally(match['as_white'])} | {match['distinct_games']} of {match['games']} |"
        )
    return "\n".join(lines) + "\n"


def _tally(counts: dict[str, int]) -> str:
    return f"{counts['wins']}–{counts['draws']}–{counts['losses']}"


def _result_in(file: Path) -> dict[str, Any]:
    """Raises ValueError: it is not what `evaluate.py --json` writes."""
    try:
        result = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        result = None
    if not isinstance(result, dict) or not set(RESULT_KEYS) <= result.keys():
        raise ValueError(f"{file} is not a result that evaluate.py --json has written")
    return result


def main() -> int:
    parser = OneLineParser(
        prog="python -m training.publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--results", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--replace", action="store_true", help="the model that the folder holds, and its 8-bit form")
    options = parser.parse_args()
    try:
        results = [_result_in(file) for file in options.results]
        print(publish(options.run, options.target, results, replaces=options.replace))
    except (ValueError, OSError) as error:
        return refuse("publish.py", error)
    return 0


if __name__ == "__main__":
    sys.exit(main())

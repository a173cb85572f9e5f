"""What the command lines of the user interfaces have in common: how values are read, and the options of engines."""

import argparse
import math
import re
from collections.abc import Sequence
from pathlib import Path

from gomoku.command_line import OneLineParser
from gomoku.rules import RULES_EXAMPLES, Rules, parse_rules

SPECS = "a model, a run, pure@N, scripted:N, gomocup:COMMAND or random"
"""What --model can name, for help texts."""
BACKENDS = ("auto", "torch", "openvino")
PRECISIONS = ("auto", "float32", "bfloat16", "float16", "int8")


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--backend", choices=BACKENDS, default="auto", help="what evaluates the network; default auto")
    add("--precision", choices=PRECISIONS, default="auto", help="of the network; default auto")
    add("--device", default="auto", help="of the network: auto, cpu, cuda, mps")


def make_gomocup_parser(levels: Sequence[str]) -> OneLineParser:
    parser = OneLineParser(
        prog="human_play.py gomocup",
        description="An engine that speaks the Gomocup protocol on standard input and output.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--model", metavar="SPEC", help=f"who plays: {SPECS}; default: the best in models/")
    add("--level", choices=levels, help="how strong; default full")
    add_engine_options(parser)
    return parser


def make_web_parser() -> OneLineParser:
    parser = OneLineParser(
        prog="human_play.py web", description="A page in the browser: play and analyse.", allow_abbrev=False
    )
    add = parser.add_argument
    add("--model", metavar="SPEC", help=f"who plays: {SPECS}; default: the best in models/")
    add(
        "--rules",
        type=rules_argument,
        metavar="RULES",
        help=f"of the first game, {RULES_EXAMPLES}; default: the AI's",
    )
    add("--host", type=host, default="127.0.0.1", help="where to listen; not 127.0.0.1: other machines are let in")
    add("--port", type=port, default=8015, metavar="PORT", help="default 8015; 0: any free one")
    add_engine_options(parser)
    return parser


def port(text: str) -> int:
    if re.fullmatch("[0-9]{1,5}", text) is None or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, a whole number from 0 to 65535")
    return int(text)


def host(text: str) -> str:
    if not text:  # which would be every address of the machine
        raise argparse.ArgumentTypeError("'' is not an address to listen on, like 127.0.0.1")
    return text


def whole_number(text: str) -> int:
    if re.fullmatch("0*[1-9][0-9]{0,8}", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 999999999")
    return int(text)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.01 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.01 to 100000")
    return value


def check_rules(asked: Rules | None, rules: Rules, path: Path) -> None:
    """Refuses a file of another game than `--rules` names.

    Raises:
      ValueError: says of which game it is.
    """
    if asked not in (None, rules):
        raise ValueError(f"--rules {asked.name}: {path} is a game of {rules.name}")


def rules_argument(text: str) -> Rules:
    try:
        return parse_rules(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None

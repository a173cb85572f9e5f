"""Names a folder beside those that there are: `python -m training.fresh_name runs/demo` prints runs/demo,
runs/demo-2, runs/demo-3 … , the first that is free."""

import itertools
from pathlib import Path

from gomoku.command_line import OneLineParser


def fresh_name(wanted: Path) -> Path:
    names = itertools.chain([wanted], (wanted.with_name(f"{wanted.name}-{k}") for k in itertools.count(2)))
    return next(name for name in names if not name.exists())


if __name__ == "__main__":
    parser = OneLineParser(prog="python -m training.fresh_name", description=__doc__)
    parser.add_argument("folder", type=Path)
    print(fresh_name(parser.parse_args().folder))

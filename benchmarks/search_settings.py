"""What a setting of the search is worth in play: a model against itself, one of the two with other settings.

  python -m benchmarks.search_settings models/15x15@0.2s --set tactics.root_vct_nodes=0 --games 200 --workers 2
  python -m benchmarks.search_settings models/15x15@0.2s --set reuse=false --games 200 --workers 2
  python -m benchmarks.search_settings models/15x15@400 --set c_puct_init=2 --games 400
  python -m benchmarks.search_settings models/8x8x5@400 --set leaves_per_tree=16 --games 1000 --sprt -20 20

The settings are the fields of `SearchConfig` as they stand in `mcts/config.py`, and `reuse`, whether the tree is kept
from move to move. The figures are those of the player with the changes, in the words of `evaluate.py`.
"""

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from tqdm import tqdm

from arena.crew_options import CrewOptions, add_crew_options
from arena.duel import Duel, duel_units
from arena.duel_report import duel_text, sprt_text
from arena.match_options import choose_rules
from arena.openings import choose_openings
from arena.sequential import count_sequentially
from arena.specs import Contestant, Entrant, parse_spec
from arena.sprt import Hypotheses
from nets.calibration import EngineOptions
from nets.openvino_evaluator import half_precision

Config = TypeVar("Config")
OF_THE_PLAYER = ("reuse",)
"""Settings of `PlayerOptions` itself; all others are those of its search."""


def changed(config: Config, path: str, value: Any) -> Config:
    """The same settings but for one, which dots lead to.

    Raises:
      ValueError: there is no such setting, with those that there are.
    """
    name, _, rest = path.partition(".")
    names = [field.name for field in fields(config)]  # type: ignore[arg-type]
    if name not in names:
        raise ValueError(f"--set {path}: there is no {name}; there is {', '.join(names)}")
    inner = getattr(config, name)
    if is_dataclass(inner) != bool(rest):
        raise ValueError(f"--set {path}: {name} is {'a group, name one of its settings' if not rest else 'no group'}")
    if isinstance(inner, bool) and not isinstance(value, bool):
        raise TypeError("true or false")
    return replace(config, **{name: changed(inner, rest, value) if rest else value})  # type: ignore[type-var]


def with_settings(entrant: Entrant, settings: Sequence[str]) -> Entrant:
    """The same player with other settings, each written `NAME=VALUE`.

    Raises:
      ValueError: a player without a search of its own, no such setting, or a value that it cannot have.
    """
    if entrant.options is None:
        raise ValueError(f"player {entrant.name}: has no settings, name a model or run")
    options = entrant.options
    for setting in settings:
        path, _, value = setting.partition("=")
        try:
            options = changed(options, path if path in OF_THE_PLAYER else f"search.{path}", json.loads(value))
        except (json.JSONDecodeError, TypeError) as error:
            raise ValueError(f"--set {setting}: {value!r} is not a value it can have ({error})") from None
    return replace(entrant, name=f"{entrant.name} {' '.join(settings)}", options=options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("player", help="a model or run, as in evaluate.py")
    parser.add_argument(
        "--set", action="append", required=True, metavar="NAME=VALUE", help="the change; again for more"
    )
    parser.add_argument("--against", help="another opponent than the same player without the changes")
    parser.add_argument("--games", type=int, default=200, help="at most, with --sprt (default: 200)")
    parser.add_argument(
        "--sprt", type=float, nargs=2, metavar=("ELO0", "ELO1"), help="end when one of the two differences is shown"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rules")
    parser.add_argument("--openings", default="balanced")
    parser.add_argument("--precision", default=half_precision())
    parser.add_argument("--backend", default="openvino")
    add_crew_options(parser)
    args = parser.parse_args()
    contestants = [Contestant.find(parse_spec(text)) for text in (args.player, args.against or args.player)]
    rules = choose_rules(args.rules, contestants)
    crew_options = CrewOptions.of(args.workers, args.ray_address)
    engine = EngineOptions(args.backend, args.precision)
    entrants = [one.entrant(rules, engine, crew_options.sharing) for one in contestants]
    try:
        entrants[0] = with_settings(entrants[0], args.set)
        hypotheses = None if args.sprt is None else Hypotheses(*args.sprt)
    except ValueError as error:
        parser.error(str(error))
    is_timed = any(one.is_timed for one in entrants)
    openings = choose_openings(args.openings, rules, args.games // 2, args.seed)
    units = list(duel_units(openings, args.seed, is_timed=is_timed))
    with tqdm(total=args.games, unit="game") as bar:
        with closing(crew_options.open_crew(entrants, len(units), is_timed, tqdm.write)) as crew:
            played = crew.play(units, lambda _unit, _index, _game: bar.update() and None)
            duel, test = (Duel.of(played), None) if hypotheses is None else count_sequentially(played, hypotheses)
        seconds = bar.format_dict["elapsed"]
    facts = {"rules": rules.name, "openings": args.openings, "seconds": seconds}
    print(duel_text({"players": [one.name for one in entrants], **facts, **duel.report()}))
    if test is not None:
        print(sprt_text(test))


if __name__ == "__main__":
    main()

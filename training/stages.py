"""Which board and how many simulations an iteration plays: the stages of a run that grows.

A network knows no board size: what it learns on small boards, where games are short and cheap, holds on large ones.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, TypedDict

from gomoku.ranges import check
from gomoku.rules import Rules, parse_rules

LEAST_SHARE, MOST_SHARE = 0.001, 1000
"""Of a board beside others: any two of them can be told apart in their sum."""
_GOLDEN = (5**0.5 - 1) / 2


def evenly_spread(number: int) -> float:
    """A number in [0, 1) for each whole one: those of any run of whole numbers lie evenly in it (Weyl)."""
    return number * _GOLDEN % 1.0


class StageSettings(TypedDict, total=False):
    """What is played from some number of positions on; what is left out is as the run has it.

    (A dictionary, because the command line's parser passes over fields that a dataclass does not have.)
    """

    at: int
    """Positions made by self-play from which on it holds, ≥ 0, each later than the one before; left out: 0."""
    boards: dict[str, float]
    """Shares of the iterations by rules, each 0.001 to 1000, as in `{"9x9": 3, "15x15": 1}`; left out: the run's
    `rules` alone."""
    simulations: int
    """Per move, 2 to 100000; left out: `self_play.simulations`."""


class Stage(NamedTuple):
    """The same with nothing left open."""

    at: int
    boards: dict[Rules, float]
    simulations: int


@dataclass(frozen=True)
class Plan:
    """The stages of a run, with what they leave open filled in."""

    boards: tuple[Rules, ...]
    """All that are ever played; the first is the one that the run is for."""
    stages: tuple[Stage, ...]

    def at(self, iteration: int, made: int) -> tuple[int, int]:
        """What an iteration plays: the index of its board, and simulations per move.

        Args:
          iteration: from 0. Over many of them each board gets its share; a resumed run plays the same.
          made: positions so far.
        """
        stage = max((stage for stage in self.stages if stage.at <= made), key=lambda stage: stage.at)
        ends = list(accumulate(stage.boards.values()))
        chosen = list(stage.boards)[bisect_right(ends, evenly_spread(iteration) * ends[-1])]
        return self.boards.index(chosen), stage.simulations

    def boards_until(self, made: int) -> list[Rules]:
        """What may have been played by the end of an iteration that began with `made` positions: the boards of the
        stages until then, that of the run first if it is among them."""
        played = {rules for stage in self.stages if stage.at <= made for rules in stage.boards}
        return [rules for rules in self.boards if rules in played]


def make_plan(rules: str, simulations: int, settings: tuple[StageSettings, ...]) -> Plan:
    """Fills in what the settings leave open.

    Raises:
      ValueError: a setting outside its range, stages out of order, or one that plays a board under two names.
    """
    starts = [entry.get("at", 0) for entry in settings]
    if starts != sorted(set(starts)):
        raise ValueError(f"stages begin at {', '.join(map(str, starts))}: each must be later than the one before")
    if not starts or starts[0] > 0:
        settings = (StageSettings(), *settings)
    stages = tuple(_stage(entry, rules, simulations) for entry in settings)
    boards = (parse_rules(rules), *(board for stage in stages for board in stage.boards))
    return Plan(tuple(dict.fromkeys(boards)), stages)


def _stage(entry: StageSettings, rules: str, simulations: int) -> Stage:
    at, simulations = entry.get("at", 0), entry.get("simulations", simulations)
    check(at >= 0, "a stage's at", at, "0 or more")
    check(2 <= simulations <= 100_000, "a stage's simulations", simulations, "2 to 100000")
    shares = entry.get("boards") or {rules: 1.0}
    allowed = f"{LEAST_SHARE} to {MOST_SHARE}"
    for name, weight in shares.items():
        check(LEAST_SHARE <= weight <= MOST_SHARE, f"a stage's share of {name}", weight, allowed)
    boards = {parse_rules(name): weight for name, weight in shares.items()}
    if len(boards) < len(shares):
        raise ValueError(f"a stage plays one board under two names: {', '.join(shares)}")
    return Stage(at, boards, simulations)

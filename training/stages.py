"""Which board and how many simulations an iteration plays: the stages of a run that grows.

A network knows no board size: what it learns on small boards, where games are short and cheap, holds on large ones.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from gomoku.rules import Rules, parse_rules

_GOLDEN = (5**0.5 - 1) / 2
"""Its multiples, less their whole parts, lie evenly in 0 to 1 however many are taken (Weyl)."""


@dataclass(frozen=True)
class Stage:
    """What is played from some number of positions on.

    Raises:
      ValueError: a field outside its range.
    """

    at: int = 0
    """Positions made by self-play from which on it holds. ≥ 0, each stage later than the one before."""
    boards: dict[str, float] = field(default_factory=dict)
    """Shares of the iterations by rules, as in `{"9x9": 3, "15x15": 1}`; empty: the run's `rules` alone."""
    simulations: int = 0
    """Per move; 0: `self_play.simulations`. 0 or 2 to 100000."""

    def __post_init__(self) -> None:
        if self.at < 0:
            raise ValueError(f"a stage's at is {self.at}, it must be 0 or more")
        if self.simulations and not 2 <= self.simulations <= 100_000:
            raise ValueError(f"a stage's simulations is {self.simulations}, it must be 0 or 2 to 100000")
        for name, weight in self.boards.items():
            parse_rules(name)
            if not weight > 0:
                raise ValueError(f"a stage's share of {name} is {weight}, it must be above 0")


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
        point = (iteration * _GOLDEN) % 1.0 * ends[-1]
        name = list(stage.boards)[bisect_right(ends, point)]
        return self.boards.index(parse_rules(name)), stage.simulations


def make_plan(rules: str, simulations: int, stages: tuple[Stage, ...]) -> Plan:
    """Fills in what stages leave open.

    Raises:
      ValueError: stages out of order, or one that plays the same board under two names.
    """
    starts = [stage.at for stage in stages]
    if starts != sorted(set(starts)):
        raise ValueError(f"stages begin at {', '.join(map(str, starts))}: each must be later than the one before")
    if not stages or stages[0].at > 0:
        stages = (Stage(), *stages)
    filled = tuple(Stage(s.at, s.boards or {rules: 1.0}, s.simulations or simulations) for s in stages)
    for stage in filled:
        if len({parse_rules(name) for name in stage.boards}) < len(stage.boards):
            raise ValueError(f"a stage plays one board under two names: {', '.join(stage.boards)}")
    names = (rules, *(name for stage in filled for name in stage.boards))
    return Plan(tuple(dict.fromkeys(map(parse_rules, names))), filled)

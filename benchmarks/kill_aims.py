"""What a kill can be aimed at: a moment drawn by lot, a phase of the loop, or the middle of a file.

Owns the list of them and the order in which they are tried, so that a campaign of any length tries all alike.
"""

import random
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.file_faults import DELETE, FLUSH, MAKE, RENAME, WRITE
from training.hooks import Phase

START, FINISH = "start", "finish"
"""Before the loop and after it; what lies between is shown by the progress bar."""
LOOP_PHASES = tuple(phase.value for phase in Phase)
PHASES = (START, *LOOP_PHASES, FINISH)
WHOLE = (MAKE, WRITE, FLUSH, RENAME)
FILES = {
    "replay": (*WHOLE, DELETE),
    "generation": (*WHOLE, DELETE),
    "checkpoint": (*WHOLE, DELETE),
    "metrics.jsonl": WHOLE,
    "events": (MAKE, WRITE),
    "model.safetensors": WHOLE,
    "curve.png": WHOLE,
}
"""What is done to each file of a run that goes on."""
ACTORS_FILES = {"network.part": WHOLE}
FIRST_FILES = {"command.txt": WHOLE, "config.json": WHOLE}
"""Of a run that is made."""
WRITTEN_AT_THE_END = ("model.safetensors", "curve.png", "config.json")
"""Files that need a run of a given length: settings are written again where they change."""
LONGEST_DELAY = 0.004
"""Seconds between the first sign of a phase and the kill: long enough to land anywhere in a short one."""
LONGEST_RANDOM_DELAY = 0.6
"""Seconds to a kill that is aimed at nothing, from the start of the process or of its loop."""
CUT = f"{RENAME} metrics.jsonl"
"""A resumed run cuts off the lines that came after its checkpoint."""
FIRST_SHARE, CUT_SHARE = 0.9, 0.3
"""Of the kills that can hit a run that is made, or lines that are cut off: those that are aimed there."""
RANDOM_SHARE, START_SHARE = 0.4, 0.2
"""Of the others: those aimed at nothing, and of these, those whose delay counts from the start of the process."""


@dataclass(frozen=True)
class Aim:
    """What one kill is meant to hit; what it really hits is seen afterwards."""

    halt_at: str = ""
    """The operation on a file at which the run stands still, to be killed there."""
    phase: str = ""
    skip: int = 0
    """Signs of the phase that are let pass."""
    delay: float = 0.0
    """Seconds from the sign; where nothing is aimed at, from the start."""
    in_loop: bool = True
    """Where nothing is aimed at: whether that is the loop's start, or the process's."""
    ends: bool = False
    """The run is to come to its end, so that what is written there can be hit."""


def targets_of(actors: int) -> list[str]:
    """All operations on files that a run with so many actor processes can be killed in."""
    files = {**FILES, **FIRST_FILES, **(ACTORS_FILES if actors else {})}
    return [f"{kind} {file}" for file, kinds in files.items() for kind in kinds]


def first_targets() -> list[str]:
    return [f"{kind} {file}" for file, kinds in FIRST_FILES.items() for kind in kinds]


class Situation(NamedTuple):
    """What decides on the aim of a kill, apart from the lot."""

    kill: int
    """Its number in the campaign, from 0."""
    kill_of_run: int
    """Its number since the run was new."""
    is_made: bool
    """The run has its settings; until then it can be hit while it is being made."""
    actors: int
    has_line_to_cut: bool
    """The last kill came between an iteration's line of metrics and its checkpoint."""


def aim_of(situation: Situation, rng: random.Random) -> Aim:
    """The aim of a kill.

    Args:
      rng: of this kill alone, so that a campaign that was interrupted aims as it would have.
    """
    first = first_targets()
    if not situation.is_made and situation.kill_of_run < len(first) and rng.random() < FIRST_SHARE:
        return Aim(halt_at=first[situation.kill_of_run])
    if situation.has_line_to_cut and rng.random() < CUT_SHARE:
        return Aim(halt_at=CUT)
    if rng.random() < RANDOM_SHARE:
        return Aim(delay=rng.random() * LONGEST_RANDOM_DELAY, in_loop=rng.random() >= START_SHARE)
    going_on = [target for target in targets_of(situation.actors) if target not in (CUT, *first)]
    targets = [*going_on, *(target for target in first if target.endswith("config.json")), *LOOP_PHASES]
    target = targets[situation.kill % len(targets)]
    if target in LOOP_PHASES:
        skip = rng.randrange(3) if target == Phase.SELF_PLAY else 0  # also at later moves, and in later iterations
        return Aim(phase=target, skip=skip, delay=rng.random() ** 4 * LONGEST_DELAY)
    return Aim(halt_at=target, ends=target.endswith(WRITTEN_AT_THE_END))

"""A plan in words, as JSON, and as the command that follows it."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gomoku.errors import ModelFileError
from nets.model_file import find_model_file
from training.fresh_name import fresh_name
from training.planner import Prospect, Recipe
from training.run_curves import Check, clock

START = "--from"


def plan_text(prospects: Sequence[Prospect], budget: float) -> str:
    """What each recipe would come to, the best first, and the command for that.

    Args:
      prospects: not empty, the best first.
      budget: seconds of training.
    """
    best = prospects[0]
    parts = [f"{clock(budget)} of {best.recipe.config.rules} on this machine", *map(_prospect_text, prospects)]
    opponents = {one.strength.opponent: None for one in prospects if one.strength is not None}
    if len(opponents) > 1:
        parts.append(f"the scores are against different opponents, {', '.join(opponents)}: their order says little")
    arguments, remark = start_of(best.recipe)
    if remark:
        parts.append(remark)
    return "\n".join([*parts, f"train  {command_of(best.recipe, arguments, budget)}"])


def plan_report(prospects: Sequence[Prospect], budget: float) -> dict[str, Any]:
    """The same figures, in the form in which they are written as JSON."""
    best = prospects[0].recipe
    return {
        "rules": best.config.rules,
        "seconds": budget,
        "prospects": [
            {
                "source": one.recipe.source,
                "network": asdict(one.recipe.config.network),
                "simulations": one.recipe.config.plan.stages[-1].simulations,
                "positions_per_second": one.speed.made,
                "learnt_per_second": one.speed.learnt,
                "positions": one.positions,
                "games": games_of(one),
                "strength": None if one.strength is None else asdict(one.strength),
            }
            for one in prospects
        ],
        "command": command_of(best, start_of(best)[0], budget),
    }


def games_of(one: Prospect) -> float | None:
    """Of self-play; None: how long they are is not known."""
    per_game = one.recipe.positions_per_game
    return None if per_game is None else one.positions / per_game


def start_of(recipe: Recipe) -> tuple[list[str], str]:
    """The recipe's arguments with weights to begin from that are here, and a line where those are others."""
    arguments = [
        part for one in recipe.arguments for part in (one.split("=", 1) if one.startswith(f"{START}=") else [one])
    ]
    if START not in arguments:
        return arguments, ""
    place = arguments.index(START) + 1
    first = arguments[place]
    try:
        find_model_file(Path(first))
    except ModelFileError:
        arguments[place] = recipe.source
        return arguments, (
            f"that run began from {first}, which is not here: the command begins where it ended, from {recipe.source}"
        )
    return arguments, ""


def command_of(recipe: Recipe, arguments: Sequence[str], budget: float) -> str:
    run = fresh_name(Path("runs") / recipe.config.rules)
    minutes = f"{budget / 60:g}"
    return shlex.join(["python", "train.py", *arguments, "--run", str(run), "--minutes", minutes])


def _prospect_text(one: Prospect) -> str:
    recipe, config = one.recipe, one.recipe.config
    games = games_of(one)
    in_games = "" if games is None else f" in about {_rounded(games)} games"
    return "\n".join(
        [
            f"by {recipe.source}'s command" if recipe.checks else f"by {recipe.source}, which nobody has measured",
            f"  network   {config.network.blocks} blocks of {config.network.channels} channels, {config.backend} "
            f"{config.precision}; {config.plan.stages[-1].simulations} simulations a move, "
            f"{config.self_play.games} games side by side",
            f"  here      {one.speed.made:.0f} positions/s of self-play, {one.speed.learnt:.0f} positions/s learnt, "
            f"each {config.learner.reuse:g} times: about {_rounded(one.positions)} positions{in_games}",
            f"  strength  {_strength_text(one)}",
        ]
    )


def _strength_text(one: Prospect) -> str:
    if not one.recipe.checks:
        return "not known: no run with these rules has been recorded"
    if one.strength is None:
        first = one.recipe.checks[0]
        return f"not known so early: the first check, {_score_text(first)}, came after {first.positions:,} positions"
    last = one.recipe.checks[-1]
    at_end = " (the end of what is recorded; more may be stronger)" if one.strength is last else ""
    return (
        f"{_score_text(one.strength)} after {one.strength.positions:,} positions{at_end}, in the run of "
        f"{one.recipe.source}; where defaults have changed since, today's learn faster or slower"
    )


def _score_text(check: Check) -> str:
    suite = "" if check.suite_share is None else f", {check.suite_share:.0%} of the suite by the network alone"
    return (
        f"{check.score:.2f} ({check.low:.2f}–{check.high:.2f}) of {check.games_checked} games against "
        f"{check.opponent}{suite}"
    )


def _rounded(number: float) -> str:
    """Two digits: what is foretold is no surer."""
    return f"{float(f'{number:.2g}'):,.0f}"

"""What a tournament's games are worth: who stands where, openings that one colour always wins, time used.

Owns the counting and the tables as text, Markdown and JSON; the ratings are worked out by `arena/rating.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.forfeits import forfeit_text, is_forfeit
from arena.journal import GameKey, SavedGame
from arena.rating import Meeting, Rating, rate
from arena.tournament import Plan
from arena.units import TimeSpent
from gomoku.rules import BLACK, WHITE

FEWEST_PAIRS = 8
"""From so many pairs on, none like another, all won by one colour, an opening is taken to be decided. With few the
result would choose what counts: of a colour that wins seven games in ten, three pairs of an open opening are all its
own in one case of eight, eight pairs in one of three hundred."""
Games = Mapping[GameKey, SavedGame]


@dataclass(frozen=True)
class Standing:
    """One player's line in the table."""

    name: str
    rating: Rating
    wins: int
    draws: int
    losses: int
    score: float
    """Points per game over all games, in [0, 1]; those from openings that are left out count here, too."""
    forfeits: int
    """Games lost without a move: on time, by a crash, by an illegal move."""
    spent: TimeSpent

    @property
    def games(self) -> int:
        return self.wins + self.draws + self.losses


@dataclass(frozen=True)
class Standings:
    """A tournament's result."""

    lines: tuple[Standing, ...]
    """Best first."""
    anchor: str
    """Whose rating is 0 by definition."""
    left_out: dict[str, str]
    """Openings that one colour always won, and which; their games are not in the ratings."""
    scores: dict[str, dict[str, float]]
    """Points per game of each player against each that it met."""


def standings(plan: Plan, games: Games, anchor: str) -> Standings:
    """Counts what was played; pairs of which a game is missing do not count.

    Args:
      anchor: the name of the player whose rating is to be 0.

    Raises:
      ValueError: not all players are connected by games that count yet.
    """
    names = [entrant.name for entrant in plan.entrants]
    pairs = {
        meeting: [
            (games[black], games[white]) for black, white in plan.pairs(meeting) if {black, white} <= games.keys()
        ]
        for meeting in plan.meetings
    }
    left_out = one_sided_openings([pair for met in pairs.values() for pair in met])
    if left_out.keys() >= {pair[0].key.opening for met in pairs.values() for pair in met}:
        left_out = {}  # they are all that there is
    meetings = []
    for (first, second), met in pairs.items():
        counted = [pair for pair in met if pair[0].key.opening not in left_out]
        if counted:
            scores = tuple((points(a, names[first]) + points(b, names[first])) / 2 for a, b in counted)
            distinct = {(a.record.moves, b.record.moves) for a, b in counted}
            meetings.append(Meeting(first, second, scores, len(distinct)))
    if not _is_connected(len(names), meetings):
        raise ValueError(
            "too few games have been played (openings that one colour always won aside) to rate all players"
        )
    ratings = rate(len(names), meetings, names.index(anchor))
    played = [game for met in pairs.values() for pair in met for game in pair]
    lines = [_line(name, rating, played) for name, rating in zip(names, ratings, strict=True)]
    crosstable: dict[str, dict[str, float]] = {name: {} for name in names}
    for (first, second), met in pairs.items():
        if met:
            total = sum(points(game, names[first]) for pair in met for game in pair) / (2 * len(met))
            crosstable[names[first]][names[second]] = total
            crosstable[names[second]][names[first]] = 1 - total
    return Standings(tuple(sorted(lines, key=lambda line: -line.rating.elo)), anchor, left_out, crosstable)


def one_sided_openings(pairs: Sequence[tuple[SavedGame, SavedGame]]) -> dict[str, str]:
    """Openings all of whose games, of at least `FEWEST_PAIRS` distinct pairs, one colour won, and that colour."""
    winners: defaultdict[str, set[int]] = defaultdict(set)
    courses: defaultdict[str, set[tuple[Sequence[int], ...]]] = defaultdict(set)
    for pair in pairs:
        winners[pair[0].key.opening] |= {game.winner for game in pair}
        courses[pair[0].key.opening].add(tuple(game.record.moves for game in pair))
    return {
        opening: "Black" if won == {BLACK} else "White"
        for opening, won in sorted(winners.items())
        if len(courses[opening]) >= FEWEST_PAIRS and won in ({BLACK}, {WHITE})
    }


def points(game: SavedGame, name: str) -> float:
    """1, 0.5 or 0 for the player of this name."""
    if game.winner == 0:
        return 0.5
    return float((game.winner == BLACK) == (game.key.black == name))


def report(result: Standings, plan: Plan) -> dict[str, Any]:
    """The result as JSON holds it."""
    return {
        "rules": plan.openings[0].rules.name,
        "games": sum(line.games for line in result.lines) // 2,
        "openings": len(plan.openings),
        "anchor": result.anchor,
        "openings_left_out": result.left_out,
        "players": [
            {
                "name": line.name,
                "elo": line.rating.elo,
                "elo_low": line.rating.low,
                "elo_high": line.rating.high,
                **{name: getattr(line, name) for name in ("games", "wins", "draws", "losses", "score", "forfeits")},
                "seconds_per_move": round(line.spent.per_move, 4),
                "longest_seconds": round(line.spent.longest, 4),
            }
            for line in result.lines
        ],
        "scores": result.scores,
    }


def markdown(result: Standings) -> str:
    """The table, and who scored how much against whom, in a form that reads well as plain text, too."""
    rows = [["", "player", "Elo", "95 %", "games", "+", "=", "-", "score", "s/move", "longest"]]
    for place, line in enumerate(result.lines, 1):
        counts = [str(count) for count in (line.games, line.wins, line.draws, line.losses)]
        times = [f"{line.spent.per_move:.3f}", f"{line.spent.longest:.2f}"]
        rows.append(
            [
                str(place),
                line.name,
                f"{line.rating.elo:+.0f}",
                _interval(line.rating),
                *counts,
                f"{line.score:.3f}",
                *times,
            ]
        )
    names = [line.name for line in result.lines]
    cross = [["", *(str(place) for place in range(1, len(names) + 1))]]
    for name in names:
        scored = result.scores[name]
        cross.append([name, *(f"{scored[other]:.2f}" if other in scored else "" for other in names)])
    text = f"{_table(rows)}\n\nPoints per game against each other:\n\n{_table(cross)}\n"
    text += f"\nElo: {result.anchor} = 0; an interval without a bound on one side ends in an arrow.\n"
    for line in result.lines:
        if line.forfeits:
            text += f"\n{forfeit_text(line.name, line.forfeits)}\n"
    for opening, colour in result.left_out.items():
        text += f"\nOpening {opening} is left out of the ratings: {colour} won every game.\n"
    return text


def _interval(rating: Rating) -> str:
    low = "←" if rating.low is None else f"{rating.low:+.0f}"
    return f"{low} … {'→' if rating.high is None else f'{rating.high:+.0f}'}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    is_text = [not any(row[column][:1] in "+-0123456789" for row in rows[1:]) for column in range(len(rows[0]))]
    head = "|".join(
        ["", *("-" * (width + 1) + ("-" if text else ":") for width, text in zip(widths, is_text, strict=True)), ""]
    )
    lines = [
        "| "
        + " | ".join(
            f"{cell:{'<' if text else '>'}{width}}" for cell, width, text in zip(row, widths, is_text, strict=True)
        )
        + " |"
        for row in rows
    ]
    return "\n".join([lines[0], head, *lines[1:]])


def _line(name: str, rating: Rating, played: Sequence[SavedGame]) -> Standing:
    own = [game for game in played if name in (game.key.black, game.key.white)]
    scored = [points(game, name) for game in own]
    spent = TimeSpent.of([seconds for game in own for seconds in _seconds_of(game, name)])
    return Standing(
        name,
        rating,
        wins=scored.count(1),
        draws=scored.count(0.5),
        losses=scored.count(0),
        score=sum(scored) / max(1, len(scored)),
        forfeits=sum(is_forfeit(game.record) and scored[k] == 0 for k, game in enumerate(own)),
        spent=spent,
    )


def _seconds_of(game: SavedGame, name: str) -> Sequence[float]:
    """The player's own share: who decided first follows from how many decisions a finished game had."""
    board = game.record.replay()
    had_no_move = board.outcome is None  # its last decision led to no move
    last_mover = board.to_play if had_no_move else -board.to_play
    own = BLACK if game.key.black == name else WHITE
    backwards = game.seconds[::-1]
    return backwards[0::2] if last_mover == own else backwards[1::2]


def _is_connected(num_players: int, meetings: Sequence[Meeting]) -> bool:
    reached, grown = {0}, True
    while grown:
        grown = False
        for meeting in meetings:
            if (meeting.first in reached) != (meeting.second in reached):
                reached |= {meeting.first, meeting.second}
                grown = True
    return len(reached) == num_players

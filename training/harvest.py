"""What actors bring, and the book that is kept of it: no game is counted twice, none that was finished is lost.

Common to all kinds of actors. A share is a set of games on one board that one worker plays: those whose numbers are
`k` modulo the number of shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gomoku.rules import Rules
from training.games import FinishedGame


@dataclass(frozen=True)
class Report:
    """What a worker has done with its shares since its last report."""

    games: list[FinishedGame]
    moves: int
    simulations: int
    cut_short: int
    seconds: float
    """Of play, without waiting."""
    shares: dict[int, dict[str, Any]] | None = None
    """`SelfPlay.state` of each of its shares after all that, where it is told."""
    generation: int = 0
    """Of the network that plays: the games it brings were finished with no newer one."""


@dataclass(frozen=True)
class Harvest:
    """What one call of `Actors.play` brought."""

    games: list[FinishedGame]
    simulations: int
    """New ones, those of unfinished games included."""
    cut_short: int
    """Searches that ended early because their tree was full."""
    seconds: float
    """Of play, without waiting: the mean of the workers."""
    duplicates: int
    """Finished games that came a second time and were dropped."""
    is_whole: bool = True
    """False where it was stopped before its time; what it holds is then not to be used."""
    alarms: list[str] = field(default_factory=list)
    """A line for each actor that died, and one for games that came too late."""
    outdated: int = 0
    """Finished games that were dropped because the network that finished them is too old."""

    @property
    def mean_generation(self) -> float:
        """Of the networks that began the games; 0 without games."""
        return sum(game.generation for game in self.games) / max(len(self.games), 1)


class Ledger:
    """Finished games that wait for the learner, and what is known of the games in flight."""

    def __init__(self, rules_of_shares: Sequence[Rules], num_workers: int) -> None:
        self._rules = rules_of_shares
        self._num_workers = num_workers
        num_shares = len(rules_of_shares)
        self._shares: list[dict[str, Any]] = [{"next_number": k, "games": []} for k in range(num_shares)]
        """As last reported."""
        self._counted: list[set[int]] = [set() for _ in range(num_shares)]
        """Numbers of the games that were finished since."""
        self._waiting: list[FinishedGame] = []
        self.positions = 0
        """Positions of the finished games that wait."""
        self._reset()

    def _reset(self) -> None:
        self.moves = self.simulations = self.cut_short = self.duplicates = self.outdated = 0
        self.seconds = 0.0
        self.alarms: list[str] = []

    def note(self, report: Report, oldest: int = 0) -> None:
        """Enters what a worker has done.

        Args:
          oldest: games that were finished with a network of a generation before this one are counted and dropped.
        """
        for game in report.games:
            counted = self._counted[game.number % len(self._shares)]
            if game.number in counted:
                self.duplicates += 1
                continue
            counted.add(game.number)
            if report.generation < oldest:
                self.outdated += 1
            else:
                self._waiting.append(game)
                self.positions += len(game.samples)
        self.moves += report.moves
        self.simulations += report.simulations
        self.cut_short += report.cut_short
        self.seconds += report.seconds
        for k, share in (report.shares or {}).items():
            self._shares[k] = share
            # Whoever goes on from here never plays the others again, so that their numbers need not be kept.
            self._counted[k] = {number for number in self._counted[k] if number >= share["next_number"]}

    def take(self) -> Harvest:
        """All that waits, in the order in which it came; the figures begin again at zero."""
        mean_seconds = self.seconds / self._num_workers
        if self.outdated:
            self.alarms.append(f"{self.outdated} games were dropped: the network that finished them is too old")
        counts = self.simulations, self.cut_short, mean_seconds, self.duplicates
        harvest = Harvest(self._waiting, *counts, alarms=self.alarms, outdated=self.outdated)
        self._waiting, self.positions = [], 0
        self._reset()
        return harvest

    def shares_of(self, worker: int) -> dict[int, dict[str, Any]]:
        """What a worker needs to go on where the last report left its shares, for `WorkerShares.load_state`."""
        return {k: self.share(k) for k in range(worker, len(self._shares), self._num_workers)}

    def share(self, k: int) -> dict[str, Any]:
        """What it takes to go on with share `k` where the last report left it, for `SelfPlay.load_state`."""
        reported, counted = self._shares[k], self._counted[k]
        return {
            "next_number": reported["next_number"],
            "games": [game for game in reported["games"] if game["number"] not in counted],
            "counted": sorted(number for number in counted if number >= reported["next_number"]),
        }

    def state(self) -> list[dict[str, Any]]:
        """See `Actors.state`: one entry for each share, its games that wait as `finished`."""
        num_shares = len(self._shares)
        finished: list[list[dict[str, Any]]] = [[] for _ in range(num_shares)]
        for game in self._waiting:
            finished[game.number % num_shares].append(game.state())
        return [{**self.share(k), "finished": finished[k]} for k in range(num_shares)]

    def load_state(self, state: list[dict[str, Any]]) -> None:
        assert len(state) == len(self._shares), "a run keeps its workers and its boards"
        self._counted = [set(entry.get("counted", ())) for entry in state]
        self._waiting = [
            FinishedGame.from_state(rules, game)
            for rules, entry in zip(self._rules, state, strict=True)
            for game in entry.get("finished", ())
        ]
        self.positions = sum(len(game.samples) for game in self._waiting)
        self._shares = [{"next_number": entry["next_number"], "games": entry["games"]} for entry in state]

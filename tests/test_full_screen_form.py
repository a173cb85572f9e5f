"""The form of a new game on the full screen."""

import pytest
from full_screen_parts import make_table, play, press, screen_lines
from textual.pilot import Pilot

from ui.full_screen.app import FullScreenGame


@pytest.mark.parametrize("has_colours", [True, False])
def test_the_row_that_keys_go_to_is_the_only_one_that_is_marked(
    monkeypatch: pytest.MonkeyPatch, has_colours: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not has_colours:
        monkeypatch.setenv("NO_COLOR", "1")

    def marked(game: FullScreenGame) -> list[str]:
        rows = [line.partition("│ > ")[2] for line in screen_lines(game)]
        return [row.split("  ")[0] for row in rows if row]

    async def scenario(game: FullScreenGame, pilot: Pilot[int]) -> None:
        await press(game, pilot, "n")
        assert marked(game) == ["You play"]
        for name in ("Level", "Board", "In a row"):
            await press(game, pilot, "down", "right")
            assert marked(game) == [name]
        await press(game, pilot, "up")
        assert marked(game) == ["Board"]
        await pilot.click("#clock")
        assert marked(game) == ["Clock"]
        await press(game, pilot, "escape", "n")
        assert marked(game) == ["You play"]

    play(make_table(), scenario)

"""What a line that a person types means. Knows nothing about the game's state."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What a person can ask for; the text is what is typed, except for a move."""

    MOVE = "move"
    UNDO = "undo"
    HINT = "hint"
    BOARD = "board"
    MOVES = "moves"
    SAVE = "save"
    RESIGN = "resign"
    NEW = "new"
    HELP = "help"
    QUIT = "quit"


HELP_TEXT = """\
  h8              play this point: a letter for the column, a number for the row
  undo            go back to your latest turn, also after the end or a resignation
  hint            ask the AI what it would play
  board           draw the board again
  moves           list the moves
  save FILE       save the game; FILE ends in .sgf, .psq, .json or .svg (a picture)
  resign          give the game up
  new             a new game; `new black` and `new white` choose your colour
  help            this list
  quit            leave (so does the end of input)"""

_SHORT = {"?": Verb.HELP, "u": Verb.UNDO, "q": Verb.QUIT, "exit": Verb.QUIT}
_COMMANDS = {str(verb): verb for verb in Verb if verb is not Verb.MOVE} | _SHORT
_WITH_ARGUMENT = (Verb.SAVE, Verb.NEW)
_NEW_ARGUMENTS = ("", "black", "white")


class CommandError(ValueError):
    """A line that means nothing; the text says what does."""


@dataclass(frozen=True)
class Command:
    """One line, understood."""

    verb: Verb
    argument: str = ""
    """The point of a move, the file of `save`, the colour of `new`; spaces around it are gone."""


def parse_command(line: str) -> Command:
    """Reads a line that is not blank. Letter case matters in file names only.

    Raises:
      CommandError: neither a point nor a command, an argument too many or one that is missing.
    """
    word, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    if re.fullmatch(r"[a-z]\d+", word, re.IGNORECASE | re.ASCII) and not rest:
        return Command(Verb.MOVE, word)
    verb = _COMMANDS.get(word.lower())
    if verb is None:
        shown = line.strip() if len(line) <= 40 else line.strip()[:37] + "..."
        raise CommandError(f"{shown!r} is neither a point such as h8 nor a command; help lists the commands")
    if rest and verb not in _WITH_ARGUMENT:
        raise CommandError(f"{verb} stands alone, without {rest!r}")
    if verb is Verb.SAVE and not rest:
        raise CommandError("save needs a file name: save game.sgf, game.psq, game.json or game.svg")
    if verb is Verb.NEW:
        rest = rest.lower()
        if rest not in _NEW_ARGUMENTS:
            raise CommandError(f"new {rest!r}: a colour is black or white")
    return Command(verb, rest)

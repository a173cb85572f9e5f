"""How the screen looks: its two themes, and the list of keys. Where things are is in `style.tcss`."""

from textual.theme import Theme

DARK = Theme(
    name="gomoku-dark",
    primary="#e0b36a",
    secondary="#8fb7d9",
    accent="#f0c674",
    foreground="#e6e1d6",
    background="#1d1f21",
    surface="#26282b",
    panel="#303336",
    dark=True,
    variables={
        "wood": "#7d5a33",
        "grid": "#d3b184",
        "black-stone": "#0a0a0a",
        "white-stone": "#ffffff",
        "last-mark": "#ffe08a",
        "line-mark": "#9dff9d",
        "point-mark": "#ffb3a0",
        "footer-key-foreground": "#f0c674",
    },
)
LIGHT = Theme(
    name="gomoku-light",
    primary="#7a4f16",
    secondary="#1f5f8b",
    accent="#8a5a00",
    foreground="#1f1d1a",
    background="#faf7f0",
    surface="#f1ece0",
    panel="#e6dfcf",
    dark=False,
    variables={
        "wood": "#bb8c50",
        "grid": "#5a3c15",
        "black-stone": "#000000",
        "white-stone": "#ffffff",
        "last-mark": "#5c0d00",
        "line-mark": "#00330f",
        "point-mark": "#7a0000",
        "footer-key-foreground": "#8a5a00",
    },
)
THEMES = {"dark": DARK, "light": LIGHT}

KEYS = """\
arrows, mouse   aim on the board; Home, End, Page up and Page down go to its edges
Enter, click    play there
u, r            undo, redo
h               hint: what the computer would play
m               the computer stops thinking and makes its move
c               change sides with the computer
l               level of the computer
n               new game: colour, level, board, rules, clock, opening
s, o            save the game; open one (.sgf, .psq or .json)
g               give the game up (undo takes that back)
#               numbers of the moves
t               light or dark
q, Ctrl-D       quit; Ctrl-C too

● Black   ○ White   (●) last move   <●> winning line
[ ] where you aim   ! forbidden to Black   ? hint
With numbers, White's are underlined.
Arrows in the board's corner point to where there is more of it."""

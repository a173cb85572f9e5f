"""The game itself: rules, board, coordinates, symmetries, records, what a player is, and the match loop."""

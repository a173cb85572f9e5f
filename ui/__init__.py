"""What people touch. Imports the game only: players are handed in."""

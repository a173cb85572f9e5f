"""Strength in numbers: player specs, openings, Elo with error bars."""

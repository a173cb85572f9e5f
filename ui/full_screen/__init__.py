"""The terminal game on a full screen, with Textual: shown and steered here, played in `ui/table.py`."""

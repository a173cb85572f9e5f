"""Damaged files of every kind: refused in one line, or, where there is no digest, something legal all the same."""

from pathlib import Path

from benchmarks.damaged_files import campaign

FILES = 8
"""Of each of the four kinds; `python -m benchmarks.damaged_files` takes 1,000."""


def test_no_damaged_file_with_a_digest_is_taken_and_nothing_ends_in_anything_but_its_own_error(
    tmp_path: Path,
) -> None:
    tallies = campaign(tmp_path, FILES, seed=1)
    assert sum(tally.files for tally in tallies) == 4 * FILES
    by_kind = {tally.kind: tally for tally in tallies}
    for kind in ("checkpoint", "model"):
        assert (by_kind[kind].refused, by_kind[kind].taken) == (FILES, 0)
    assert by_kind["settings"].refused > FILES / 2
    assert all(tally.longest_complaint < 1000 for tally in tallies)

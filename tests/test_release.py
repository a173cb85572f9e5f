"""A release has a changelog: the version of the package is the newest one written down."""

import re
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRY = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_the_version_is_the_newest_of_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest, _ = ENTRY.findall(changelog())[0]
    assert project["version"] == newest


def test_changelog_entries_are_dated_and_newest_first() -> None:
    entries = ENTRY.findall(changelog())
    headings = [line for line in changelog().splitlines() if line.startswith("## ") and line != "## [Unreleased]"]
    assert len(headings) == len(entries), "a heading that is not `## [1.2.3] - 2026-11-21`"
    versions = [number(version) for version, _ in entries]
    days = [date.fromisoformat(day) for _, day in entries]
    assert versions == sorted(set(versions), reverse=True)
    assert days == sorted(days, reverse=True)


def test_changes_are_of_the_kinds_that_keep_a_changelog_knows() -> None:
    kinds = re.findall(r"^### (.+)$", changelog(), re.MULTILINE)
    assert kinds
    assert set(kinds) <= KINDS

"""The links between the pages of days: which day stands before and after, and putting that right on a page.

A page of real news is linked to the nearest of its kind, and so is one of the packaged sample. Only what lies around a
day is read, however many days there are.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sentinel.report.files import write_bytes
from sentinel.report.page import NAV_END, NAV_START, render_nav
from sentinel.report.summary import read_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sentinel.report.summary import DaySummary

PAGE_NAME = "index.html"
_SEARCH_BYTES = 65_536

Neighbours = tuple[str, str]
"""Folder of the day before and of the day after; empty where there is none."""


def day_folders(reports_dir: Path) -> list[str]:
    """List the folders that are named like days, oldest first."""
    try:
        names = [path.name for path in reports_dir.iterdir()]
    except OSError:
        return []
    return sorted(name for name in names if _is_day(name))


def find_neighbours(reports_dir: Path, names: list[str], name: str, *, is_sample: bool) -> Neighbours:
    """Find the days before and after one that exist and are of its kind.

    Args:
        reports_dir: the site's folder.
        names: folders that are named like days, oldest first.
        name: the day, which need not be among them.
        is_sample: its kind.
    """

    def nearest(candidates: Iterable[str]) -> str:
        for candidate in candidates:
            summary = read_summary(reports_dir / candidate)
            if summary is not None and summary.is_sample == is_sample:
                return candidate
        return ""

    before = [other for other in names if other < name]
    return nearest(reversed(before)), nearest(other for other in names if other > name)


def link_around(reports_dir: Path, name: str, neighbours: Neighbours, *, is_sample: bool) -> None:
    """Put right the links on the pages of the days beside one that was written.

    Raises:
        ReportError: a page cannot be written; what stood there before still does.
    """
    names = sorted({*day_folders(reports_dir), name})
    for neighbour in filter(None, neighbours):
        link_page(reports_dir / neighbour, find_neighbours(reports_dir, names, neighbour, is_sample=is_sample))


def all_neighbours(summaries: Iterable[DaySummary]) -> dict[str, Neighbours]:
    """Tell the days before and after each of all days, by its folder."""
    found: dict[str, Neighbours] = {}
    listed = list(summaries)
    for is_sample in (False, True):
        names = [summary.day.isoformat() for summary in listed if summary.is_sample == is_sample]
        for before, name, after in zip(["", *names], names, [*names[1:], ""], strict=False):
            found[name] = (before, after)
    return found


def link_changed(reports_dir: Path, before: Mapping[str, Neighbours], now: Mapping[str, Neighbours]) -> None:
    """Put right the links on the pages whose neighbours are others than before.

    Raises:
        ReportError: a page cannot be written; what stood there before still does.
    """
    for name, neighbours in now.items():
        if before.get(name) != neighbours:
            link_page(reports_dir / name, neighbours)


def link_page(folder: Path, neighbours: Neighbours) -> None:
    """Rewrite the links between days on a page that lacks the right ones; other bytes stay as they are.

    Raises:
        ReportError: the page cannot be written; what stood there before still does.
    """
    page = folder / PAGE_NAME
    wanted = render_nav(*neighbours).encode()
    try:
        with page.open("rb") as file:
            if wanted in file.read(_SEARCH_BYTES):
                return
        content = page.read_bytes()
    except OSError:
        return  # no page to link; writing that day makes one
    before, start, rest = content.partition(NAV_START.encode())
    _, end, after = rest.partition(NAV_END.encode())
    if start and end:
        write_bytes(page, before + wanted + after)


def _is_day(name: str) -> bool:
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False

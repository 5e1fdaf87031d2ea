"""A real browser draws the charts from a folder, without a complaint and without leaving the folder."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sentinel.report import write_day, write_index

from .days import LAST_DAY, build_day
from .pages import Element, read_page

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")


def open_page(page: Path, profile: Path) -> tuple[str, str]:
    """Load a page and give its document afterwards and what the console said."""
    command = [
        *(
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--dump-dom",
        ),
        *(f"--user-data-dir={profile}", "--virtual-time-budget=8000", f"file://{page}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.mark.parametrize("hostile", [False, True])
def test_browser_draws_every_chart_of_a_day_in_silence(tmp_path: Path, hostile: bool) -> None:  # noqa: FBT001
    page = write_day(tmp_path / "reports", build_day(hostile=hostile))
    document, console = open_page(page, tmp_path / "profile")
    assert console == ""
    assert len(re.findall(r'class="chart[^"]* drawn"', document)) == 2
    assert document.count("<details open") == 0
    assert document.count('class="sort"') == len(sortable_heads(page)) > 10
    assert len(re.findall(r'class="plot [^"]*js-plotly-plot', document)) == 2


def sortable_heads(page: Path) -> list[Element]:
    """Find the heads of the tables that can be sorted, less those of columns that are drawn."""
    elements = read_page(page).elements
    heads, inside = [], False
    for element in elements:
        if element.tag == "table":
            inside = "sortable" in element.attributes.get("class", "").split()
        elif element.tag == "th" and inside and element.attributes.get("data-sort") != "no":
            heads.append(element)
    return heads


def test_browser_draws_the_archive_in_silence(tmp_path: Path) -> None:
    for ago in range(3):
        write_day(tmp_path / "reports", build_day(LAST_DAY - timedelta(days=ago)))
    document, console = open_page(write_index(tmp_path / "reports"), tmp_path / "profile")
    assert console == ""
    assert document.count('class="chart drawn"') == 1

"""A real browser labels with the keys 1, 2 and 3, and nothing on the page breaks its own policy."""

from __future__ import annotations

import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from sentinel import report
from sentinel.labels.server import open_label_server

from .test_server import ATTACK, Desk

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium or Chrome")

TYPIST = """
const key = ["1", "2", "3"][document.querySelector("progress").value];
for (const how of key ? [{ repeat: true }, { ctrlKey: true }, {}] : []) {
  document.dispatchEvent(new KeyboardEvent("keydown", { key, ...how }));
}
"""
"""Presses 1, 2 and 3, one on each page; before that the key is held down, and pressed with Ctrl, for nothing."""


def test_browser_labels_by_keys_and_complains_of_nothing(tmp_path: Path) -> None:
    desk = Desk("Profit up", ATTACK, "Loss widens")
    script = report.label_script() + TYPIST.encode()
    with open_label_server(desk, render=report.render_label, script=script) as (url, serve):
        threading.Thread(target=serve, daemon=True).start()
        command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
        command += [f"--user-data-dir={tmp_path}", "--virtual-time-budget=8000", url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "All headlines are labelled" in done.stdout
    assert desk.answers == {"id-0": "negative", "id-1": "neutral", "id-2": "positive"}
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []

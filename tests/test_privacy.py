"""What docs/privacy.md promises: nothing but what feeds publish is kept, and nobody but feeds and targets is told."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from conftest import clean_environment
from feeds.conftest import Reply, rss
from jobs import build_settings, serve_feeds

from sentinel.config import Settings

if TYPE_CHECKING:
    from pathlib import Path

AUTHORS = ("Wilhelmina Quist", "w.quist@wire.example", "Bartholomew Egg")

# Runs the program with an audit hook that notes every address connected to and every name looked up.
# Source: https://docs.python.org/3/library/audit_events.html
WATCHED = """
import json, sys
seen = []
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        seen.append([event, list(map(str, arguments[1:] if event != "socket.getaddrinfo" else arguments[:2]))])
sys.addaudithook(note)
from sentinel.cli import main
try:
    main(["run"])
finally:
    with open("seen.json", "w") as file:
        json.dump(seen, file)
"""


def write_feeds(folder: Path, url: str) -> None:
    entry = {"name": "wire", "url": url, "kind": "markets", "allow_private": True}
    (folder / "feeds.yaml").write_text(yaml.safe_dump({"feeds": [entry]}), encoding="utf-8")


def feed_with_authors() -> Reply:
    name, mail, other = AUTHORS
    item = (
        "<title>Profit of Barrowgate rises</title><guid>1</guid>"
        f"<author>{mail} ({name})</author>"
        f'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">{other}</dc:creator>'
    )
    return Reply(rss(item), headers={"Content-Type": "application/rss+xml"})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Give the folder of a run that was watched, and the port of its one feed."""
    folder = tmp_path_factory.mktemp("watched")
    with serve_feeds() as server:
        server.routes["/wire"] = feed_with_authors()
        write_feeds(folder, server.url("/wire"))
        command = [sys.executable, "-c", WATCHED]
        ended = subprocess.run(
            command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False
        )
    assert ended.returncode == 0, ended.stderr
    return folder, server.port


def test_a_run_connects_to_its_feeds_and_to_nobody_else(run: tuple[Path, int]) -> None:
    folder, port = run
    seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    assert seen
    assert {name for event, arguments in seen if event == "socket.getaddrinfo" for name in arguments[:1]} <= {
        "127.0.0.1"
    }
    connected = [arguments for event, arguments in seen if event == "socket.connect"]
    assert connected == [[f"('127.0.0.1', {port})"]]
    assert [event for event, _ in seen if event == "socket.sendto"] == []


def test_names_of_authors_are_kept_nowhere(run: tuple[Path, int]) -> None:
    folder, _ = run
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(b"Barrowgate" in content for content in kept.values())
    for name in AUTHORS:
        assert [path for path, content in kept.items() if name.encode() in content] == []


@pytest.mark.parametrize(("value", "is_taken"), [(False, True), ("false", True), (True, False), ("yes", False)])
def test_authors_cannot_be_asked_for(tmp_path: Path, value: object, is_taken: bool) -> None:  # noqa: FBT001 (a parameter of a test)
    if is_taken:
        assert build_settings(tmp_path, store_authors=value).store_authors is False
    else:
        with pytest.raises(ValueError, match="authors' names are never stored"):
            build_settings(tmp_path, store_authors=value)
    assert Settings.model_fields["store_authors"].default is False

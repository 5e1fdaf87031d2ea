"""Small jobs for the tests of the pipeline and the command line: feeds on loopback, a clock that is set by hand."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feeds.conftest import FeedServer, Reply, rss

from sentinel.config import Settings
from sentinel.model.bundle import MANIFEST, write_manifest
from sentinel.pipeline import Job, open_job

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGED_DIR = Path(__file__).parents[1] / "sentinel" / "assets" / "model"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROFIT = "Net profit of Barrowgate rises 30 percent on strong demand"
LOSS = "Quarterly loss of Lantry widens as sales slump"


@dataclass
class Clock:
    """A clock that stands until a test sets it."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time


@contextmanager
def serve_feeds() -> Iterator[FeedServer]:
    """Serve scripted feeds on loopback while the block runs."""
    server = FeedServer()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def news(*entries: tuple[str, datetime]) -> Reply:
    """Answer with an RSS feed of headlines and their times."""
    items = (f"<title>{title}</title><pubDate>{format_datetime(time)}</pubDate>" for title, time in entries)
    return Reply(rss(*items), headers={"Content-Type": "application/rss+xml"})


def feed_entry(name: str, url: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "url": url, "kind": "markets", "allow_private": True, **more}


def build_settings(folder: Path, *entries: dict[str, Any], **more: Any) -> Settings:
    """Give settings whose store and reports lie in a folder; without feeds, one that is never asked."""
    feeds = list(entries) or [feed_entry("wire", "http://127.0.0.1:9/")]
    values = {"store": str(folder / "sentinel.db"), "reports": folder / "reports", "device": "cpu", "feeds": feeds}
    return Settings.model_validate({**values, **more})


@contextmanager
def job_in(folder: Path, *entries: dict[str, Any], clock: Clock | None = None, **more: Any) -> Iterator[Job]:
    with open_job(build_settings(folder, *entries, **more), now=clock or Clock()) as job:
        yield job


def query(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """Read the store past the program."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


def digests(folder: Path) -> dict[str, str]:
    """Hash every file below a folder, by path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def build_swapped_bundle(folder: Path) -> Path:
    """Copy the packaged model with two labels swapped and a manifest that vouches for it."""
    bundle = shutil.copytree(PACKAGED_DIR, folder)
    config = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
    names = {"negative": "positive", "positive": "negative"}
    config["id2label"] = {place: names.get(name, name) for place, name in config["id2label"].items()}
    config["label2id"] = {name: int(place) for place, name in config["id2label"].items()}
    (bundle / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return _vouched_for(bundle)


def build_renamed_bundle(folder: Path) -> Path:
    """Copy the packaged model under another name, and so another id."""
    return _vouched_for(shutil.copytree(PACKAGED_DIR, folder), name="renamed")


def _vouched_for(bundle: Path, **facts: Any) -> Path:
    manifest = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
    write_manifest(bundle, {name: manifest[name] for name in ("name", "max_tokens", "temperature")} | facts)
    return bundle


def build_damaged_bundle(folder: Path) -> Path:
    """Copy the packaged model with one bit of its weights turned over."""
    bundle = shutil.copytree(PACKAGED_DIR, folder)
    weights = bundle / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    return bundle

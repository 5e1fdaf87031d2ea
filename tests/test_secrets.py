"""No secret reaches any output: not standard output, logs, errors, JSON, metrics, the port, the store or the pages."""

from __future__ import annotations

import base64
import json
import logging
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from conftest import SENTINEL, clean_environment
from feeds.conftest import Reply
from jobs import NOON, PROFIT, feed_entry, news, serve_feeds

from sentinel.credentials import secret_values
from sentinel.logs import HIDDEN, hide, set_up_logs

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.conftest import FeedServer

WORD = "hunter2hunter2"
SECRETS = {
    "SENTINEL_FEED_WIRE_USER": "ann",
    "SENTINEL_FEED_WIRE_PASSWORD": f"{WORD}-feed",
    "SENTINEL_FEED_BROKEN_TOKEN": f"{WORD}-token",
    "SENTINEL_PROXY_USER": "ann",
    "SENTINEL_PROXY_PASSWORD": f"{WORD}-proxy",
}
COMMANDS = (
    ["-v", "run", "--all", "--json"],
    ["-v", "--log-format", "json", "run", "--all"],
    ["status", "--json", "--max-age", "0.0000001"],
    ["status"],
    ["check", "--json"],
    ["check"],
    ["feeds", "status", "--json"],
    ["feeds", "check", "--json"],
    ["feeds", "export"],
    ["alerts", "test"],
    ["alerts", "list", "--json"],
    ["export", "--from", "2026-03-01", "--to", "2026-03-02"],
    ["run", "--store", f"postgresql://ann:{WORD}-store@127.0.0.1:9/news"],
    ["run", "--store", f"nosuch://ann:{WORD}-store@127.0.0.1:9/news"],
    ["status", "--store", f"nosuch://ann:{WORD}-store@127.0.0.1:9/news"],
)


def build_environment(server: FeedServer) -> dict[str, str]:
    ping = server.url(f"/{WORD}-ping")
    return clean_environment(
        **SECRETS,
        SENTINEL_PING_URL=ping,
        SENTINEL_PING_FAIL_URL=ping,
        SENTINEL_ALERT_DESK_URL=f"json://ann:{WORD}-alert@127.0.0.1:{server.port}/{WORD}-path",
        PYTHONWARNINGS="ignore",
    )


def write_feeds(folder: Path, server: FeedServer) -> None:
    document = {
        "feeds": [
            feed_entry("wire", server.url("/wire"), auth="WIRE"),
            feed_entry("broken", server.url("/broken"), auth="BROKEN"),
        ],
        "alerts": {"targets": ["DESK"], "rules": [{"name": "any", "when": "failing-feed", "for_h": 0.001}]},
        "metrics_file": "sentinel.prom",
    }
    (folder / "feeds.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def test_no_output_of_any_command_holds_a_secret(tmp_path: Path) -> None:
    with serve_feeds() as server:
        server.routes["/wire"] = news((PROFIT, NOON))
        server.routes["/broken"] = Reply(status=302, headers={"Location": f"http://127.0.0.1:9/?key={WORD}-redirect"})
        write_feeds(tmp_path, server)
        said = {}
        for command in COMMANDS:
            ended = subprocess.run(
                [*SENTINEL, *command],
                cwd=tmp_path,
                env=build_environment(server),
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            said[" ".join(command)] = ended.stdout + ended.stderr
    assert all(said.values())
    assert {name for name, text in said.items() if WORD in text} == set()
    assert [name for name, text in said.items() if "Traceback" in text] == []
    sent = {headers.get("authorization", "") for path, headers in server.requests if path in ("/wire", "/broken")}
    basic = base64.b64encode(f"ann:{WORD}-feed".encode()).decode()
    assert sent == {f"Basic {basic}", f"Bearer {WORD}-token"}  # they were used, and still nothing tells them
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"sentinel.db", "sentinel.prom", "index.html"} <= {path.name for path in files}
    assert [path for path in files if WORD.encode() in path.read_bytes()] == []


def test_the_files_of_the_store_are_for_their_owner_alone(tmp_path: Path) -> None:
    with serve_feeds() as server:
        server.routes["/wire"] = news((PROFIT, NOON))
        entry = feed_entry("wire", server.url("/wire"))
        (tmp_path / "feeds.yaml").write_text(yaml.safe_dump({"feeds": [entry]}), encoding="utf-8")
        command = [*SENTINEL, "collect"]
        subprocess.run(command, cwd=tmp_path, env=clean_environment(), check=True, capture_output=True, timeout=60)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("sentinel.db*")}
    del modes["sentinel.db.lock"]
    assert "sentinel.db" in modes
    assert set(modes.values()) == {0o600}


def test_secret_values_are_those_of_credentials_and_passwords_in_addresses() -> None:
    variables = {
        **SECRETS,
        "SENTINEL_STORE": f"postgresql://ann:{WORD}-store@db.example/news",
        "SENTINEL_PING_URL": "https://switch.example/1234",
        "HOME": f"/home/{WORD}",
    }
    assert set(secret_values(variables)) == {
        f"{WORD}-feed",
        f"{WORD}-token",
        f"{WORD}-proxy",
        f"{WORD}-store",
        "https://switch.example/1234",
    }


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.usefixtures("_own_logs")
def test_a_line_of_the_log_leaves_secrets_out(capsys: pytest.CaptureFixture[str], form: str) -> None:
    set_up_logs(verbose=True, form=form, secrets=[WORD])
    try:
        raise ValueError(WORD)
    except ValueError:
        logging.getLogger("sentinel.x").exception("of %s at http://ann:other@news.example/", WORD)
    line = capsys.readouterr().err
    assert WORD not in line
    assert "other" not in line
    assert "http://***@news.example/" in line
    if form == "json":
        assert {"level": "ERROR", "logger": "sentinel.x", "run_id": "-"}.items() <= json.loads(line).items()


def test_hide_leaves_other_text_alone() -> None:
    text = "mail ann@news.example about https://news.example/a@b"
    assert hide(text, ["secret"]) == text
    assert hide("a secret", ["secret"]) == f"a {HIDDEN}"

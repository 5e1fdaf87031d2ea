"""The label page answers who opened it and nobody else, and keeps what was pressed."""

from __future__ import annotations

import http.client
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest

from sentinel import report
from sentinel.labels.server import MAX_FORM_BYTES, Question, open_label_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTACK = "<script>alert(1)</script> & \u201cprofit\u201d"


class Desk:
    """A queue in memory."""

    def __init__(self, *texts: str) -> None:
        self.questions = {
            f"id-{place}": Question(f"id-{place}", text, "wire", "2026-03-02") for place, text in enumerate(texts)
        }
        self.answers: dict[str, str] = {}
        self.order = list(self.questions)

    def next(self) -> Question | None:
        return next((self.questions[item_id] for item_id in self.order if item_id not in self.answers), None)

    def find(self, item_id: str) -> Question | None:
        return self.questions.get(item_id)

    def answer(self, item_id: str, label: str) -> None:
        self.answers[item_id] = label

    def skip(self, item_id: str) -> None:
        self.order = [*(other for other in self.order if other != item_id), item_id]

    def progress(self) -> tuple[int, int]:
        return len(self.answers), len(self.questions)


class Page:
    """A browser's view of a served desk."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        self.secret = self.url.path.strip("/")

    def ask(
        self, method: str = "GET", path: str | None = None, *, form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(self.url.hostname or "", self.url.port or 0, timeout=10)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = urlencode({"secret": self.secret, **form}) if form is not None else None
        connection.request(method, self.url.path if path is None else path, body, sent)
        answer = connection.getresponse()
        result = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return result

    def press(self, item: str, answer: str, **headers: str) -> int:
        return self.ask("POST", form={"item": item, "answer": answer}, **headers)[0]


@contextmanager
def served(desk: Desk) -> Iterator[Page]:
    with open_label_server(desk, render=report.render_label, script=report.label_script()) as (url, serve):
        threading.Thread(target=serve, daemon=True).start()
        yield Page(url)


def test_the_page_asks_one_headline_after_the_other_and_keeps_the_answers() -> None:
    desk = Desk("Profit up", "Loss widens")
    with served(desk) as page:
        status, _, body = page.ask()
        assert (status, re.findall(r"<h1>(.*?)</h1>", body)) == (200, ["Profit up"])
        assert "0 of 2" in body
        assert re.findall(r'value="(\w+)" class="\w+" data-key="(\d)"', body) == [
            ("negative", "1"), ("neutral", "2"), ("positive", "3"),
        ]  # fmt: skip
        assert page.press("id-0", "positive") == 303
        assert "<h1>Loss widens</h1>" in page.ask()[2]
        assert page.press("id-1", "negative") == 303
        assert "All headlines are labelled" in page.ask()[2]
    assert desk.answers == {"id-0": "positive", "id-1": "negative"}


def test_a_headline_can_be_skipped_and_an_answer_taken_back() -> None:
    desk = Desk("Profit up", "Loss widens")
    with served(desk) as page:
        page.press("id-0", "skip")
        assert "<h1>Loss widens</h1>" in page.ask()[2]
        page.press("id-1", "positive")
        assert 'href="?item=id-1"' in page.ask()[2]
        again = page.ask(path=f"{page.url.path}?item=id-1")[2]
        assert "<h1>Loss widens</h1>" in again
        page.press("id-1", "negative")
    assert desk.answers == {"id-1": "negative"}


def test_what_a_headline_brings_is_text() -> None:
    with served(Desk(ATTACK)) as page:
        _, headers, body = page.ask()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; \u201cprofit\u201d" in body
    assert re.findall(r"<script[^>]*>", body) == ['<script src="label.js" defer>']
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", body)


def test_the_script_is_served_from_here() -> None:
    with served(Desk("A")) as page:
        status, headers, body = page.ask(path=f"{page.url.path}label.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "keydown" in body


@pytest.mark.parametrize(
    "path", ["/", "/label.js", "/wrong/", "/wrong/label.js", "//", "/%2e%2e/", "/{secret}", "/{secret}/x"]
)
def test_who_does_not_know_the_secret_finds_nothing(path: str) -> None:
    with served(Desk("A")) as page:
        assert page.ask(path=path.format(secret=page.secret))[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80", ""])
def test_a_name_that_was_made_to_point_here_finds_nothing(host: str) -> None:
    desk = Desk("A")
    with served(desk) as page:
        assert page.ask(Host=host)[0] == 404
        assert page.press("id-0", "positive", Host=host) == 404
    assert desk.answers == {}


def test_the_loopback_may_be_called_localhost() -> None:
    with served(Desk("A")) as page:
        assert page.ask(Host=f"localhost:{page.url.port}")[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_a_form_of_another_site_is_refused(origin: str) -> None:
    desk = Desk("A")
    with served(desk) as page:
        assert page.press("id-0", "positive", Origin=origin.format(port=page.url.port)) == 403
        assert desk.answers == {}
        assert page.press("id-0", "positive", Origin=f"http://127.0.0.1:{page.url.port}") == 303


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"secret": "wrong", "item": "id-0", "answer": "positive"}, 403),
        ({"secret": "", "item": "id-0", "answer": "positive"}, 403),
        ({"item": "id-9", "answer": "positive"}, 400),
        ({"item": "id-0", "answer": "great"}, 400),
        ({"item": "id-0"}, 400),
        ({"item": "x" * (MAX_FORM_BYTES + 1), "answer": "positive"}, 403),
    ],
)
def test_an_answer_that_is_none_is_refused(form: dict[str, str], status: int) -> None:
    desk = Desk("A")
    with served(desk) as page:
        assert page.ask("POST", form=form)[0] == status
    assert desk.answers == {}


def test_the_server_listens_on_the_loopback_alone() -> None:
    with served(Desk("A")) as page:
        assert page.url.hostname == "127.0.0.1"

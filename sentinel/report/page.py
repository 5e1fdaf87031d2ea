"""Render pages from templates. The door to jinja2.

Autoescape is on for every template; nothing is marked safe except what this module made itself. Pages carry
no inline script and their Content-Security-Policy allows none, so that nothing a headline brings could run
even if it got through.
"""

from __future__ import annotations

import hashlib
from functools import cache, partial
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from sentinel.report.rounding import number_text
from sentinel.report.sentence import (
    arrow,
    count_words,
    direction_words,
    interval_words,
    kind_words,
    long_date,
    mood_class,
    mood_tone,
    mood_words,
    short_date,
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""Scripts from the site's own files alone, no evaluation, nothing from outside.

plotly.js adds style elements of its own, and their text changes with its version, so inline styles are
allowed; ``blob:`` is the picture that a chart is saved as.
"""

CLOSED_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""For a page that stands alone: its own styles and nothing else, no script at all."""

NAV_START = "<!-- days -->"
NAV_END = "<!-- /days -->"
"""What stands between these in a day's page changes when a day appears beside it."""


def render_day(context: dict[str, Any]) -> bytes:
    """Render the page of a day.

    Args:
        context: names that ``day.html.j2`` uses.

    Returns:
        The page in UTF-8; what cannot be written in it, half a surrogate pair, is a question mark.
    """
    nav = Markup(render_nav(*context["neighbours"]))  # noqa: S704 - rendered by jinja2 here
    return _render("day.html.j2", {**context, "nav": nav})


def render_standalone(context: dict[str, Any]) -> bytes:
    """Render the page of a day as a file that needs no other: no script, no link into the report folder.

    Args:
        context: names that ``day.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    alone = {**context, "nav": "", "plotly_script": "", "alone": True}
    return _render("day.html.j2", alone, policy=CLOSED_POLICY)


def render_topic(context: dict[str, Any]) -> bytes:
    """Render the page of a topic.

    Args:
        context: names that ``topic.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    return _render("topic.html.j2", context)


def render_topics(context: dict[str, Any]) -> bytes:
    """Render the list of topics.

    Args:
        context: names that ``topics.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    return _render("topics.html.j2", context)


def render_index(context: dict[str, Any]) -> bytes:
    """Render the archive page.

    Args:
        context: names that ``index.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    return _render("index.html.j2", context)


def render_evaluation(context: dict[str, Any]) -> bytes:
    """Render the page of an evaluation, which needs no other file.

    Args:
        context: names that ``evaluation.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    css = Markup(_template_bytes("evaluation.css").decode())  # noqa: S704 - our file
    return _render("evaluation.html.j2", {**context, "own_css": css}, policy=CLOSED_POLICY)


def render_explanation(context: dict[str, Any]) -> bytes:
    """Render the page of an explained text, which needs no other file.

    Args:
        context: names that ``explanation.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    return _render("explanation.html.j2", context, policy=CLOSED_POLICY)


def render_audit(context: dict[str, Any]) -> bytes:
    """Render the page of an audit, which needs no other file.

    Args:
        context: names that ``audit.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    return _render("audit.html.j2", context, policy=CLOSED_POLICY)


def render_drift(context: dict[str, Any]) -> bytes:
    """Render the page of how the news has drifted, which needs no other file.

    Args:
        context: names that ``drift.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    css = Markup(_template_bytes("drift.css").decode())  # noqa: S704 - our file
    return _render("drift.html.j2", {**context, "own_css": css}, policy=CLOSED_POLICY)


def render_label(context: dict[str, Any]) -> bytes:
    """Render the page that asks about a headline; its policy comes with the answer that carries it.

    Args:
        context: names that ``label.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    css = Markup(_template_bytes("label.css").decode())  # noqa: S704 - our file
    return _render("label.html.j2", {**context, "own_css": css})


def label_script() -> bytes:
    """Give the script of that page."""
    return _template_bytes("label.js")


def render_prices(context: dict[str, Any]) -> bytes:
    """Render the page of mood and prices, which needs no other file.

    Args:
        context: names that ``prices.html.j2`` uses.

    Returns:
        The page in UTF-8.
    """
    css = Markup(_template_bytes("prices.css").decode())  # noqa: S704 - our file
    return _render("prices.html.j2", {**context, "own_css": css}, policy=CLOSED_POLICY)


def render_nav(previous_day: str, next_day: str) -> str:
    """Render the links to the days before and after, with the marks around them.

    Args:
        previous_day: folder of the day before, ISO; empty when there is none.
        next_day: folder of the day after; empty when there is none.

    Returns:
        A piece of a page.
    """
    body = _environment().get_template("nav.html.j2").render(previous_day=previous_day, next_day=next_day)
    return f"{NAV_START}{body}{NAV_END}"


@cache
def own_scripts() -> tuple[tuple[str, bytes], ...]:
    """Give our own scripts: the file name of each, which carries its hash, and its bytes."""
    return tuple((_hashed_name(name), _template_bytes(name)) for name in ("page.js", "charts.js"))


@cache
def look_id() -> str:
    """Name how pages look: it changes with any template, style or script."""
    folder = resources.files("sentinel.report").joinpath("templates")
    digest = hashlib.sha256()
    for name in sorted(entry.name for entry in folder.iterdir() if entry.is_file()):
        digest.update(_template_bytes(name))
    return digest.hexdigest()[:12]


def _hashed_name(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{hashlib.sha256(_template_bytes(name)).hexdigest()[:12]}.{ending}"


def _render(name: str, context: dict[str, Any], *, policy: str = POLICY) -> bytes:
    css = "".join(_template_bytes(style).decode() for style in ("report.css", "explained.css"))
    template = _environment().get_template(name)
    scripts = [script for script, _ in own_scripts()]
    ours = {"css": Markup(css), "policy": policy, "own_scripts": scripts}  # noqa: S704 - our file
    return template.render({"alone": False, **context, **ours}).encode(errors="replace")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sentinel.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": number_text,
        "signed": partial(number_text, signed=True),
        "whole": lambda value: number_text(value, 0),
        "mood_words": mood_words,
        "mood_tone": mood_tone,
        "mood_class": mood_class,
        "arrow": arrow,
        "direction": direction_words,
        "sentence_case": lambda text: text[:1].upper() + text[1:],
        "count": count_words,
        "long_date": long_date,
        "short_date": short_date,
        "kind_words": kind_words,
    }
    environment.globals |= {"interval": interval_words}
    return environment


@cache
def _template_bytes(name: str) -> bytes:
    return resources.files("sentinel.report").joinpath("templates", name).read_bytes()

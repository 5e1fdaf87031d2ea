"""Every error is one line of facts and knows its exit code; the tree is the one drawn in the docstring."""

from __future__ import annotations

import inspect
import re

import pytest

from sentinel import errors
from sentinel.errors import CanaryError, ConfigError, LockHeldError, SentinelError

DRAWN = re.compile(r"^ *(?P<stem>[│ ]*[├└]── )(?P<name>\w+).*\(exit (?P<code>\d+)\)$", re.MULTILINE)


def drawn_tree() -> dict[str, tuple[str, int]]:
    """Read the docstring's drawing: name of a class -> name of its base, exit code."""
    tree: dict[str, tuple[str, int]] = {}
    above: dict[int, str] = {0: "SentinelError"}
    for line in DRAWN.finditer(errors.__doc__ or ""):
        depth = len(line["stem"]) // 4
        tree[line["name"]] = (above[depth - 1], int(line["code"]))
        above[depth] = line["name"]
    return tree


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    classes = dict(inspect.getmembers(errors, inspect.isclass))
    real = {
        name: (kind.__base__.__name__, kind.exit_code) for name, kind in classes.items() if kind is not SentinelError
    }
    assert drawn_tree() == real


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"what": "is empty"}, "is empty"),
        ({"what": "is empty", "where": "a.csv"}, "a.csv: is empty"),
        ({"what": "is empty", "hint": "fill it"}, "is empty (fill it)"),
        ({"what": "is empty", "where": "a.csv", "hint": "fill it"}, "a.csv: is empty (fill it)"),
        ({"what": "two\nlines\tand   gaps", "where": "a\r\nb"}, "a b: two lines and gaps"),
    ],
)
def test_the_message_is_one_line_of_the_facts(facts: dict[str, str], expected: str) -> None:
    assert str(SentinelError(**facts)) == expected


def test_an_error_keeps_its_facts() -> None:
    error = ConfigError("unknown key", where="feeds.yaml line 2", hint="check the spelling")
    assert (error.what, error.where, error.hint) == ("unknown key", "feeds.yaml line 2", "check the spelling")


@pytest.mark.parametrize(
    ("kind", "code"), [(SentinelError, 1), (ConfigError, 2), (CanaryError, 1), (LockHeldError, 75)]
)
def test_an_error_knows_its_exit_code(kind: type[SentinelError], code: int) -> None:
    assert kind("wrong").exit_code == code

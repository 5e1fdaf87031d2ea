"""Log lines go to standard error and carry the id of their run."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

import pytest

from sentinel.logs import RUN_ID, set_up_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("sentinel.feeds")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    program = logging.getLogger("sentinel")
    before = program.handlers[:], program.level, program.propagate
    yield
    program.handlers[:], program.level, program.propagate = before


def test_a_line_carries_time_level_run_and_module(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(verbose=True)
    token = RUN_ID.set("20260302T120000Z-abc123")
    log.info("fetched %d feeds", 3)
    RUN_ID.reset(token)
    out, err = capsys.readouterr()
    assert out == ""
    line = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO 20260302T120000Z-abc123 sentinel\.feeds: fetched 3 feeds\n"
    assert re.fullmatch(line, err)


def test_a_line_outside_a_run_carries_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(verbose=False)
    log.warning("late")
    assert " WARNING - sentinel.feeds: late\n" in capsys.readouterr().err


@pytest.mark.parametrize(("verbose", "expected"), [(False, ["warning"]), (True, ["info", "warning"])])
def test_what_each_step_does_is_shown_when_asked_for(
    capsys: pytest.CaptureFixture[str], *, verbose: bool, expected: list[str]
) -> None:
    set_up_logs(verbose=verbose)
    log.debug("debug")
    log.info("info")
    log.warning("warning")
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == expected


def test_setting_up_twice_prints_once(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(verbose=True)
    set_up_logs(verbose=False)
    log.warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_other_libraries_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logs(verbose=True)
    logging.getLogger("elsewhere").info("noise")
    assert (root.handlers[:], root.level) == before
    assert capsys.readouterr().err == ""


def test_threads_of_a_run_carry_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(verbose=True)
    token = RUN_ID.set("run-7")
    with ThreadPoolExecutor(1) as executor:
        executor.submit(copy_context().run, log.info, "from a thread").result()
    RUN_ID.reset(token)
    assert " INFO run-7 sentinel.feeds: from a thread\n" in capsys.readouterr().err

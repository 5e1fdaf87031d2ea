"""The files in deploy/ are well-formed, call commands that exist, and ask for no more rights than they need."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from sentinel.cli import main
from sentinel.cron import parse_cron
from sentinel.schedule import STOP_GRACE_S

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = ("sentinel.service", "sentinel-schedule.service")
LEAST_RIGHTS = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "User": "sentinel",
    "StateDirectory": "sentinel",
}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def read_unit(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read_string(read(name))
    return unit


def read_yaml(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(read(name)))


def assert_is_command(words: list[str]) -> None:
    """Hold that the command line names a command of the program, with options that it has."""
    command = main.commands[words[0]]
    known = {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_with_least_rights(name: str) -> None:
    service = read_unit(name)["Service"]
    program, *words = service["ExecStart"].split()
    assert program == "/opt/sentinel/bin/sentinel"
    assert_is_command(words)
    assert LEAST_RIGHTS.items() <= dict(service).items()
    assert int(service["TimeoutStopSec"].removesuffix("s")) > STOP_GRACE_S


def test_the_timer_makes_up_for_a_time_that_was_missed() -> None:
    timer = read_unit("sentinel.timer")["Timer"]
    assert (timer["Persistent"], timer["OnCalendar"]) == ("true", "*-*-* 06,12,18:00:00")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("name", [*UNITS, "sentinel.timer"])
def test_systemd_finds_nothing_wrong_with_a_unit(name: str, tmp_path: Path) -> None:
    for unit in (*UNITS, "sentinel.timer"):  # the program is not installed here; what is there stands in for it
        (tmp_path / unit).write_text(read(unit).replace("/opt/sentinel/bin/sentinel", "/bin/true"), encoding="utf-8")
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_crontab_runs_a_command_at_times_that_cron_reads() -> None:
    (line,) = (line for line in read("crontab").splitlines() if not line.startswith("#"))
    expression, command = re.fullmatch(r"((?:\S+ ){5})(.*)", line).groups()
    assert parse_cron(expression).hours == (6, 12, 18)
    assert "timeout " in command
    assert_is_command(command.split("/opt/sentinel/bin/sentinel ")[1].split(" >>")[0].split())


def test_the_image_runs_as_nobody_in_particular_and_stops_on_sigterm() -> None:
    lines = read("Dockerfile").splitlines()
    last_stage = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001:10001" in last_stage
    assert "STOPSIGNAL SIGTERM" in last_stage
    assert 'ENTRYPOINT ["sentinel"]' in last_stage
    for line in last_stage:
        if line.strip().startswith("CMD "):
            words = [word for word in re.findall(r'"([^"]+)"', line) if word != "sentinel"]
            assert_is_command(words)


def test_the_files_that_the_image_copies_exist() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", read("Dockerfile"), re.MULTILINE)
    assert copied
    for name in " ".join(copied).split():
        assert (DEPLOY.parent / name).exists()


def test_every_container_of_compose_is_read_only_and_has_no_new_rights() -> None:
    (compose,) = read_yaml("compose.yaml")
    assert set(compose["services"]) == {"sentinel", "database"}
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
        assert "privileged" not in service
    program = compose["services"]["sentinel"]
    assert program["user"] == "10001:10001"
    assert "cap_add" not in program
    assert int(program["stop_grace_period"].removesuffix("s")) > STOP_GRACE_S
    assert_is_command(program["command"])


def test_the_cron_job_runs_once_at_a_time_with_least_rights() -> None:
    claim, job = read_yaml("kubernetes.yaml")
    assert (claim["kind"], job["kind"], job["apiVersion"]) == ("PersistentVolumeClaim", "CronJob", "batch/v1")
    spec = job["spec"]
    parse_cron(spec["schedule"])
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 7200
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] > STOP_GRACE_S
    (container,) = pod["containers"]
    rights = container["securityContext"]
    assert (rights["allowPrivilegeEscalation"], rights["readOnlyRootFilesystem"]) == (False, True)
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert_is_command(container["args"])
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_no_file_holds_a_secret() -> None:
    for path in DEPLOY.iterdir():
        assert not re.search(r"(PASSWORD|TOKEN|_URL)[=:] *[^\s,<]", path.read_text(encoding="utf-8")), path.name


def test_every_file_is_explained_in_three_lines() -> None:
    sections = re.findall(r"^## .*?: (.*)\n\n((?:.+\n)+)", read("README.md"), re.MULTILINE)
    described = {name for names, _ in sections for name in names.split(", ")}
    assert described == {path.name for path in DEPLOY.iterdir()} - {"README.md"}
    assert [text.count("\n") for _, text in sections] == [3] * len(sections)

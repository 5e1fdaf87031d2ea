"""Targets are told for real, all within one deadline; what fails is a value that holds nothing of an address."""

from __future__ import annotations

import pytest

from sentinel.alert_types import Target
from sentinel.alerts import Message, Outcome, check_targets, send_messages
from sentinel.alerts.delivery import LATE
from sentinel.alerts.messenger import NO_CONNECTION, NOT_ACCEPTED, UNREADABLE
from sentinel.errors import ConfigError

from .receivers import mail_server, silent_socket, webhook

MESSAGE = Message("sentinel: Mood of the market -34.2", "Mood of the market -34.2\n  - Lender warns \u2026")
SECRETS = ("s3cret", "t0ken", "robot")


def send(address: str, *, deadline_s: float = 30) -> Outcome:
    (outcome,) = send_messages({"DESK": MESSAGE}, [Target("DESK", address)], deadline_s=deadline_s)
    assert outcome.target == "DESK"
    assert not any(secret in repr(outcome) for secret in SECRETS)
    return outcome


def test_a_webhook_receives_title_and_text() -> None:
    with webhook() as server:
        outcome = send(server.address)
    assert (outcome.error, outcome.service) == ("", "JSON")
    (received,) = server.received
    assert (received["title"], received["message"]) == (MESSAGE.title, MESSAGE.body)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, "answered HTTP 500 Internal Server Error"),
        (401, "answered HTTP 401 Unauthorized"),
        (302, "answered HTTP 302 Found"),
    ],
)
def test_an_answer_that_is_no_success_is_not_a_delivery(status: int, error: str) -> None:
    with webhook(status) as server:
        assert send(server.address).error == error
    assert len(server.bodies) == 1


def test_a_target_that_refuses_connections_is_named() -> None:
    with silent_socket() as listening:
        port = listening.getsockname()[1]
    assert send(f"json://robot:s3cret@127.0.0.1:{port}/t0ken").error == NO_CONNECTION


def test_a_target_that_hangs_is_left_at_the_deadline_and_holds_up_no_other() -> None:
    with silent_socket() as listening, webhook() as server:
        hanging = f"json://robot:s3cret@127.0.0.1:{listening.getsockname()[1]}/t0ken?rto=600"
        targets = [Target("HANGS", hanging), Target("DESK", server.address)]
        outcomes = send_messages(dict.fromkeys(("HANGS", "DESK"), MESSAGE), targets, deadline_s=6)
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(30)
            while connection.recv(65_536):  # ends: the process that held the connection is gone
                pass
    assert [(outcome.target, outcome.error) for outcome in outcomes] == [("HANGS", LATE), ("DESK", "")]


def test_a_mail_is_sent_as_plain_text() -> None:
    with mail_server() as server:
        address = f"mailto://localhost:{server.port}?from=sentinel@desk.example&to=ann@desk.example"
        outcome = send(address)
    assert (outcome.error, outcome.service) == ("", "E-Mail")
    (mail,) = server.mails
    assert (mail["Subject"], mail["To"], mail.get_content_type()) == (MESSAGE.title, "ann@desk.example", "text/plain")
    assert mail.get_content().splitlines() == MESSAGE.body.splitlines()


def test_a_mail_that_is_refused_is_not_a_delivery() -> None:
    with mail_server() as server:
        address = f"mailto://localhost:{server.port}?from=sentinel@desk.example&to=nobody@desk.example"
        assert send(address).error == NOT_ACCEPTED
    assert server.mails == []


@pytest.mark.parametrize("address", ["t0ken", "carrier-pigeon://robot:s3cret@loft", "slack://t0ken", "json://"])
def test_an_address_that_cannot_be_read_fails_its_own_delivery_alone(address: str) -> None:
    assert send(address).error == UNREADABLE


def test_targets_without_a_message_are_left_alone() -> None:
    with webhook() as server:
        assert send_messages({}, [Target("DESK", server.address)], deadline_s=30) == []
    assert server.bodies == []


def test_a_check_names_the_services_and_sends_nothing() -> None:
    with webhook() as server:
        targets = [Target("DESK", server.address), Target("CHAT", "tgram://123456789:abcdefg_hijklmnop/12315544/")]
        assert check_targets(targets) == {"DESK": "JSON", "CHAT": "Telegram"}
    assert server.bodies == []


def test_a_check_names_the_variable_of_an_address_that_cannot_be_read() -> None:
    with pytest.raises(
        ConfigError, match=r"^SENTINEL_ALERT_DESK_URL: its address is none that apprise reads"
    ) as caught:
        check_targets([Target("DESK", "slack://s3cret")])
    assert "s3cret" not in str(caught.value)


def test_a_target_never_shows_its_address() -> None:
    assert repr(Target("DESK", "json://s3cret")) == "Target(name='DESK')"

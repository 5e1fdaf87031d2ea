"""Credentials come from variables, by name; messages hold names of variables only."""

from __future__ import annotations

import pytest

from sentinel.credentials import is_credential, load_alert_targets, load_feed_credentials, load_proxy_credentials
from sentinel.errors import ConfigError
from sentinel.records import Credentials


def test_feed_credentials_are_a_token_or_user_and_password() -> None:
    variables = {
        "SENTINEL_FEED_WIRE_TOKEN": "t0ken",
        "SENTINEL_FEED_HOUSE_DESK_USER": "ann",
        "SENTINEL_FEED_HOUSE_DESK_PASSWORD": "s3cret",
    }
    assert load_feed_credentials({"WIRE", "HOUSE_DESK"}, variables) == {
        "WIRE": Credentials(token="t0ken"),
        "HOUSE_DESK": Credentials(user="ann", password="s3cret"),
    }


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "a feed has auth: WIRE, so one of two is needed"),
        ({"SENTINEL_FEED_WIRE_PASSWORD": "s3cret"}, "a feed has auth: WIRE, so one of two is needed"),
        ({"SENTINEL_FEED_WIRE_TOKEN": "s3cret", "SENTINEL_FEED_WIRE_USER": "s3cret"}, "so one of two is needed"),
        ({"SENTINEL_FEED_WIRE_TOKEN": "s3cret\r\nHost: x"}, "holds a character that cannot be sent"),
        ({"SENTINEL_FEED_WIRE_USER": "s3cret:s3cret"}, "holds a character that cannot be sent"),
        ({"SENTINEL_FEED_WIRE_TOKEN": "s3cret", "SENTINEL_FEED_WYRE_TOKEN": "s3cret"}, "no feed has auth: WYRE"),
    ],
)
def test_credentials_that_cannot_be_used_are_named_and_not_repeated(variables: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_feed_credentials({"WIRE"}, variables)
    assert "s3cret" not in str(caught.value)


def test_credentials_never_show() -> None:
    assert repr(Credentials("ann", "s3cret", "t0ken")) == "Credentials()"


def test_proxy_credentials_need_a_user() -> None:
    variables = {"SENTINEL_PROXY_USER": "ann", "SENTINEL_PROXY_PASSWORD": "s3cret"}
    assert load_proxy_credentials(variables) == Credentials(user="ann", password="s3cret")
    assert load_proxy_credentials({"SENTINEL_PROXY_PASSWORD": "s3cret"}) is None


@pytest.mark.parametrize(
    ("variable", "is_one"),
    [
        ("SENTINEL_FEED_WIRE_TOKEN", True),
        ("SENTINEL_FEED_A_B_PASSWORD", True),
        ("SENTINEL_PROXY_USER", True),
        ("SENTINEL_FEED_WIRE_URL", False),
        ("SENTINEL_ALERT_DESK_URL", True),
        ("SENTINEL_ALERT_DESK", False),
        ("SENTINEL_FEED_wire_TOKEN", False),
        ("SENTINEL_STORE", False),
    ],
)
def test_variables_that_hold_credentials_are_known_by_name(variable: str, is_one: bool) -> None:  # noqa: FBT001 (a parameter of a test)
    assert is_credential(variable) is is_one


def test_alert_targets_have_their_addresses_in_the_order_of_their_names() -> None:
    variables = {"SENTINEL_ALERT_PHONE_URL": " json://s3cret ", "SENTINEL_ALERT_DESK_URL": "xml://s3cret"}
    targets = load_alert_targets(["DESK", "PHONE"], variables)
    assert [(target.name, target.address) for target in targets] == [
        ("DESK", "xml://s3cret"),
        ("PHONE", "json://s3cret"),
    ]
    assert "s3cret" not in repr(targets)

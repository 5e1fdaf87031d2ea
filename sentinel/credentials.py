"""Credentials of feeds, of the proxy, of alert targets and of switches: from variables alone, by name.

In: names that the feeds file gives, and the environment. Out: Credentials, Targets and PingUrls. Invariant: no
message of this module holds a value, only the names of variables.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentinel.alert_types import Target
from sentinel.errors import ConfigError
from sentinel.records import Credentials

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

AUTH_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_FEED_VARIABLE = re.compile(r"SENTINEL_FEED_([A-Z][A-Z0-9_]{0,31})_(USER|PASSWORD|TOKEN)")
_ALERT_VARIABLE = re.compile(r"SENTINEL_ALERT_([A-Z][A-Z0-9_]{0,31})_URL")
_PROXY_VARIABLES = frozenset({"SENTINEL_PROXY_USER", "SENTINEL_PROXY_PASSWORD"})
_PING_VARIABLES = frozenset({"SENTINEL_PING_URL", "SENTINEL_PING_FAIL_URL"})
_URL_PASSWORD = re.compile(r"://[^/@\s]*:([^/@\s]+)@")
_SHORTEST_SECRET = 4


def is_credential(variable: str) -> bool:
    """Tell whether a variable of the environment holds a credential, by its name."""
    is_named = any(pattern.fullmatch(variable) for pattern in (_FEED_VARIABLE, _ALERT_VARIABLE))
    return is_named or variable in _PROXY_VARIABLES | _PING_VARIABLES


def secret_values(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """List the values that no output may hold, the longest first: of all credentials, and passwords within addresses.

    Args:
        environment: variables; the process's own when None.
    """
    variables = os.environ if environment is None else environment
    found = set()
    for name, value in variables.items():
        if is_credential(name) and not name.endswith("_USER"):
            found.add(value.strip())
        if name.startswith("SENTINEL_"):
            found.update(_URL_PASSWORD.findall(value))
    return tuple(sorted((each for each in found if len(each) >= _SHORTEST_SECRET), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class PingUrls:
    """Whom to tell how a run ended; empty for nobody. Never shown."""

    success: str = field(default="", repr=False)
    failure: str = field(default="", repr=False)


def load_ping_urls(environment: Mapping[str, str] | None = None) -> PingUrls:
    """Read the addresses of the dead man's switch."""
    variables = os.environ if environment is None else environment
    return PingUrls(*(variables.get(name, "").strip() for name in ("SENTINEL_PING_URL", "SENTINEL_PING_FAIL_URL")))


def load_feed_credentials(
    names: Collection[str], environment: Mapping[str, str] | None = None
) -> dict[str, Credentials]:
    """Read the credentials of the feeds.

    Args:
        names: what feeds give as ``auth``.
        environment: variables; the process's own when None.

    Returns:
        Credentials by name: a token, or user and password.

    Raises:
        ConfigError: some are missing, are both kinds at once or cannot stand in a header; or a variable is of no
            feed.
    """
    variables = os.environ if environment is None else environment
    for variable in sorted(variables):
        match = _FEED_VARIABLE.fullmatch(variable)
        if match and match[1] not in names:
            raise ConfigError(f"no feed has auth: {match[1]}", where=variable, hint="unset it, or check the spelling")
    return {name: _read(name, variables) for name in sorted(set(names))}


def load_alert_targets(names: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[Target, ...]:
    """Read the addresses of alert targets, each with the credentials in it.

    Args:
        names: what the feeds file gives as ``alerts.targets``.
        environment: variables; the process's own when None.

    Returns:
        The targets, in the order of the names.

    Raises:
        ConfigError: an address is missing, or a variable is of no target.
    """
    variables = os.environ if environment is None else environment
    for variable in sorted(variables):
        match = _ALERT_VARIABLE.fullmatch(variable)
        if match and match[1] not in names:
            raise ConfigError(
                f"no alert target is named {match[1]}", where=variable, hint="unset it, or check the spelling"
            )
    missing = next((name for name in names if not variables.get(f"SENTINEL_ALERT_{name}_URL", "").strip()), None)
    if missing is not None:
        hint = "set it to an address such as json://host/path, mailto://..., slack://..."
        raise ConfigError("an alert target has no address", where=f"SENTINEL_ALERT_{missing}_URL", hint=hint)
    return tuple(Target(name, variables[f"SENTINEL_ALERT_{name}_URL"].strip()) for name in names)


def load_proxy_credentials(environment: Mapping[str, str] | None = None) -> Credentials | None:
    """Read user and password for the proxy; None when no user is given."""
    variables = os.environ if environment is None else environment
    user = variables.get("SENTINEL_PROXY_USER", "")
    return Credentials(user=user, password=variables.get("SENTINEL_PROXY_PASSWORD", "")) if user else None


def _read(name: str, variables: Mapping[str, str]) -> Credentials:
    prefix = f"SENTINEL_FEED_{name}"
    user, password, token = (variables.get(f"{prefix}_{part}", "") for part in ("USER", "PASSWORD", "TOKEN"))
    if not (token or user) or (token and user):
        hint = f"set {prefix}_TOKEN, or {prefix}_USER and {prefix}_PASSWORD"
        raise ConfigError(f"a feed has auth: {name}, so one of two is needed", where=f"{prefix}_...", hint=hint)
    if not (token.isascii() and token.isprintable()) or ":" in user:
        raise ConfigError("holds a character that cannot be sent", where=f"{prefix}_{'TOKEN' if token else 'USER'}")
    return Credentials(user=user, password=password, token=token)

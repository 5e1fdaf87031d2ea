"""Credentials of feeds and of the proxy: from variables alone, by name.

In: names that the feeds file gives, and the environment. Out: Credentials. Invariant: no message of this module
holds a value, only the names of variables.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sentinel.errors import ConfigError
from sentinel.records import Credentials

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

AUTH_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_FEED_VARIABLE = re.compile(r"SENTINEL_FEED_([A-Z][A-Z0-9_]{0,31})_(USER|PASSWORD|TOKEN)")
_PROXY_VARIABLES = frozenset({"SENTINEL_PROXY_USER", "SENTINEL_PROXY_PASSWORD"})


def is_credential(variable: str) -> bool:
    """Tell whether a variable of the environment holds a credential, by its name."""
    return variable in _PROXY_VARIABLES or _FEED_VARIABLE.fullmatch(variable) is not None


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

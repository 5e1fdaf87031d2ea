"""What a publisher reserves in the headers of a feed: headers in, the reservation in their words out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIRECTIVES = frozenset({"noai", "noml", "notdm"})
"""Of X-Robots-Tag. ``noindex`` is not among them: it is about search engines, and most blogs send it with feeds."""

_OWN_NAME = "sentinel"


def read_reservation(headers: Mapping[str, str]) -> str:
    """Say what the headers of an answer reserve.

    Args:
        headers: by lower-case name.

    Returns:
        For example "tdm-reservation: 1" or "x-robots-tag: noai"; "" for nothing.

    Source: W3C TDM Reservation Protocol, 5.1 (1: rights for text and data mining are reserved); the
    X-Robots-Tag header, whose directives may be meant for one program ("name: noai").
    """
    if headers.get("tdm-reservation", "").strip() == "1":
        return "tdm-reservation: 1"
    meant_for = ""
    for part in headers.get("x-robots-tag", "").lower().split(","):
        name, colon, directive = part.strip().rpartition(":")
        meant_for = name.strip() if colon else meant_for
        if directive.strip() in _DIRECTIVES and meant_for in ("", "*", _OWN_NAME):
            return f"x-robots-tag: {directive.strip()}"
    return ""

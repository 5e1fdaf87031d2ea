"""What publishers reserve in headers."""

from __future__ import annotations

import pytest

from sentinel.feeds.reservations import read_reservation


@pytest.mark.parametrize(
    ("headers", "reservation"),
    [
        ({}, ""),
        ({"tdm-reservation": "1"}, "tdm-reservation: 1"),
        ({"tdm-reservation": "0"}, ""),
        ({"x-robots-tag": "noai"}, "x-robots-tag: noai"),
        ({"x-robots-tag": "noindex, NoAI, noimageai"}, "x-robots-tag: noai"),
        ({"x-robots-tag": "noindex, follow"}, ""),
        ({"x-robots-tag": "otherbot: noai, noml"}, ""),
        ({"x-robots-tag": "otherbot: nofollow, sentinel: noml"}, "x-robots-tag: noml"),
        ({"x-robots-tag": "*: notdm"}, "x-robots-tag: notdm"),
    ],
)
def test_reservation_is_read_where_it_is_meant_for_this_program(headers: dict[str, str], reservation: str) -> None:
    assert read_reservation(headers) == reservation

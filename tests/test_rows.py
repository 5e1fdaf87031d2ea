"""Ids are found among others as a dictionary would find them."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sentinel.rows import find_rows

IDS = st.lists(st.text(alphabet="abé", max_size=2), max_size=12)


@given(IDS, IDS)
def test_find_rows_gives_the_first_place_or_minus_one(ids: list[str], among: list[str]) -> None:
    """The place is that of the first of several; what is not there has -1, and so has all of nothing."""
    found = find_rows(pd.Series(ids, dtype="str"), pd.Series(among, dtype=object))
    assert found.tolist() == [among.index(one) if one in among else -1 for one in ids]

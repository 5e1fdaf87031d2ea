"""Prices are found in the columns that files have, and what is wrong with a file is one line that says where."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sentinel.errors import TableError
from sentinel.validation import read_prices


def prices_of(text: str) -> pd.DataFrame:
    """Give a small CSV as a table of texts."""
    head, *rows = [line.split(",") for line in text.split()]
    return pd.DataFrame(rows, columns=head, dtype="str")


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("Date,Close", "Close"),
        ("DATE,CLOSE", "CLOSE"),
        ("date,adj_close", "adj_close"),
        ("timestamp,Adj.Close", "Adj.Close"),
        ("day,price", "price"),
        ("Date,Close/Last", "Close/Last"),
    ],
)
def test_columns_are_found_however_they_are_written(head: str, column: str) -> None:
    found = read_prices(prices_of(f"{head} 2024-01-03,11 2024-01-02,10"), where="p.csv")
    assert found.close_column == column
    assert found.days.astype(str).tolist() == ["2024-01-02", "2024-01-03"]
    assert found.close.tolist() == [10.0, 11.0]
    assert np.isnan(found.open).all()


def test_adjusted_close_wins_and_the_open_is_told_in_its_terms() -> None:
    text = "Date,Open,Close,AdjClose 2024-01-02,8,10,5 2024-01-03,9,10,10"
    found = read_prices(prices_of(text), where="p.csv")
    assert found.close.tolist() == [5.0, 10.0]
    assert found.open.tolist() == [4.0, 9.0]


def test_missing_open_is_unknown_and_not_an_error() -> None:
    found = read_prices(prices_of("Date,Open,Close 2024-01-02,0,10 2024-01-03,,11"), where="p.csv")
    assert np.isnan(found.open).all()


@pytest.mark.parametrize("stamp", ["2024-01-02T00:00:00-05:00", "20240102", "2024-01-02T23:59:00Z"])
def test_day_is_the_date_as_it_stands_in_the_file(stamp: str) -> None:
    found = read_prices(prices_of(f"Date,Close {stamp},10 2024-01-03,11"), where="p.csv")
    assert str(found.days[0]) == "2024-01-02"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Close,Volume 10,1", "p.csv: has no column of dates; it has Close, Volume (name it date)"),
        ("Date,Volume 2024-01-02,1", "p.csv: has no column of closing prices; it has Date, Volume"),
        ("Date,date,Close 2024-01-02,2024-01-02,1", "p.csv: has two columns of dates: 'Date' and 'date'"),
        ("Date,Close 2024-01-02,10 02/01/2024,11", "p.csv line 3: '02/01/2024' in column 'Date' is no date"),
        ("Date,Close 2024-01-02,10 2024-02-30,11", "p.csv line 3: '2024-02-30' in column 'Date' is no date"),
        ("Date,Close 2024-01-02,10 2024-01-03,n/a", "p.csv line 3: 'n/a' in column 'Close' is no price"),
        ("Date,Close 2024-01-02,10 2024-01-03,-1", "p.csv line 3: '-1' in column 'Close' is no price"),
        ("Date,Close 2024-01-02,10 2024-01-02,11", "p.csv: has the day 2024-01-02 twice"),
        ("Date,Close 2024-01-02,10", "p.csv: has no two rows of prices"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line_that_says_where(text: str, message: str) -> None:
    with pytest.raises(TableError) as raised:
        read_prices(prices_of(text), where="p.csv")
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)

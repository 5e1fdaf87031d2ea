"""Find rows by their ids, of which there may be a million on either side, without a Python object for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def find_rows(ids: pd.Series, among: pd.Series) -> np.ndarray:
    """Find where ids stand among others.

    Args:
        ids: texts.
        among: texts.

    Returns:
        Int of shape (len(ids),): the place of each in ``among``, of the first of several, -1 where it is not there.
    """
    found = pc.index_in(pa.array(ids, type=pa.large_string()), value_set=pa.array(among, type=pa.large_string()))
    places: np.ndarray = found.fill_null(-1).to_numpy()
    return places

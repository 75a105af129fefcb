# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The simulation's data as columns; where they come from stands in `data/README.md`."""

from __future__ import annotations

from importlib import resources
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from openjuki.simulation.chance import Bools, Ints

    #: One text, or None, per person.
    type Texts = NDArray[np.object_]


def read(name: str) -> pa.Table:
    """A table of this name."""
    raw = resources.files(__package__).joinpath("data", f"{name}.parquet").read_bytes()
    return pq.read_table(BytesIO(raw))


def texts(values: Sequence[object] | NDArray[Any]) -> Texts:
    """As a column of Python strings."""
    return np.asarray(values, dtype=np.object_)


def nothing(count: int) -> Texts:
    """So many times None."""
    return np.full(count, None, dtype=np.object_)


def numbers(values: Ints) -> Texts:
    """Whole numbers in figures."""
    return values.astype(str).astype(np.object_)


def join(*parts: Texts | str) -> Texts:
    """One text after the other, person by person."""
    joined: Any = ""
    for part in parts:
        joined = joined + part
    return texts(joined)


def only(where: Bools, values: Texts) -> Texts:
    """The values there; elsewhere None."""
    return np.where(where, values, nothing(len(values)))

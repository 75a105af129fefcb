# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Overlay (差分): everybody whom the journal has told of since a generation, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from openjuki.store.snapshot.layout import KEYS, SCHEMA
from openjuki.store.snapshot.sorting import KEY, PLACE, Pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NONE = Pairs(np.empty(0, KEY), np.empty(0, PLACE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Overlay (差分): rows that stand in place of a generation's, or beside them."""

    #: Columns of `SCHEMA` and `KEYS`, in one chunk, by resident code.
    persons: pa.RecordBatch = field(
        default_factory=lambda: pa.RecordBatch.from_pylist([], pa.schema([*SCHEMA, *KEYS]))
    )
    #: Codes and numbers of which the journal has told, and the rows here that they lead to.
    codes: Pairs = _NONE
    numbers: Pairs = _NONE
    names: Pairs = _NONE
    #: Rows of the generation that hold no longer, ascending, and the rows here in their place.
    replaced: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    successors: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

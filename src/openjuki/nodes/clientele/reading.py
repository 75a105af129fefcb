# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A list from a file (対象者一覧の読取り): the keys that can be read, and the rows that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from openjuki.carriage.key_files import open_keys
from openjuki.nodes.clientele.ascending import each_once

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.faults import RejectedRow
    from openjuki.wire.bulk import KeyKind
    from openjuki.wire.key_list import Keys


class ReadKeys(NamedTuple):
    """What a file of keys holds (一覧の読取結果)."""

    keys: Keys
    rows: int
    #: The first rows that cannot be read, with what to do; and how many there are of them.
    rejected: tuple[RejectedRow, ...]
    faults: int

    @property
    def repeated(self) -> int:
        """How many rows name somebody whom an earlier one has named."""
        return len(self.keys) - len(each_once(self.keys))


def read(path: Path, kind: KeyKind, encoding: Encoding | None = None) -> ReadKeys:
    """Read a file of codes or numbers; whatever cannot be read does not keep the others out.

    Raises:
        BadFile: no row can be read.
    """
    found: list[Keys] = []
    rejected: list[RejectedRow] = []
    rows = 0
    with open_keys(path, kind, encoding) as file:
        for part in file.parts():
            column = part.keys.column(0).drop_null()
            found.append(column.to_numpy())
            rejected += part.rejected
            rows += len(part.lines)
    keys = np.concatenate(found)
    return ReadKeys(keys, rows, tuple(rejected), rows - len(keys))

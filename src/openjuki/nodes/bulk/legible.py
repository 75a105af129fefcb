# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which keys can be read (照会条件の形式), in columns: as `residents.look_up.LookUp.from_dict` reads them, row by row.

A row with a key that cannot be read is malformed, and nobody is looked for by what is left of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.errors import BadInput
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up.question import LONGEST
from openjuki.residents.record import Sex
from openjuki.store.bulk.columns import content
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Whoever bears no code or number has this one; nobody does.
NO_NUMBER: Final = -1
_CONTROL: Final = r"[\x00-\x1f]"
_FIRST_CHARACTER: Final = 0x20
#: Days on which people were born, and more.
_DAYS: Final = 65_536
_SEXES: Final = frozenset(sex.value for sex in Sex)


def legible(kind: KeyKind, keys: pa.Table) -> NDArray[np.bool_]:
    """Which rows can be read: every key is there, and of its form."""
    found = np.ones(keys.num_rows, np.bool_)
    for name in keys.column_names:
        column: Any = keys[name]
        found &= column.is_valid().to_numpy() if kind is not KeyKind.FOUR_ITEMS else _FORMS[name](column)
    return found


def numbers(keys: pa.Table) -> NDArray[np.int64]:
    """Codes or numbers; `NO_NUMBER` where there is none."""
    column: Any = keys[0]
    found: NDArray[np.int64] = pc.fill_null(column, NO_NUMBER).to_numpy()
    return found


def _text(column: Any) -> NDArray[np.bool_]:
    """Something is written, not too much, and nothing that is no character."""
    trimmed: Any = pc.utf8_trim_whitespace(column.combine_chunks())
    length: NDArray[np.int32] = pc.fill_null(pc.utf8_length(trimmed), 0).to_numpy()
    found: NDArray[np.bool_] = (length > 0) & (length <= LONGEST)
    # no other character has such a byte, so mostly no row need be looked at
    if (content(trimmed) < _FIRST_CHARACTER).any():
        wrong: Any = pc.fill_null(pc.match_substring_regex(trimmed, _CONTROL), pa.scalar(value=True))
        found &= ~wrong.to_numpy(zero_copy_only=False)
    return found


def _each(is_good: Callable[[str], bool]) -> Callable[[Any], NDArray[np.bool_]]:
    """Of a column with few values each is looked at once."""

    def good(column: Any) -> NDArray[np.bool_]:
        whole: Any = column.combine_chunks().dictionary_encode()
        each = np.array([*map(is_good, whole.dictionary.to_pylist()), False])
        found: NDArray[np.bool_] = each[pc.fill_null(whole.indices, len(each) - 1).to_numpy()]
        return found

    return good


@lru_cache(_DAYS)
def _is_date(text: str) -> bool:
    try:
        RecordedDate.parse(text)
    except BadInput:
        return False
    return True


_FORMS: Final = {
    "name": _text,
    "address": _text,
    "birth_date": _each(_is_date),
    "sex": _each(_SEXES.__contains__),
}

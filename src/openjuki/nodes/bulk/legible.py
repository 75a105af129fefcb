# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which keys can be read (照会条件の形式), in columns: as `residents.look_up.LookUp.from_dict` reads them, row by row.

A row with a key that cannot be read is malformed, and nobody is looked for by what is left of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.residents.look_up.question import LONGEST
from openjuki.residents.record import Sex
from openjuki.store.bulk.columns import bounds, content
from openjuki.store.snapshot.days import Days
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Whoever bears no code or number has this one; nobody does.
NO_NUMBER: Final = -1
_CONTROL: Final = r"[\x00-\x1f]"
_FIRST_CHARACTER: Final = 0x20
#: With these bytes begins what may be space; everything else of a text is seen as soon as it begins.
_MAY_BE_SPACE: Final = np.isin(np.arange(256), [*range(0x21), 0x7F, 0xC2, 0xE1, 0xE2, 0xE3])
_SEXES: Final = pa.array([sex.value for sex in Sex])


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
    texts = column.combine_chunks()
    found = _is_plain(texts)
    others = np.flatnonzero(~found)
    if len(others):
        found[others] = _is_text(texts.take(pa.array(others)))
    return found


def _is_plain(texts: Any) -> NDArray[np.bool_]:
    """Of which it is seen by the byte they begin with, and by how many there are; of none, where any is no character."""
    raw, ends = content(texts), bounds(texts)
    if not len(raw) or raw.min() < _FIRST_CHARACTER:
        return np.zeros(len(texts), np.bool_)
    lengths, first = np.diff(ends), raw.take(ends[:-1], mode="clip")
    found: NDArray[np.bool_] = (lengths > 0) & (lengths <= LONGEST) & ~_MAY_BE_SPACE[first]
    return found if not texts.null_count else found & texts.is_valid().to_numpy(zero_copy_only=False)


def _is_text(texts: Any) -> NDArray[np.bool_]:
    trimmed: Any = pc.utf8_trim_whitespace(texts)
    length: NDArray[np.int32] = pc.fill_null(pc.utf8_length(trimmed), 0).to_numpy()
    wrong: Any = pc.fill_null(pc.match_substring_regex(trimmed, _CONTROL), pa.scalar(value=True))
    found: NDArray[np.bool_] = (length > 0) & (length <= LONGEST) & ~wrong.to_numpy(zero_copy_only=False)
    return found


def _is_day(column: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = Days.of(column.combine_chunks()).days.is_valid().to_numpy(zero_copy_only=False)
    return found


def _is_sex(column: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.is_in(column, _SEXES).to_numpy()
    return found


_FORMS: Final = {"name": _text, "address": _text, "birth_date": _is_day, "sex": _is_sex}

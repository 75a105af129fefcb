# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a generation (世代ファイルの構成): the columns of its persons, and how a reader is given them.

Closed sets stand as dictionaries and municipalities as numbers, so that a column that is not asked for costs nothing
and one that is costs little; `told` makes of them the texts that an answer has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.errors import IntegrityFailure
from openjuki.residents.changes import Action, Reason
from openjuki.residents.persons import STATES, PersonState
from openjuki.residents.record import Sex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column

#: A `pyarrow.RecordBatch`, or a mapping of arrays: what has columns by name. The stubs know no such thing.
type Columns = Any

#: Persons in a batch of the file: what is read to show one of them.
BATCH: Final = 65_536

SEXES: Final = pa.array([sex.value for sex in Sex])
REASONS: Final = pa.array([reason.value for reason in Reason])
#: Reasons for which a stay is deleted; a stay that is open has none.
CLOSINGS: Final = pa.array([reason.value for reason in Reason if reason.action is Action.DELETION])
_CODED: Final = pa.dictionary(pa.int8(), pa.string())
#: The columns that have one of these dictionaries, and no other.
DICTIONARIES: Final[Mapping[str, pa.Array[Any]]] = {"sex": SEXES, "reason": REASONS, "closing": CLOSINGS}

#: A person as their current stay leaves them (本人確認情報), a row each, by resident code.
_FIELDS: Final[list[pa.Field[Any]]] = [
    pa.field("resident_code", pa.int64(), nullable=False),
    pa.field("individual_number", pa.int64()),
    pa.field("name", pa.string(), nullable=False),
    pa.field("furigana", pa.string()),
    pa.field("former_surname", pa.string()),
    pa.field("former_surname_furigana", pa.string()),
    pa.field("alias", pa.string()),
    # for sorting and searching; what was recorded, where that is no day of the calendar
    pa.field("birth_date", pa.date32(), nullable=False),
    pa.field("birth_date_recorded", pa.string()),
    pa.field("sex", _CODED, nullable=False),
    pa.field("municipality", pa.int32(), nullable=False),
    pa.field("address", pa.string(), nullable=False),
    pa.field("reason", _CODED, nullable=False),
    pa.field("date_of_change", pa.date32(), nullable=False),
    # what it takes to fold the next notice
    pa.field("closing", _CODED),
    pa.field("stay", pa.int32(), nullable=False),
    pa.field("version", pa.int32(), nullable=False),
]
SCHEMA: Final = pa.schema(_FIELDS)
#: Search keys, stored beside the persons: what a hit is verified with.
KEYS: Final = pa.schema(
    [
        pa.field("name_key", pa.string(), nullable=False),
        pa.field("address_key", pa.string(), nullable=False),
    ]
)
#: Stays that are not current, by the code of whoever's they are: all items of those that may become current again
#: without a notice that says how, and of the others what it takes to fold their next notice.
STAYS: Final = pa.schema(
    [
        pa.field("bearer", pa.int64(), nullable=False),
        *(field.with_nullable(nullable=True) for field in _FIELDS),
    ]
)

#: What `told` makes of the columns: the items of a hit as an answer has them.
ITEMS: Final = (
    *("state", "reason", "date_of_change", "resident_code", "individual_number", "name", "furigana"),
    *("former_surname", "former_surname_furigana", "alias", "birth_date", "sex", "municipality", "address"),
)


def columns_of(items: Sequence[str]) -> tuple[str, ...]:
    """The columns that must be read to tell these items."""
    needed = [column for item in items for column in _NEEDED.get(item, (item,))]
    return tuple(dict.fromkeys(needed))


def told(columns: Columns, items: Sequence[str]) -> pa.Table:
    """These items of some persons as an answer has them: texts, except codes, numbers and the date of change.

    Texts that many persons share stand as dictionaries, so that they can be put into another order as numbers.
    """
    return pa.table({item: _TOLD[item](columns) if item in _TOLD else columns[item] for item in items})


def coded(item: str, values: Column) -> Column:
    """Texts of a closed set as the file has them.

    Raises:
        IntegrityFailure: one is not of the set.
    """
    places: Column = pc.index_in(values, value_set=DICTIONARIES[item]).cast(pa.int8())
    if places.null_count != values.null_count:
        raise IntegrityFailure(f"a {item} that is not known here")
    return pa.DictionaryArray.from_arrays(places, DICTIONARIES[item])


def whole(column: Any) -> Column:
    """A column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _birth_date(columns: Columns) -> Column:
    """Days as they are written; what was recorded in its place where that is no day of the calendar."""
    days = whole(columns["birth_date"]).dictionary_encode()
    recorded = whole(columns["birth_date_recorded"]).dictionary_encode()
    texts = pa.concat_arrays([days.dictionary.cast(pa.string()), recorded.dictionary])
    places = pc.coalesce(pc.add(recorded.indices, len(days.dictionary)), days.indices)
    return pa.DictionaryArray.from_arrays(places, texts)


def _state(columns: Columns) -> Column:
    closing = whole(columns["closing"])
    closed = [STATES[Reason(str(reason))].value for reason in closing.dictionary]
    places = pc.fill_null(closing.indices, pa.scalar(len(closed), closing.indices.type))
    return pa.DictionaryArray.from_arrays(places, pa.array([*closed, PersonState.RESIDENT.value]))


def _municipality(columns: Columns) -> Column:
    places = whole(columns["municipality"]).dictionary_encode()
    codes = pa.array([f"{code:06d}" for code in places.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(places.indices, codes)


_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "birth_date": ("birth_date", "birth_date_recorded"),
    "state": ("closing",),
}
_TOLD: Final[Mapping[str, Callable[[Columns], Column]]] = {
    "birth_date": _birth_date,
    "state": _state,
    "municipality": _municipality,
}


def prefectures(municipalities: NDArray[np.int32]) -> NDArray[np.int8]:
    """The prefectures of municipalities, by the two digits that their codes begin with."""
    return (municipalities // 10_000).astype(np.int8)

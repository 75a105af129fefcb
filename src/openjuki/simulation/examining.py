# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Holding an examination of matching (照合の検査の実施): the register as a prefecture loads it, and its marks."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from openjuki.codes.resident import ResidentCode
from openjuki.config import JST
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import LookUp
from openjuki.simulation.examination import Marks
from openjuki.store import looking
from openjuki.store.bulk import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.residents.look_up import Matching
    from openjuki.simulation.examination import Tried
    from openjuki.simulation.namesakes import Recorded
    from openjuki.store.database import Connection

TODAY: Final = date(2026, 4, 1)
NOW: Final = datetime(2026, 4, 1, 9, tzinfo=JST)
#: As many questions as travel in one envelope.
_TOGETHER: Final = 32
_RECORDED: Final = (
    *(
        "name",
        "furigana",
        "former_surname",
        "former_surname_furigana",
        "alias",
        "sex",
        "municipality",
        "address",
    ),
)


def columns(everybody: Sequence[Recorded]) -> pa.Table:
    """The register in the columns of an initial load; a person's place in it is the body of the code."""
    count = len(everybody)
    born = [RecordedDate.parse(one.birth_date) for one in everybody]
    given: dict[str, list[Any]] = {item: [getattr(one, item) for one in everybody] for item in _RECORDED}
    same = {"stay": 1, "reason": "A06", "date_of_change": TODAY, "recorded_at": NOW}
    given |= {item: [value] * count for item, value in same.items()}
    given |= {
        "resident_code": [ResidentCode.from_body(f"{place:010d}") for place in range(count)],
        "birth_date": [one.sort for one in born],
        "birth_date_recorded": [None if one.text == one.sort.isoformat() else one.text for one in born],
        "origin": given["municipality"],
    }
    return pa.table({one.name: pa.array(given.get(one.name, [None] * count), one.type) for one in SCHEMA})


async def marked(connection: Connection, tried: Sequence[Tried], matching: Matching) -> Marks:
    """Ask everything in one way of matching, and count what is found."""
    marks = Marks()
    for start in range(0, len(tried), _TOGETHER):
        some = tried[start : start + _TOGETHER]
        questions = [LookUp.from_dict({**one.items, "matching": matching}) for one in some]
        for one, hits in zip(some, await looking.find(connection, questions), strict=True):
            marks.add(one, (int(hit.resident_code[:10]) for hit in hits))
    return marks

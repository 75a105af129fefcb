# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Admitted notices (受け入れた通知) as the journal has them, read for the fold: they were checked when they were admitted."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson

from openjuki.residents.dates import RecordedDate
from openjuki.residents.persons import AdmittedNotice
from openjuki.store.snapshot.layout import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The items of a person, in the order of `SCHEMA`.
type Items = tuple[Any, ...]


class Notice(NamedTuple):
    """What of an admitted notice the fold needs (通知)."""

    admitted: AdmittedNotice
    items: Items
    #: Codes and numbers of which it speaks, the present one first.
    codes: tuple[int, ...]
    numbers: tuple[int, ...]
    #: Those that it ends.
    ended_code: int | None
    ended_number: int | None

    @classmethod
    def of(cls, payload: bytes) -> Self | None:
        """Read the payload of a journal row; None where it is none that can be read."""
        told = orjson.loads(payload).get("notice")
        if told is None:
            return None
        born = RecordedDate.from_json(told["birth_date"])
        code, number = int(told["resident_code"]), _number(told["individual_number"])
        before, number_before = (
            _number(told["previous_resident_code"]),
            _number(told["previous_individual_number"]),
        )
        day = date.fromisoformat(told["date_of_change"])
        return cls(
            AdmittedNotice(
                told["stay"],
                told["version"],
                told["municipality"],
                told["reason"],
                day,
                datetime.fromisoformat(told["recorded_at"]),
                told["resident_code"],
                told["individual_number"],
                born.sort,
                told["sex"],
                told["predecessor_municipality"],
                told["predecessor_stay"],
                b"",
            ),
            _items(told, born, day, code, number),
            tuple(value for value in (code, before) if value is not None),
            tuple(value for value in (number, number_before) if value is not None),
            before,
            number_before,
        )


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _items(told: Mapping[str, Any], born: RecordedDate, day: date, code: int, number: int | None) -> Items:
    own = {
        **told,
        "resident_code": code,
        "individual_number": number,
        "birth_date": born.sort,
        "birth_date_recorded": None if born.is_exact else born.text,
        "municipality": int(told["municipality"]),
        "date_of_change": day,
        "closing": None,
    }
    return tuple(own[name] for name in SCHEMA.names)

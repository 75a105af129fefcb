# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Do all books say the same? (整合性の確認): a checker that reads only the databases, person by person.

It shares nothing with the road the notices took: what a town's register says it reached, version by
version, must stand at the prefecture and at the Centre, item by item, once, and nothing else may;
and each upper tier must point at the stay that its own rows fold to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import psycopg

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode, prefecture_of
from openjuki.codes.resident import ResidentCode
from openjuki.residents.address import Address
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.persons import AdmittedNotice, Person, current
from openjuki.residents.record import IdentificationInformation, Sex, canonical_line
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SQL = queries("agreement", package="openjuki.simulation")

#: A version of a stay as one town told it: the town, the stay, the version, and the code it was told under.
type Key = tuple[str, int, int, str]
#: What it said: the statutory reason and the items of Art. 30-6.
type Said = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Whether the tiers agree (整合性の確認結果)."""

    #: Residents of each town.
    residents: Mapping[str, int]
    #: Notices of identification information that the towns' links carry, and those taken in.
    sent: int
    applied_prefecture: int
    applied_centre: int
    #: Notices on a shelf, at either tier.
    held: int
    #: Persons of whom some tier says something else than their town.
    mismatches: int
    #: Notices that took effect more than once.
    duplicates: int


def check(towns: Mapping[str, str], prefectures: Mapping[str, str], centre: str) -> Agreement:
    """Compare the books behind these database URLs, by node."""
    told = {town: dict(_issued(town, url)) for town, url in towns.items()}
    upper = {**prefectures, "centre": centre}
    wrong = _differing(told.values(), centre)
    for prefecture, url in prefectures.items():
        wrong |= _differing((said for town, said in told.items() if _upper(town) == prefecture), url)
    for url in upper.values():
        wrong |= set(_misplaced(url))
    applied = {tier: _pair(url, "applied") for tier, url in upper.items()}
    return Agreement(
        residents={town: _one(url, "residents") for town, url in towns.items()},
        sent=sum(_one(url, "sent", recipient=_upper(town)) for town, url in towns.items()),
        applied_prefecture=sum(applied[tier][0] for tier in prefectures),
        applied_centre=applied["centre"][0],
        held=sum(_one(url, "held") for url in upper.values()),
        mismatches=len(wrong),
        duplicates=sum(all_ - different for all_, different in applied.values()),
    )


def standing_digest(centre: str) -> str:
    """Digest of current identification information: SHA-256 over canonical JSON lines in the order of the codes."""
    digest = hashlib.sha256()
    for row in _rows(centre, "standing"):
        digest.update(canonical_line(_identification(*row)))
    return digest.hexdigest()


def latencies(centre: str, since: Any) -> list[float]:
    """Milliseconds from the towns' commits to the Centre's, of everything recorded since then."""
    return [float(row[0]) for row in _rows(centre, "latencies", since=since)]


def is_settled(books: Mapping[str, psycopg.Connection], towns: Iterable[str]) -> bool:
    """Whether nothing is under way: all is sequenced, pulled, and answered.

    The books are read one after the other, so only two answers in a row say that it is so.
    """
    if any(book.execute(_SQL["pending"]).fetchone() for book in books.values()):
        return False
    if any(books[town].execute(_SQL["awaited"]).fetchone() for town in towns):
        return False
    marks: dict[str, dict[str, int]] = {
        node: dict(book.execute(_SQL["marks"]).fetchall()) for node, book in books.items()
    }
    reached = ((node, to, seq) for node, book in books.items() for to, seq in book.execute(_SQL["links"]))
    return all(marks[to].get(node, 0) == seq for node, to, seq in reached)


def is_vouched_for(book: psycopg.Connection) -> bool:
    """Whether any witness has confirmed a journal."""
    return book.execute(_SQL["vouched"]).fetchone() is not None


def _upper(town: str) -> str:
    return str(prefecture_of(town))


def _issued(town: str, url: str) -> Iterator[tuple[Key, Said]]:
    for stay, version, reason, *items, municipality, street, block, building in _rows(url, "issued"):
        address = Address(LocalGovernmentCode(municipality), street, block, building).text
        said = (_statutory(reason), *items, municipality, address)
        yield (town, stay, version, items[0]), said


def _recorded(url: str) -> Iterator[tuple[Key, Said]]:
    for origin, stay, version, reason, *items in _rows(url, "recorded"):
        recorded, sort = items[7:9]
        birth_date = sort.isoformat() if recorded is None else recorded
        yield (origin, stay, version, items[0]), (reason, *items[:7], birth_date, *items[9:])


def _statutory(reason: str) -> str | None:
    if reason in Reason:
        return reason
    return MunicipalReason(reason).statutory


def _differing(told: Iterable[Mapping[Key, Said]], url: str) -> set[str]:
    """Codes of the persons of whom a tier says something else than its towns, or one thing twice."""
    expected = {key: said for town in told for key, said in town.items()}
    heard: dict[Key, list[Said]] = {}
    for key, said in _recorded(url):
        heard.setdefault(key, []).append(said)
    return {
        key[3]
        for key in expected.keys() | heard.keys()
        if key not in expected or heard.get(key) != [expected[key]]
    }


def _misplaced(url: str) -> Iterator[str]:
    """Codes of the persons whom a tier points at another stay, version or state than its rows fold to."""
    pointed = {row[0]: tuple(row[1:]) for row in _rows(url, "pointed")}
    for person_id, rows in groupby(_rows(url, "folded"), itemgetter(0)):
        person = Person.of(AdmittedNotice(*row[1:]) for row in rows)
        stay = person.current
        if pointed.pop(person_id, None) != (stay.stay, stay.version, current(person).value):
            yield stay.latest.resident_code
    yield from (f"person without a record: {person_id}" for person_id in pointed)


def _identification(*row: Any) -> IdentificationInformation:
    (
        code,
        number,
        name,
        furigana,
        former,
        former_furigana,
        alias,
        recorded,
        sort,
        sex,
        municipality,
        address,
    ) = row
    return IdentificationInformation(
        resident_code=ResidentCode(code),
        individual_number=None if number is None else IndividualNumber(number),
        name=name,
        furigana=furigana,
        former_surname=former,
        former_surname_furigana=former_furigana,
        alias=alias,
        birth_date=RecordedDate.of(sort) if recorded is None else RecordedDate.parse(recorded),
        sex=Sex(sex),
        municipality=LocalGovernmentCode(municipality),
        address=address,
    )


def _rows(url: str, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(_SQL[query], values).fetchall()


def _pair(url: str, query: str) -> tuple[int, int]:
    ((first, second),) = _rows(url, query)
    return first, second


def _one(url: str, query: str, **values: Any) -> int:
    ((value,),) = _rows(url, query, **values)
    return int(value)

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Online provisions are counted again (即時提供の再計算): each envelope of the journal against the record, and back."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psycopg

from openjuki.errors import BadEnvelope
from openjuki.residents.look_up import KEYS
from openjuki.store.auditing.findings import What
from openjuki.store.database import queries
from openjuki.wire.document import Items
from openjuki.wire.merkle import HASH_SIZE, root_of
from openjuki.wire.provided import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from openjuki.store.auditing.findings import Audited
    from openjuki.store.database import Connection

SQL = queries("auditing", __package__)

#: Rows of the journal about envelopes that are looked at in one statement, and envelopes.
WINDOW: Final = 50_000
ENVELOPES: Final = 1_000
#: The last place that the record can number.
_LAST: Final = 2**15 - 1
#: What the database says of a row that is no text, no JSON or JSON of another shape, or more than it can read.
_UNREADABLE: Final = (
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
)


class _Listed(NamedTuple):
    """An envelope as the record has it (提供の電文の記録), and what the journal says of it."""

    id: int
    asker: str
    envelope: str
    through: str | None
    at: datetime
    questions: int
    #: None: no row of the journal is about it.
    payload: bytes | None
    #: Of its questions, one after the other.
    leaves: bytes
    granted: int
    erased: int

    @property
    def name(self) -> str:
        return f"{self.asker}/{self.envelope}"


async def audit_online(
    connection: Connection, found: Audited, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Hold every row of the journal against the record of provisions, and the record against the journal."""
    row = await (await connection.execute(SQL["standing"])).fetchone()
    assert row is not None
    size, found.counts["signed"], last = row
    found.counts["journal"] = size
    found.counts.update(dict.fromkeys(("questions", "granted", "questions_erased"), 0))
    row_before = -1
    while rows := await _journalled(connection, row_before):
        found.add(What.UNLISTED, "journal", await _unlisted(connection, rows))
        row_before = rows[-1][0]
        progress(min(row_before + 1, size), size + last)
    after = 0
    strangers: dict[int, list[str]] = {}
    while envelopes := await _envelopes(connection, found, after):
        after = envelopes[-1]
        progress(size + after, size + last)
        for what, which in await _questions(connection, envelopes, 0, _LAST):
            found.add(what, "provision", [which])
        some = {"envelopes": envelopes}
        for person, which in await (await connection.execute(SQL["strangers"], some)).fetchall():
            strangers.setdefault(person, []).append(which)
    await _check_forgotten(connection, found, strangers)
    await _check_erasures(connection, found)


async def _questions(
    connection: Connection, envelopes: Sequence[int], first: int, last: int
) -> list[tuple[What, str]]:
    """What is wrong with questions at these places; of what cannot be read, a half at a time down to the row."""
    values = {"envelopes": envelopes, "first": first, "last": last, "keys": list(KEYS)}
    try:
        async with connection.transaction():
            rows = await (await connection.execute(SQL["questions"], values)).fetchall()
            return [(What(what), which) for what, which, *_ in rows]
    except _UNREADABLE:
        if len(envelopes) == 1 and first == last:
            # it was written and signed, and says nothing of what is recorded
            return [(What.MISSTATED, which) for which in await column(connection, "named", values)]
    if len(envelopes) > 1:
        half = len(envelopes) // 2
        halves = [(envelopes[:half], first, last), (envelopes[half:], first, last)]
    else:
        half = (first + last) // 2
        halves = [(envelopes, first, half), (envelopes, half + 1, last)]
    return [one for some in halves for one in await _questions(connection, *some)]


async def _check_forgotten(
    connection: Connection, found: Audited, strangers: Mapping[int, Sequence[str]]
) -> None:
    """Who is not known may have been forgotten; no more of them than the journal says, which does not say who."""
    if strangers and len(strangers) > (await column(connection, "forgotten"))[0]:
        found.add(What.MISNAMED, "provision", chain.from_iterable(strangers.values()))


async def _check_erasures(connection: Connection, found: Audited) -> None:
    """What was erased by the record must be erased by the journal; a row of it that says no such thing is named."""
    commitments, places, unreadable = [], [], []
    for index, payload in await (await connection.execute(SQL["erased"])).fetchall():
        try:
            said = Items(payload or b"")
            committed, place = said.digest("commitment"), said.count("place")
        except BadEnvelope:
            unreadable += [] if index is None else [index]
        else:
            commitments.append(committed)
            places.append(place)
    found.add(What.UNLISTED, "journal", unreadable)
    values = {"commitments": commitments, "places": places}
    found.add(What.UNEXPLAINED, "provision", await column(connection, "erased_unrecorded", values))


async def _journalled(connection: Connection, after: int) -> list[tuple[Any, ...]]:
    """The next rows of the journal about envelopes."""
    values = {"after": after, "limit": WINDOW}
    return await (await connection.execute(SQL["journalled"], values)).fetchall()


async def _unlisted(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """Which of these rows the record does not list, or that are no such rows."""
    said, unreadable = [], []
    for index, payload, commitment in rows:
        try:
            asker, envelope, _ = Envelope.from_bytes(payload or b"").carried
        except BadEnvelope:
            unreadable.append(index)
        else:
            said.append((index, asker, envelope, commitment))
    names = ("indexes", "askers", "envelopes", "commitments")
    columns = zip(*said, strict=True) if said else ([],) * len(names)
    values = dict(zip(names, map(list, columns), strict=True))
    return sorted([*unreadable, *await column(connection, "unlisted", values)])


async def _envelopes(connection: Connection, found: Audited, after: int) -> list[int]:
    """Hold the next envelopes against what the journal says of them; their numbers."""
    values = {"after": after, "limit": ENVELOPES}
    rows = await (await connection.execute(SQL["envelopes"], values)).fetchall()
    for one in map(_Listed._make, rows):
        if one.payload is None:
            found.add(What.UNRECORDED, "envelope", [one.name])
            continue
        counts = {"granted": one.granted, "questions_erased": one.erased}
        found.counts.update(counts, questions=len(one.leaves) // HASH_SIZE)
        for fault in _faults(one, one.payload):
            found.add(fault, "envelope", [one.name])
    return [number for number, *_ in rows]


def _faults(listed: _Listed, payload: bytes) -> Iterator[What]:
    """What is wrong with an envelope of which the journal says this."""
    leaves = listed.leaves
    hashes = [leaves[start : start + HASH_SIZE] for start in range(0, len(leaves), HASH_SIZE)]
    try:
        said = Envelope.from_bytes(payload)
    except BadEnvelope:
        yield What.MISGROWN
        return
    if (said.questions, said.refused) != (len(hashes), len(hashes) - listed.granted):
        yield What.MISCOUNTED
    elif said.root != root_of(hashes):
        yield What.MISGROWN
    carried = said.carried
    if (listed.asker, listed.envelope) != (carried.asker, carried.envelope):
        yield What.UNRECORDED  # the row that it names is about another
    if (listed.through, listed.at, listed.questions) != (carried.through, said.at, said.questions):
        yield What.MISSTATED


async def column(connection: Connection, name: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """The first column of what a statement gives."""
    return [one[0] for one in await (await connection.execute(SQL[name], values)).fetchall()]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A request in bulk in the ledger and in the journal (一括照会の記入): before anything leaves, and when all has come.

It is a line like any other; what would be its questions and answers are files, and the line says their digests.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from openjuki.nodes.asking import AtTerminal, rows
from openjuki.residents.look_up import Result
from openjuki.store import journal, ledger, requests
from openjuki.store.credentials import System
from openjuki.wire.bulk import BulkRequest, KeyPart, Standing
from openjuki.wire.chunks import Place, digests, seal_part
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.law.basis import Key
    from openjuki.nodes.fetching.asked import BulkAsked, Fetched, Prepared
    from openjuki.nodes.fetching.deciding import Closed, Opened
    from openjuki.nodes.fetching.folder import Folder
    from openjuki.nodes.node import Office
    from openjuki.refusal import Refusal
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing as Position


def request_of(
    office: Office,
    line: str,
    asked: BulkAsked,
    prepared: Prepared,
    opened: Opened,
    place: Folder,
    key: bytes,
) -> BulkRequest:
    """What goes to the provider: the digests of what it will pull, sealed under this key."""
    parts = []
    for number, rows_ in enumerate(prepared.parts):
        content = place.keys(number).read_bytes()
        sealed = seal_part(content, key, Place(office.id, opened.provider, line, number, answers=False))
        parts.append(KeyPart(rows_, len(content), digests(sealed)))
    standing = opened.standing
    return BulkRequest(
        id=line,
        affair=asked.affair,
        office=standing.office,
        operator=standing.operator,
        terminal=standing.terminal,
        reason=asked.reason,
        method=asked.method,
        holds=standing.holds(asked.affair),
        kind=asked.kind,
        parts=tuple(parts),
        key=key,
    )


async def enter(
    office: Office,
    connection: Connection,
    asked: BulkAsked,
    prepared: Prepared,
    opened: Opened,
    request: BulkRequest,
) -> None:
    """Put down what is about to be asked, in the caller's transaction."""
    at = office.clock()
    about = _about(asked, prepared) | {"provider": opened.provider}
    line = _line(office, request.id, at, asked, opened.standing, about, prepared.rows - prepared.malformed)
    await ledger.ask(connection, [line])
    await requests.add(
        connection,
        requests.Entered(
            line=request.id,
            provider=opened.provider,
            kind=asked.kind.value,
            file=asked.name,
            digest=prepared.digest,
            rows=prepared.rows,
            malformed=prepared.malformed,
            duplicates=prepared.duplicates,
            parts=len(prepared.parts),
            items=list(opened.items),
            format=asked.format.value,
            encoding=asked.answer_encoding.value,
            body=request.to_bytes(),
            standing=Standing.WAITING.value,
        ),
    )
    await journal.append(connection, _asked(office, rows.ASKED, line))


async def enter_refused(
    office: Office, connection: Connection, line: str, asked: BulkAsked, prepared: Prepared, closed: Closed
) -> None:
    """Put down what the own book refuses, in the caller's transaction."""
    at, refusal = office.clock(), closed.refusal
    about = _about(asked, prepared)
    written = _line(office, line, at, asked, closed.standing, about, 0, rule=refusal.rule)
    await ledger.ask(connection, [written])
    answer = {"answered": [], "bulk": {"refusal": refusal.to_dict()}, "envelopes": {}}
    salt, content = office.entropy(journal.SALT_SIZE), rows.content(answer)
    said = [Result.NOT_PERMITTED.value]
    await ledger.answer(connection, [ledger.Answered(line, at, None, said, [], [], salt, content)])
    await journal.append(connection, _asked(office, rows.REFUSED, written, rules={refusal.rule: 1}))


async def end(
    office: Office,
    connection: Connection,
    fetched: Fetched,
    standing: Standing,
    *,
    code: str | None = None,
    refusal: Refusal | None = None,
) -> None:
    """Put down that a request is over and what came of it, in the caller's transaction; once."""
    at, request = office.clock(), fetched.request
    told = None if refusal is None else refusal.to_dict()
    if not await requests.end(connection, request.id, standing.value, at, code=code, refusal=told):
        return
    content = rows.content(
        {
            "answered": [],
            "at": at,
            "bulk": {
                "articles": fetched.articles,
                "manifests": [one.hex() for one in await _manifests(connection, request.id)],
                "refusal": told,
                "results": fetched.results,
                "standing": standing.value,
            },
            "code": code,
            "envelopes": {},
            "line": request.id,
        }
    )
    salt = office.entropy(journal.SALT_SIZE)
    results = [Result.NOT_PERMITTED.value] if refusal else list(fetched.results)
    answered = ledger.Answered(
        request.id, at, code, results, list(fetched.articles), [request.provider], salt, content
    )
    await ledger.answer(connection, [answered])
    kind, counted = (rows.FAILED, {code: 1}) if code else (rows.ANSWERED, fetched.results)
    counts: dict[str, Mapping[str, int]] = {"codes" if code else "results": counted}
    written = [rows.Written(request.id, salt, content)]
    await journal.append(
        connection, rows.entries(office, kind, at, written, affairs={request.affair: 1}, **counts)
    )


async def _manifests(connection: Connection, line: str) -> list[bytes]:
    """Digests of the manifests that have arrived, in their order."""
    return [sha256(manifest).digest() for manifest in await requests.manifests(connection, line)]


def _asked(office: Office, kind: str, line: ledger.Asked, **counts: Mapping[str, int]) -> list[journal.Entry]:
    written = [rows.Written(line.id, line.salt, line.content)]
    return rows.entries(office, kind, line.at, written, affairs={line.affair: 1}, **counts)


def _about(asked: BulkAsked, prepared: Prepared) -> dict[str, Any]:
    """What would be the questions."""
    return {
        "digest": prepared.digest.hex(),
        "file": asked.name,
        "kind": asked.kind,
        "malformed": prepared.malformed,
        "rows": prepared.rows,
    }


def _line(
    office: Office,
    line: str,
    at: datetime,
    asked: BulkAsked,
    standing: Position | None,
    about: Mapping[str, Any],
    persons: int,
    *,
    rule: str | None = None,
) -> ledger.Asked:
    who = standing.office if standing else ""
    operator, terminal = _who(asked, standing)
    said = {
        "affair": asked.affair,
        "asked_at": at,
        "bulk": about,
        "history": False,
        "id": line,
        "method": asked.method,
        "office": who,
        "operator": operator,
        "questions": [],
        "reason": asked.reason,
        "rules": [rule],
        "terminal": terminal,
        "what": What.ASK,
    }
    return ledger.Asked(
        line,
        at,
        who,
        operator,
        terminal,
        asked.affair,
        asked.reason,
        What.ASK.value,
        asked.method.value,
        False,  # noqa: FBT003 - a column of the ledger
        _items(asked.kind.keys),
        persons,
        office.entropy(journal.SALT_SIZE),
        rows.content(said),
    )


def _items(keys: frozenset[Key]) -> list[str]:
    return sorted(key.value for key in keys)


def _who(asked: BulkAsked, standing: Position | None) -> tuple[str, str]:
    """Who asks and where, also where nobody knows them."""
    if standing is not None:
        return standing.operator, standing.terminal
    by = asked.by
    return by if isinstance(by, AtTerminal) else (System.acting(by.system),) * 2

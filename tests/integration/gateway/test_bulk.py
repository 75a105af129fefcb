# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A system asks with a file at its agency's gateway, and a real Centre answers it."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from fixtures.bulk_providers import ReadsHere
from fixtures.ground import PENSIONS, WELFARE
from fixtures.network import CENTRE
from fixtures.notices import code_of
from fixtures.systems import SYSTEM
from openjuki.gateway import bulk
from openjuki.law import refusals
from openjuki.nodes import credentials, fetching
from openjuki.nodes.bulk import jobs
from openjuki.nodes.fetching import Delivered, Fetching, folder
from openjuki.store import ledger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from fixtures.offices import Country
    from fixtures.systems import System

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

KEYS = "\n".join(["住民票コード", code_of(2), "x", code_of(9), code_of(1), code_of(1)]).encode()
CSV = "text/csv"


@pytest.fixture(autouse=True)
def reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """No child reads columns: that is another test's."""
    monkeypatch.setattr(fetching, "Reader", ReadsHere)


@pytest_asyncio.fixture
async def system(systems: Mapping[str, System], nation: Country) -> AsyncIterator[System]:
    """A system of the pension service, before a Centre at work."""
    centre = await nation.node(CENTRE)
    centre.bulk.reader = ReadsHere()

    async def work() -> None:
        while True:
            await nation.sequence(CENTRE)
            await jobs.answer_waiting(centre)
            await asyncio.sleep(0.05)

    working = asyncio.create_task(work())
    yield systems[PENSIONS]
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


def put(system: System, body: Any = KEYS, **more: Any) -> Any:
    """Put a file of keys."""
    parameters = {"affair": system.affair, "reason": "現況 2026-11", "name": "keys.csv", **more}
    head = {"authorization": f"Bearer {system.issued.secret}", "content-type": CSV}
    return system.client.post("bulk", params=parameters, content=body, headers=head)


async def done(system: System, request: str) -> dict[str, Any]:
    """Wait until a request is over."""
    async with asyncio.timeout(60):
        while True:
            told = (await system.get(f"bulk/{request}")).json()
            if told["ended_at"] is not None:
                return dict(told)
            await asyncio.sleep(0.1)


async def test_a_file_is_put_followed_and_taken(system: System):
    """A file in, its state as often as one likes, a file out: a row for each row, in the same order."""
    response = await put(system)
    assert response.status_code == 202, response.text
    told = await done(system, response.json()["id"])
    answer = await system.get(f"bulk/{told['id']}/answer")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["照会結果"] for row in rows] == ["matched", "malformed", "none", "matched", "matched"]
    assert [row["氏名"] for row in rows] == ["渡邉　葵", "", "", "渡邉　葵", "渡邉　葵"]
    assert [row["不備の項目"] for row in rows] == ["", "resident_code", "", "", ""]
    assert (told["standing"], told["results"]) == ("done", {"malformed": 1, "matched": 3, "none": 1})
    assert (told["rows"], told["malformed"], told["duplicates"]) == (5, 1, 1)
    assert told["articles"] == ["法30条の9・別表第1の74の項"]
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"


async def test_both_ends_have_it_on_record(system: System, nation: Country):
    """The agency's ledger has one line, the Centre a part; it is receipted, and the promise is kept."""
    told = await done(system, (await put(system)).json()["id"])

    line = (await system.get(f"ledger/{told['id']}")).json()
    parts = nation.rows(CENTRE, "SELECT asker, affair, method FROM provision_part")

    assert ("bulk", 4, f"system:{SYSTEM}") == (line["method"], line["persons"], line["operator"])
    assert [(PENSIONS, system.affair, "bulk")] == parts
    assert (await system.get(f"bulk/{told['id']}")).json()["receipted"] == 1


async def test_a_file_put_twice_is_one_request(system: System):
    """The same file for the same affair is recognised; unless it is said to be asked again."""
    first = (await put(system)).json()
    await done(system, first["id"])
    second = (await put(system)).json()
    third = (await put(system, again="true")).json()
    await done(system, third["id"])

    assert first["id"] == second["id"] != third["id"]
    listed = (await system.get("bulk")).json()["requests"]
    assert {third["id"], first["id"]} == {one["id"] for one in listed}


async def test_an_answer_is_for_the_system_that_asked(system: System, systems: Mapping[str, System]):
    """Another system of the office sees how far a request is, and neither its answer nor anybody else's office."""
    told = await done(system, (await put(system)).json()["id"])
    node = system.node
    other = await node.transact(
        lambda connection: credentials.add(node, connection, "other", office="desk", name="別のシステム")
    )

    seen = await system.get(f"bulk/{told['id']}", secret=other.secret)
    answer = await system.get(f"bulk/{told['id']}/answer", secret=other.secret)
    elsewhere = await systems[WELFARE].get(f"bulk/{told['id']}")

    assert [one.status_code for one in (seen, answer, elsewhere)] == [200, 404, 404]


async def test_files_are_erased_when_the_system_says_so(system: System):
    """After that, the answer is not there any more; the ledger is."""
    told = await done(system, (await put(system)).json()["id"])
    head = {"authorization": f"Bearer {system.issued.secret}"}

    erased = await system.client.delete(f"bulk/{told['id']}", headers=head)
    answer = await system.get(f"bulk/{told['id']}/answer")
    line = await system.get(f"ledger/{told['id']}")

    assert erased.json()["erased_at"] is not None
    assert [answer.status_code, line.status_code] == [404, 200]
    assert not folder(system.node, told["id"]).exists


#: What is put, with which parameters; the status and the code that come back.
UNASKABLE = {
    "an empty file": (b"", {}, 422, "JK-INPUT-0010"),
    "a file without keys": (b"case\n1\n", {}, 422, "JK-INPUT-0012"),
    "no key that can be read": ("住民票コード\nx\n".encode(), {}, 422, "JK-INPUT-0007"),
    "a workbook": (b"PK\x03\x04", {}, 422, "JK-INPUT-0011"),
    "a kind of key that is none": (KEYS, {"by": "name"}, 422, "JK-INPUT-0016"),
    "a parameter that nobody knows": (KEYS, {"surprise": "1"}, 422, "JK-INPUT-0016"),
    "a reason with U+0000": (KEYS, {"reason": "現況\0"}, 422, "JK-INPUT-0016"),
    "a reason of two lines": (KEYS, {"reason": "現況\x85 2026"}, 422, "JK-INPUT-0016"),
    "a reason of which characters were lost": (KEYS, {"reason": "\ufffd\ufffd"}, 422, "JK-INPUT-0016"),
    "an affair with U+0000": (KEYS, {"affair": "state-115\0"}, 422, "JK-INPUT-0016"),
    "a name of the file with U+0000": (KEYS, {"name": "keys\0.csv"}, 422, "JK-INPUT-0016"),
    "a name of the file with U+2028": (KEYS, {"name": "keys\u2028.csv"}, 422, "JK-INPUT-0016"),
    "a header with U+0000": ("住民票コード\0\n1\n".encode(), {}, 422, "JK-INPUT-0012"),
    "a damaged Parquet file": (b"PAR1\xff\xff\x15\0\0\0PAR1", {}, 422, "JK-INPUT-0007"),
    "no reason": (KEYS, {"reason": " "}, 403, refusals.NO_REASON.code),
    "an affair of others": (KEYS, {"affair": "city-027"}, 403, refusals.RECIPIENT_NOT_LISTED.code),
}


async def test_what_cannot_be_asked_is_said_at_once(system: System):
    """A problem with its code, and no file is left."""
    said = {}
    for case, (body, parameters, *_) in UNASKABLE.items():
        response = await put(system, body, **parameters)
        assert response.headers["content-type"] == "application/problem+json"
        said[case] = response.status_code, response.json()["code"]

    assert {case: (status, code) for case, (*_, status, code) in UNASKABLE.items()} == said
    place = folder(system.node, "x").path.parent.parent
    assert not [path for path in place.rglob("*") if path.is_file()]


#: Four items of which one holds what no register does: the row, and the column that is at fault.
ROWS = {
    "渡邉\0葵,1990-01-01,male,一番町1番地": "name",
    "渡邉\x85葵,1990-01-01,male,一番町1番地": "name",
    "渡邉　葵,1990-01-01\0,male,一番町1番地": "birth_date",
    "渡邉　葵,1990-01-01,male\x01,一番町1番地": "sex",
    "渡邉　葵,1990-01-01,male,一番町\x7f1番地": "address",
    "渡邉　葵,1990-01-01,male,一番町1番地": "",
}


async def test_a_row_with_a_control_character_is_at_fault_alone(system: System):
    """It names its column, and everybody else's rows are answered."""
    told = await done(
        system, (await put(system, "\n".join(["氏名,生年月日,性別,住所", *ROWS]).encode())).json()["id"]
    )
    answer = await system.get(f"bulk/{told['id']}/answer")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["不備の項目"] for row in rows] == [*ROWS.values()]
    assert [row["照会結果"] == "malformed" for row in rows] == [True] * 5 + [False]
    assert (told["standing"], told["malformed"]) == ("done", 5)


async def test_an_answer_is_gone_on_with_where_it_was_broken_off(system: System):
    """One range of bytes; what is no range of ours is answered with the whole, what lies beyond it with a problem."""
    told = await done(system, (await put(system)).json()["id"])
    path, key = f"bulk/{told['id']}/answer", {"authorization": f"Bearer {system.issued.secret}"}
    whole = (await system.client.get(path, headers=key)).content

    rest = await system.client.get(path, headers={**key, "range": "bytes=100-"})
    part = await system.client.get(path, headers={**key, "range": "bytes=100-199"})
    beyond = await system.client.get(path, headers={**key, "range": f"bytes={len(whole)}-"})
    others = [
        await system.client.get(path, headers={**key, "range": other})
        for other in (
            "x",
            "bytes=",
            "bytes=9-1",
            "items=0-1",
            "bytes=-5",
            "bytes=0-1,3-4",
            "bytes=1-" + "9" * 50,
        )
    ]

    assert (rest.status_code, part.status_code) == (206, 206)
    assert (rest.content, part.content) == (whole[100:], whole[100:200])
    assert rest.headers["content-range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    assert (beyond.status_code, beyond.json()["where"]) == (416, {"column": "range"})
    assert beyond.headers["content-type"] == "application/problem+json"
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"
    assert [(one.status_code, one.content) for one in others] == [(200, whole)] * len(others)


async def test_an_answer_is_put_together_once(system: System, monkeypatch: pytest.MonkeyPatch):
    """However many come for it at the same time: else one would take what another is still writing."""
    told = await done(system, (await put(system)).json()["id"])
    deliver, delivered = Fetching.deliver, []

    async def slowly(self: Fetching, *given: Any) -> Delivered:
        delivered.append(given)
        await asyncio.sleep(0.1)
        return await deliver(self, *given)

    monkeypatch.setattr(Fetching, "deliver", slowly)
    answers = await asyncio.gather(*(system.get(f"bulk/{told['id']}/answer") for _ in range(4)))

    assert {one.status_code for one in answers} == {200}
    assert len({one.content for one in answers}) == len(delivered) == 1


async def test_a_client_that_falls_silent_keeps_nobody_out(system: System, monkeypatch: pytest.MonkeyPatch):
    """Of whom nothing more comes for a while, the file is broken off."""
    head = (
        f"POST /v1/bulk?affair={system.affair}&reason=x HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n"
        f"authorization: Bearer {system.issued.secret}\r\n\r\n"
    )

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "PATIENCE", 0.1)
        answers = await asyncio.gather(*(begun(system, head.encode() + KEYS) for _ in range(bulk.AT_ONCE)))

    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 422"] * bulk.AT_ONCE
    assert (await put(system)).status_code == 202


async def begun(system: System, raw: bytes) -> bytes:
    """Begin a request, say nothing more, and hear what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(system.url).port)
    try:
        writer.write(raw)
        async with asyncio.timeout(60):
            return await reader.readline()
    finally:
        writer.close()


async def test_a_client_that_vanishes_has_asked_nothing(system: System):
    """A file that is broken off leaves no request, and nothing on the disk."""

    async def broken() -> AsyncIterator[bytes]:
        yield KEYS
        raise httpx.WriteError("gone")

    with pytest.raises(httpx.WriteError):
        await put(system, broken())
    await asyncio.sleep(0.2)
    place = folder(system.node, "x").path.parent.parent
    async with asyncio.timeout(60):
        while [path for path in place.rglob("*") if path.is_file()]:  # noqa: ASYNC110 - the server erases it
            await asyncio.sleep(0.01)

    lines = await system.node.read(ledger.search)
    assert lines == []


async def test_nobody_is_told_anything_without_a_credential(system: System):
    """Not even whether there is such a request."""
    paths = ("bulk", f"bulk/{'0' * 32}", f"bulk/{'0' * 32}/answer")

    statuses = [(await system.client.get(path)).status_code for path in paths]

    assert statuses == [401, 401, 401]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A system asks with a file at its agency's gateway, and a real Centre answers it."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio

from fixtures.bulk_providers import ReadsHere
from fixtures.ground import PENSIONS, WELFARE
from fixtures.network import CENTRE
from fixtures.notices import code_of
from fixtures.systems import SYSTEM
from openjuki.law import refusals
from openjuki.nodes import credentials, fetching
from openjuki.nodes.bulk import jobs
from openjuki.nodes.fetching import folder
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


async def test_a_client_that_vanishes_has_asked_nothing(system: System):
    """A file that is broken off leaves no request, and nothing on the disk."""

    async def broken() -> AsyncIterator[bytes]:
        yield KEYS
        raise httpx.WriteError("gone")

    with pytest.raises(httpx.WriteError):
        await put(system, broken())
    await asyncio.sleep(0.2)

    lines = await system.node.read(ledger.search)
    assert lines == []
    place = folder(system.node, "x").path.parent.parent
    assert not [path for path in place.rglob("*") if path.is_file()]


async def test_nobody_is_told_anything_without_a_credential(system: System):
    """Not even whether there is such a request."""
    paths = ("bulk", f"bulk/{'0' * 32}", f"bulk/{'0' * 32}/answer")

    statuses = [(await system.client.get(path)).status_code for path in paths]

    assert statuses == [401, 401, 401]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A system puts a list at its agency's gateway, is told what changed of it by a real Centre, and drops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from fixtures.ground import PENSIONS, TAX_OFFICE
from fixtures.network import CENTRE, CHUO, TOKYO
from fixtures.notices import code_of
from openjuki.nodes.clientele import asking
from openjuki.residents.changes import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.offices import Country
    from fixtures.systems import System

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

KEYS = "\n".join(["住民票コード", code_of(1), f"{code_of(2)}\0", code_of(1)]).encode()


@pytest_asyncio.fixture
async def system(systems: Mapping[str, System], nation: Country) -> System:
    """A system of the pension service, before a Centre that answers."""
    await nation.connected(CENTRE)
    return systems[PENSIONS]


def put(system: System, body: bytes = KEYS, name: str = "pensioners", **more: Any) -> Any:
    """Put a list."""
    parameters = {"affair": system.affair, "reason": "受給権者の異動", **more}
    head = {"authorization": f"Bearer {system.issued.secret}", "content-type": "text/csv"}
    return system.client.put(f"clienteles/{name}", params=parameters, content=body, headers=head)


async def test_a_list_is_put_told_and_read_as_often_as_is_wanted(system: System, nation: Country):
    """What cannot be read is counted; what changed is there by its number, again and again."""
    listed = (await put(system, every=60)).json()
    await asking.ask(system.node, "pensioners")
    await nation.record(CHUO, Reason.DIED, resident_code=code_of(1))
    await nation.settle(CHUO, TOKYO, CENTRE)
    await asking.ask(system.node, "pensioners")

    first = (await system.get("clienteles/pensioners/changes")).json()
    again = (await system.get("clienteles/pensioners/changes", after=0, limit=10)).json()
    rest = (await system.get("clienteles/pensioners/changes", after=1)).json()

    assert (listed["keys"], listed["rows"], listed["faults"], listed["repeated"]) == (1, 3, 1, 1)
    assert "terminal" not in listed
    assert (first["last"], first["changes"][0]["meaning"]) == (1, "died")
    assert again == first
    assert (rest["count"], rest["last"]) == (0, None)


async def test_a_list_is_shown_to_its_office_and_dropped(system: System, systems: Mapping[str, System]):
    """Another agency has none of it; once dropped, nobody has."""
    await put(system)

    shown = (await system.get("clienteles")).json()["lists"]
    others = (await systems[TAX_OFFICE].get("clienteles")).json()["lists"]
    head = {"authorization": f"Bearer {system.issued.secret}"}
    dropped = await system.client.delete("clienteles/pensioners", headers=head)
    gone = await system.get("clienteles/pensioners/changes")

    assert ([one["name"] for one in shown], others) == (["pensioners"], [])
    assert (dropped.status_code, gone.status_code) == (200, 404)
    assert (await system.get("clienteles")).json()["lists"] == []


@pytest.mark.parametrize(
    ("name", "more", "status"),
    [
        pytest.param("pensioners", {"affair": "state-118"}, 403, id="an affair of another office"),
        pytest.param("受給権者", {}, 422, id="a name that is none"),
        pytest.param("pensioners%00", {}, 422, id="a name with U+0000"),
        pytest.param("pensioners", {"reason": "異動\0"}, 422, id="a reason with U+0000"),
        pytest.param("pensioners", {"reason": "異動\u2029"}, 422, id="a reason of two paragraphs"),
        pytest.param("pensioners", {"affair": "state-115\0"}, 422, id="an affair with U+0000"),
        pytest.param("pensioners", {"by": "four_items"}, 422, id="names are no keys of a list"),
        pytest.param("pensioners", {"every": "-1"}, 422, id="time does not run backwards"),
        pytest.param("pensioners", {"every": 700_000}, 422, id="once a week at least"),
        pytest.param("pensioners", {"whenever": "1"}, 422, id="a stranger's parameter"),
    ],
)
async def test_a_list_that_may_not_be_put_is_a_problem(
    system: System, name: str, more: dict[str, Any], status: int
):
    """Each says why, and nothing is put."""
    answered = await put(system, name=name, **more)

    assert answered.status_code == status
    assert answered.headers["content-type"] == "application/problem+json"
    assert (await system.get("clienteles")).json()["lists"] == []

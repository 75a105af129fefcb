# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The law changes in a running nation of processes: a file in its home is all it takes, and nobody starts anything again.

Its processes read the machine's clock, so what comes here into force is a text of today; the midnight itself is
passed in `tests/integration/nodes/test_midnight.py`.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.chaos_online import asking_nation
from fixtures.nation import rows
from openjuki.config import CENTRE, clock
from openjuki.law.book import packaged
from openjuki.simulation import life
from openjuki.simulation.systems import System
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from openjuki.simulation.launcher import Nation

pytestmark = pytest.mark.nation

AGENCY, OFFICE, PENSIONS = "agency-nenkin", "kokunen", "state-118"
#: How long a new state may take on a busy machine, in seconds.
_PATIENCE = 120.0
_OPEN = "SELECT detail FROM alarm WHERE kind = 'statute-book-unreadable' AND settled_at IS NULL"


def new_text() -> str:
    """Table 1 without the affair."""
    table = packaged()["affairs/table-1/2026-06-14.csv"].splitlines(keepends=True)
    return "".join(line for line in table if not line.startswith(f"{PENSIONS},"))


async def becomes(expected: Any, found: Callable[[], Any]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _PATIENCE
    while (now := await asyncio.to_thread(found)) != expected:
        assert time.monotonic() < deadline, now
        await asyncio.sleep(0.2)


@contextmanager
def asking(nation: Nation) -> Iterator[Callable[[], str]]:
    """Asks for pensions by name; says by which rule it is refused, or what the result is."""
    secret = nation.credential(AGENCY, f"{OFFICE}-sys").read_text(encoding="ascii")
    system = System(nation.gateways()[AGENCY], secret)

    def ask() -> str:
        questions = [{"name": "渡邉 葵", "birth_date": "1990-01-01"}]
        reply = asyncio.run(system.ask(What.ASK, questions, affair=PENSIONS, reason="受付-1"))
        (answer,) = reply.answers
        refusal = answer["refusal"]
        return refusal["rule"] if refusal else answer["result"]

    with closing(system):
        yield ask


async def test_a_text_takes_effect_in_a_running_nation(tmp_path: Path):
    """A coming one changes nothing, today's ends the affair, a broken one is an alarm; taken away, all is as it was."""
    with asking_nation(tmp_path / "home", seed=17) as nation:
        await life._found_offices(nation)
        await asyncio.to_thread(life._await_witnesses, nation)
        with asking(nation) as asked:
            await _tried(nation, asked)


async def _tried(nation: Nation, asked: Callable[[], str]) -> None:
    """Texts come and go, and what is asked is answered by them."""
    law, today = nation.home / "law" / "affairs" / "table-1", clock().date()
    law.mkdir(parents=True)
    await becomes("none", asked)

    coming = law / f"{today + timedelta(days=2)}.csv"
    coming.write_text(new_text(), encoding="utf-8")
    await asyncio.sleep(1.5)
    assert await asyncio.to_thread(asked) == "none"

    in_force = coming.rename(law / f"{today}.csv")
    await becomes("affair-not-in-force", asked)

    in_force.write_text("affair\n", encoding="utf-8")
    for node in (AGENCY, CENTRE):
        where = {"file": str(in_force), "row": 1, "column": "basis"}
        await becomes([(where,)], partial(rows, nation, node, _OPEN))
    assert await asyncio.to_thread(asked) == "affair-not-in-force"

    in_force.unlink()
    await becomes("none", asked)
    for node in (AGENCY, CENTRE):
        await becomes([], partial(rows, nation, node, _OPEN))

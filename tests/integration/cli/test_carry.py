# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki carry`` as two offices without a line meet it: out, in, out, in, and what stands in both books."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.agencies import CLERK, PENSION, furnished
from fixtures.ground import PENSIONS
from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.notices import code_of
from fixtures.provisions import vouch
from openjuki.config import clock
from openjuki.nodes.bulk import jobs as turns
from openjuki.wire.directory import write_directory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from fixtures.offices import Country

    type Juki = Callable[..., Awaitable[tuple[int, str, str]]]

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

ACTING = ("--operator", CLERK.operator, "--terminal", CLERK.terminal, "--reason", "現況の確認")


@pytest.fixture
async def carry(country: Country, tmp_path: Path, monkeypatch: Any, juki: Any) -> Juki:
    """Runs ``juki carry …`` at an agency and at a Centre that knows a resident of 千代田区; there is no broker."""
    country.clock.now = clock()
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    vouch(country)
    nodes = (await furnished(country, PENSIONS, PENSION), await country.node(CENTRE))
    lines = ['network = "test"', 'nats_url = "tls://127.0.0.1:1"']
    for one in nodes:
        lines += [
            f"[nodes.{one.id}]",
            f'kind = "{one.settings.kind}"',
            f'database_url = "{one.settings.database_url}"',
            f'identity = "{one.settings.identity}"',
        ]
    (tmp_path / "openjuki.toml").write_text("\n".join(lines), encoding="utf-8")
    edition = country.directory.revise([], issued=clock(), expires=clock() + timedelta(days=1))
    (tmp_path / "directory.json").write_bytes(write_directory(edition, country.ground.root))
    (tmp_path / "in.csv").write_text(f"resident_code\n{code_of(1)}\n", "utf-8")
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))
    monkeypatch.delenv("OPENJUKI_CONFIG", raising=False)

    async def run(*words: str) -> tuple[int, str, str]:
        return await asyncio.to_thread(partial(juki, "carry", *words))

    return run


async def out(carry: Juki, home: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Pack a new request."""
    asked = ("--affair", PENSION, "--in", str(home / "in.csv"), *ACTING)
    code, said, _ = await carry("out", "--node", PENSIONS, "--to", str(home), *asked, "--json", *more)
    return code, orjson.loads(said)


async def test_a_file_goes_out_by_hand_and_its_answer_comes_back(
    carry: Juki, country: Country, tmp_path: Path
):
    """Each step prints a slip to sign, and at the end the agency has its file and the Centre its receipt."""
    _, packed = await out(carry, tmp_path)
    code, slip, _ = await carry(
        "in", "--node", CENTRE, "--from", packed["folder"], "--slip", str(tmp_path / "s.html")
    )
    assert (code, "受領者" in slip) == (0, True)
    assert "受領者" in (tmp_path / "s.html").read_text("utf-8")
    centre = await country.node(CENTRE)
    country.clock.now = clock()
    while await turns.answer_waiting(centre):
        pass
    await centre.bulk.close()

    asked = ("--request", packed["request"], "--asker", PENSIONS)
    _, answer, _ = await carry("out", "--node", CENTRE, "--to", str(tmp_path), *asked, "--json")
    back = orjson.loads(answer)["folder"]
    code, _, said = await carry("in", "--node", PENSIONS, "--from", back, "--out", str(tmp_path / "out.csv"))
    assert "回答 answers" in said
    assert (code, "渡邉　葵" in (tmp_path / "out.csv").read_text("utf-8-sig")) == (0, True)
    told = ("--request", packed["request"], "--receipt", "--json")
    _, receipt, _ = await carry("out", "--node", PENSIONS, "--to", str(tmp_path), *told)
    await carry("in", "--node", CENTRE, "--from", orjson.loads(receipt)["folder"])

    _, listed, _ = await carry("list", "--node", CENTRE, "--json")
    kinds = [(one["direction"], one["what"]) for one in orjson.loads(listed)["parcels"]]
    assert kinds == [("in", "receipt"), ("out", "answer"), ("in", "request")]
    assert "引渡" in (await carry("list", "--node", PENSIONS))[1]


async def test_a_medium_for_another_node_is_put_back(carry: Juki, tmp_path: Path):
    """The agency's own medium, read by the agency: not addressed to it."""
    _, packed = await out(carry, tmp_path)

    code, said, _ = await carry("in", "--node", PENSIONS, "--from", packed["folder"], "--json")

    assert (code, orjson.loads(said)["code"]) == (1, "JK-PEER-0004")


async def test_a_number_that_never_came_leaves_with_1(carry: Juki, tmp_path: Path):
    """The second parcel alone: taken in, and somebody must look for the first."""
    _, first = await out(carry, tmp_path)
    again = ("--request", first["request"], "--json")
    _, second, _ = await carry("out", "--node", PENSIONS, "--to", str(tmp_path), *again)

    code, _, err = await carry("in", "--node", CENTRE, "--from", orjson.loads(second)["folder"])

    assert (code, "第1号" in err) == (1, True)


@pytest.mark.parametrize(
    ("words", "column"),
    [
        pytest.param(("out", "--node", PENSIONS), "in", id="nothing to pack"),
        pytest.param(("out", "--node", PENSIONS, "--receipt"), "request", id="a receipt of nothing"),
        pytest.param(("out", "--node", CENTRE, "--asker", PENSIONS), "request", id="an answer to nothing"),
    ],
)
async def test_a_parcel_of_nothing_is_bad_input(carry: Juki, tmp_path: Path, words: Any, column: str):
    """What is missing is named."""
    code, said, _ = await carry(*words, "--to", str(tmp_path), "--json")

    assert (code, orjson.loads(said)["where"]) == (3, {"column": column})

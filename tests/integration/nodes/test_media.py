# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Provision in bulk by hand: a request, its answer and the receipt travel on media, and no line is ever used."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.agencies import CLERK, PENSION
from fixtures.ground import PENSIONS, TAX_OFFICE
from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.notices import code_of
from fixtures.provisions import vouch
from openjuki.carriage import media
from openjuki.errors import (
    BadInput,
    FileMissing,
    ForgedEnvelope,
    IntegrityFailure,
    MisaddressedEnvelope,
    NotWritable,
)
from openjuki.law.basis import Method
from openjuki.nodes.bulk import jobs as turns
from openjuki.nodes.fetching import BulkAsked, Fetching
from openjuki.nodes.media import sending, taking
from openjuki.residents.changes import Reason
from openjuki.store import offices, parcels
from openjuki.wire.bulk import KeyKind, Standing
from openjuki.wire.parcel import write_parcel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fixtures.offices import Country
    from openjuki.nodes.media.sending import Packed
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


@pytest.fixture
async def offline(country: Country) -> AsyncIterator[tuple[Node, Node]]:
    """Two live in 千代田区, one of them has died; the pension service and the Centre have no line to each other."""
    for _ in range(2):
        await country.enter(CHIYODA)
    await country.record(CHIYODA, Reason.DIED, resident_code=code_of(2))
    await country.settle(CHIYODA, TOKYO, CENTRE)
    vouch(country)
    agency = await country.node(PENSIONS)

    async def furnish(connection: Connection) -> None:
        at = country.clock()
        await offices.add_office(connection, offices.Office(id="desk", name="desk"), at)
        clerk = offices.Operator(id=CLERK.operator, office="desk", name="clerk", since=at)
        await offices.add_operator(connection, clerk)
        terminal = offices.Terminal(id=CLERK.terminal, office="desk", since=at)
        await offices.add_terminal(connection, terminal)
        await offices.grant_affair(connection, "desk", PENSION, at)

    await agency.read(furnish)
    centre = await country.node(CENTRE)
    yield agency, centre
    for node in (agency, centre):
        await node.bulk.close()


async def asked(agency: Node, home: Path) -> str:
    """A file of codes is prepared for a medium; its line."""
    file = home / "in.csv"
    file.write_text(f"resident_code\n{code_of(1)}\n{code_of(2)}\n{code_of(9)}\n", "utf-8")
    wanted = BulkAsked(
        by=CLERK,
        affair=PENSION,
        reason="現況の確認",
        kind=KeyKind.RESIDENT_CODE,
        name="in.csv",
        method=Method.MEDIA,
    )
    return (await Fetching(agency).submit(wanted, file)).request.id


async def answered(agency: Node, centre: Node, home: Path) -> tuple[str, Packed]:
    """A request that was carried to the Centre and answered there, and the parcel with the answer."""
    line = await asked(agency, home)
    await taking.take_in(centre, (await sending.request(agency, line, home)).folder)
    while await turns.answer_waiting(centre):
        pass
    return line, await sending.answer(centre, PENSIONS, line, home)


async def test_a_request_its_answer_and_its_receipt_go_by_hand(
    offline: tuple[Node, Node], country: Country, tmp_path: Path
):
    """What comes back is what the line would have brought, under a method of its own; at the end both know it arrived."""
    agency, centre = offline
    line, packed = await answered(agency, centre, tmp_path)

    taken = await taking.take_in(agency, packed.folder)
    delivered = await Fetching(agency).deliver(taken.outcome.request, tmp_path / "out.csv")
    receipt = await taking.take_in(centre, (await sending.receipt(agency, line, tmp_path)).folder)

    rows = delivered.file.read_text("utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ['"matched"', '"died"', '"none"']
    assert "渡邉　葵" in rows[1]
    assert taken.outcome.request.standing == Standing.DONE
    assert (receipt.outcome.receipted, receipt.outcome.standing) == (1, Standing.DONE)
    assert country.rows(CENTRE, "SELECT method, answered FROM provision_part") == [("media", 3)]
    handed = await agency.read(parcels.listed)
    assert {(one.direction, one.peer, one.number, one.what) for one in handed} == {
        ("out", CENTRE, 1, "request"),
        ("in", CENTRE, 1, "answer"),
        ("out", CENTRE, 2, "receipt"),
    }


async def test_a_parcel_has_a_slip_and_names_nobody(offline: tuple[Node, Node], tmp_path: Path):
    """Who hands it over and who receives it sign; neither slip nor files tell whom it is about."""
    agency, _ = offline
    packed = await sending.request(agency, await asked(agency, tmp_path), tmp_path)

    slip = (packed.folder / "hand-over-slip.txt").read_text("utf-8")
    page = (packed.folder / "hand-over-slip.html").read_text("utf-8")
    for shown in ("第1号", "一括提供の求め", packed.parcel.request, "引渡者", "keys-0000.bin"):
        assert shown in slip
        assert shown in page
    whole = b"".join(path.read_bytes() for path in packed.folder.iterdir())
    assert str(code_of(1)).encode() not in whole
    assert PENSION.encode() not in whole


async def test_the_same_parcel_twice_has_no_effect_again(offline: tuple[Node, Node], tmp_path: Path):
    """A medium that is read again, or packed again, is the same request; nothing is answered twice."""
    agency, centre = offline
    line = await asked(agency, tmp_path)
    first = await sending.request(agency, line, tmp_path)
    again = await sending.request(agency, line, tmp_path)

    before = await taking.take_in(centre, first.folder)
    twice = await taking.take_in(centre, first.folder)
    copy = await taking.take_in(centre, again.folder)

    assert (before.known, twice.known, copy.known) == (False, True, False)
    assert (twice.outcome.known, copy.outcome.known) == (True, True)
    assert (first.parcel.number, again.parcel.number) == (1, 2)


async def test_a_parcel_that_never_came_is_missed(offline: tuple[Node, Node], tmp_path: Path):
    """The second parcel arrives alone: its receiver asks where the first is."""
    agency, centre = offline
    line = await asked(agency, tmp_path)
    await sending.request(agency, line, tmp_path)
    second = await sending.request(agency, line, tmp_path)

    assert (await taking.take_in(centre, second.folder)).missing == [1]


async def test_a_parcel_for_another_node_is_not_opened(
    offline: tuple[Node, Node], country: Country, tmp_path: Path
):
    """Whoever it is not sealed to learns from whom to whom it goes, and puts it back."""
    agency, _ = offline
    packed = await sending.request(agency, await asked(agency, tmp_path), tmp_path)

    for stranger in (TOKYO, TAX_OFFICE, PENSIONS):
        with pytest.raises(MisaddressedEnvelope):
            await taking.take_in(await country.node(stranger), packed.folder)


async def test_what_is_not_as_it_was_signed_is_not_taken_in(offline: tuple[Node, Node], tmp_path: Path):
    """A bit that flipped, a file that is gone, a folder that is none."""
    agency, centre = offline
    packed = await sending.request(agency, await asked(agency, tmp_path), tmp_path)
    keys = packed.folder / "keys-0000.bin"
    whole = keys.read_bytes()

    keys.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(ForgedEnvelope):
        await taking.take_in(centre, packed.folder)
    keys.unlink()
    with pytest.raises(FileMissing):
        await taking.take_in(centre, packed.folder)
    with pytest.raises(FileMissing):
        await taking.take_in(centre, tmp_path)
    assert await centre.read(parcels.listed) == []


async def test_a_parcel_of_other_files_than_its_request_has_is_none(
    offline: tuple[Node, Node], tmp_path: Path
):
    """Signed for was a file of another name: the keys are missing, and that is said."""
    agency, centre = offline
    packed = await sending.request(agency, await asked(agency, tmp_path), tmp_path)
    (keys,) = packed.parcel.files
    (packed.folder / keys.name).rename(packed.folder / "answer-0000.bin")
    other = replace(packed.parcel, files=(keys._replace(name="answer-0000.bin"),))
    document = write_parcel(other, keys=agency.identity.keys, directory=agency.directory)
    (packed.folder / media.DOCUMENT).write_bytes(document)

    with pytest.raises(FileMissing) as caught:
        await taking.take_in(centre, packed.folder)
    assert caught.value.where.file == keys.name


async def test_an_answer_is_believed_only_as_signed(offline: tuple[Node, Node], tmp_path: Path):
    """Another answer under the signed digest never becomes a file."""
    agency, centre = offline
    _, packed = await answered(agency, centre, tmp_path)
    answer = packed.folder / "answer-0000.bin"
    answer.write_bytes(answer.read_bytes()[:-1] + b"\0")

    with pytest.raises(ForgedEnvelope):
        await taking.take_in(agency, packed.folder)


async def test_two_parcels_of_one_number_are_an_alarm(
    offline: tuple[Node, Node], country: Country, tmp_path: Path
):
    """A sender that was restored from a backup gives a number again: that is never taken in silence."""
    agency, centre = offline
    line = await asked(agency, tmp_path)
    first = await sending.request(agency, line, tmp_path)
    await taking.take_in(centre, first.folder)
    country.rows(PENSIONS, "DELETE FROM parcel")
    country.clock.advance(seconds=1)
    shutil.rmtree(first.folder)

    packed = await sending.request(agency, line, tmp_path)

    with pytest.raises(IntegrityFailure):
        await taking.take_in(centre, packed.folder)


async def test_numbers_that_never_came_are_told_however_far_a_sender_counts(
    offline: tuple[Node, Node], country: Country
):
    """The first twenty, at once: who numbers a parcel by two thousand millions keeps no provider busy for hours."""
    _, centre = offline

    async def missing(connection: Connection, number: int) -> list[int]:
        await connection.execute("SET LOCAL statement_timeout = '5s'")
        return await parcels.missing(connection, PENSIONS, number)

    async def came(connection: Connection) -> None:
        for number in (1, 2, 4, 23):
            digest = bytes(32)
            handed = parcels.Handed(
                parcels.IN, PENSIONS, number, "request", "0" * 32, digest, country.clock()
            )
            await parcels.add(connection, handed)

    await centre.transact(came)

    async def of(number: int) -> list[int]:
        return await centre.transact(lambda connection: missing(connection, number))

    assert await of(2**31 - 1) == [3, *range(5, 23), 24]
    assert await of(24) == [3, *range(5, 23)]
    assert (await of(4), await of(3), await of(1)) == ([3], [], [])


async def test_what_is_not_there_is_not_packed(offline: tuple[Node, Node], tmp_path: Path):
    """No such request, nothing to receipt, nothing answered yet, a medium that is full."""
    agency, centre = offline
    line = await asked(agency, tmp_path)

    with pytest.raises(BadInput):
        await sending.request(agency, "f" * 32, tmp_path)
    with pytest.raises(BadInput):
        await sending.receipt(agency, line, tmp_path)
    with pytest.raises(BadInput):
        await sending.answer(centre, PENSIONS, line, tmp_path)
    await taking.take_in(centre, (await sending.request(agency, line, tmp_path)).folder)
    with pytest.raises(BadInput):
        await sending.answer(centre, PENSIONS, line, tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable):
        await sending.request(agency, line, tmp_path / "file")

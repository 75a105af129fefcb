# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who received my data: every line, each with a proof that a stranger can verify, and nothing of anybody else."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY
from fixtures.parts import written
from openjuki.errors import IntegrityFailure
from openjuki.nodes import exchange
from openjuki.nodes.disclosure import Line, lines_about
from openjuki.nodes.provision import REGISTER_WORK
from openjuki.residents.changes import Reason
from openjuki.store import erasures, parts
from openjuki.store.database import queries
from openjuki.wire.directory import write_directory
from openjuki.wire.person_proof import PersonProof
from openjuki.wire.provided import person_digest
from openjuki.wire.provision import What
from openjuki.wire.provision_proof import ProvisionProof

if TYPE_CHECKING:
    from fixtures.disclosing import Informed

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def told(informed: Informed, *withheld: str) -> list[Line]:
    """What the Centre says was told about somebody."""
    find = partial(lines_about, informed.centre, person=informed.person(), withheld=withheld)
    return await informed.centre.read(lambda connection: find(connection=connection))


async def test_every_provision_is_a_line_with_a_proof(informed: Informed):
    """The newest first: to whom, for what, under which article, which items; each proven with public keys alone."""
    first = await informed.ask({"resident_code": str(informed.code)})
    second = await informed.ask({"name": "渡辺 葵", "birth_date": "1990-01-01"}, reason="転入届 2026-0013")
    await informed.sign()
    envelopes = {one.at: one.envelope for one in (first, second)}

    later, earlier = await told(informed)

    assert (earlier.asker, earlier.through, earlier.affair) == (CHIYODA, "130001", REGISTER_WORK)
    assert earlier.articles == first.answer.articles
    assert {"name", "address", "birth_date"} <= set(earlier.items)
    assert (earlier.keys, later.keys) == (("resident_code",), ("name", "birth_date"))
    assert later.at > earlier.at
    for line in (later, earlier):
        shown = ProvisionProof.from_json(orjson.dumps(line.proof)).verify(informed.keys())
        assert (shown.proven.leaf.kind, shown.proven.leaf.time) == ("provision.envelope", line.at)
        assert shown.envelope.carried == (CHIYODA, envelopes[line.at], "130001")


async def test_a_line_shows_nothing_of_what_else_was_asked_with_it(informed: Informed):
    """Of three questions of an envelope two are about somebody: each has its own proof, and hashes of the others."""
    code = {"resident_code": str(informed.code)}
    others = {"resident_code": str(code_of(77))}
    first, between, last = await informed.ask_together(code, others, code)
    await informed.sign()

    lines = await told(informed)

    shown = [ProvisionProof.from_json(orjson.dumps(line.proof)) for line in lines]
    assert [one.verify(informed.keys()).place for one in shown] == [0, 2]
    assert [one.payload for one in shown] == [first.row.payload, last.row.payload]
    for line in lines:
        (opened,) = [b64decode(line.proof["payload"])] if line.proof else []
        everything = orjson.dumps(line.proof) + opened + b64decode(line.proof["envelope"]["payload"])
        assert others["resident_code"].encode() not in everything
        assert between.answered.salt.hex().encode() not in everything


async def test_an_opened_row_can_be_shown_to_be_about_oneself(informed: Informed):
    """Whoever has the row, the salt and their own code can show that the row names them; nobody else can."""
    await informed.ask({"resident_code": str(informed.code)})
    await informed.sign()

    (line,) = await told(informed)

    assert line.proof is not None
    assert line.salt is not None
    said = orjson.loads(b64decode(line.proof["payload"]))
    assert said["persons"] == [person_digest(line.salt, informed.code)]
    assert said["told"]["items"] == list(line.items)


async def test_a_line_keeps_its_proof_whatever_became_of_the_rest(informed: Informed):
    """A question beside it was erased, a number was never given, the journal was begun anew: every proof holds."""
    country, code = informed.country, {"resident_code": str(informed.code)}
    await informed.ask_together(code, code, code)
    await informed.centre.transact(lambda book: erasures.erase_online(book, 1, 0))
    country.rows(CENTRE, "SELECT nextval(pg_get_serial_sequence('provision_envelope', 'id'))")
    await informed.sign()
    country.revise(replace(country.directory.node(CENTRE), journal=2))
    informed.centre.directory = country.directory
    informed.signing.signer.published.write_bytes(write_directory(country.directory, country.ground.root))
    await exchange.begin_journal(informed.centre)
    await informed.ask(code)
    await informed.sign()

    lines = await told(informed)

    shown = [ProvisionProof.from_json(orjson.dumps(line.proof)).verify(informed.keys()) for line in lines]
    assert [one.place for one in shown] == [0, 1, 2]
    assert {line.proof["envelope"]["origin"] for line in lines if line.proof} == {"openjuki/test/centre/2"}


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM provision WHERE place = 0",
        "DELETE FROM provision WHERE place = 2",
        "UPDATE provision SET commitment = sha256(commitment) WHERE place = 2",
        "UPDATE provision SET place = 3 WHERE place = 2",
        "UPDATE journal SET payload = '{}' WHERE kind = 'provision.envelope'",
    ],
    ids=["one before", "one after", "another leaf", "a gap", "what the journal says"],
)
async def test_no_proof_is_made_of_an_envelope_that_was_damaged(informed: Informed, damage: str):
    """What was signed cannot be shown any more; that is said, and nobody is handed a proof that shows nothing."""
    code = {"resident_code": str(informed.code)}
    await informed.ask_together(
        {"resident_code": str(code_of(77))}, code, {"resident_code": str(code_of(78))}
    )
    await informed.sign()
    informed.country.rows(CENTRE, damage)

    with pytest.raises(IntegrityFailure, match="juki log audit"):
        await told(informed)


async def test_two_that_turned_out_to_be_one_were_told_about_once(informed: Informed):
    """A question showed two candidates, and both are this person: one line, which is about nobody else."""
    other = await informed.country.enter(CHUO, **{**SOMEBODY, "block": "2番地"})
    await informed.country.settle(CHUO, "130001", "centre")
    both = await informed.ask({"name": "渡辺 葵", "birth_date": "1990-01-01"})
    await informed.sign()
    assert both.answer.count == 2

    known, same = informed.person(), informed.person(str(other))
    unite = queries("records")["unite_provisions"]
    await informed.centre.read(lambda book: book.execute(unite, {"others": [same], "known": [known]}))

    (line,) = await told(informed)
    assert line.proof is not None
    assert line.salt is not None
    said = orjson.loads(b64decode(line.proof["payload"]))
    assert said["persons"][0] == person_digest(line.salt, informed.code)


async def test_a_row_about_several_people_stays_closed(informed: Informed):
    """A namesake's line shows that the row is there, and not by what it was found nor how many it was about."""
    await informed.country.enter(CHUO, **{**SOMEBODY, "block": "2番地"})
    await informed.country.settle(CHUO, "130001", "centre")
    await informed.ask({"name": "渡辺 葵", "birth_date": "1990-01-01"})
    await informed.sign()

    (line,) = await told(informed)

    assert line.proof is not None
    assert "payload" not in line.proof
    assert line.salt is None


async def test_what_an_applicant_wrote_stays_closed(informed: Informed):
    """A claim may hold somebody else's address."""
    written = {"name": "渡辺 葵", "birth_date": "1990-01-01", "address": "他人町1", "verify": ["address"]}
    await informed.ask(written, what=What.VERIFY)
    await informed.sign()

    (line,) = await told(informed)

    assert line.proof is not None
    assert "payload" not in line.proof


@pytest.mark.parametrize("withheld", [REGISTER_WORK, CHIYODA], ids=["by its affair", "by its recipient"])
async def test_what_may_not_be_confirmed_is_as_if_it_were_not(informed: Informed, withheld: str):
    """Nothing in what is told changes when such a provision is made."""
    await informed.sign()
    before = [line.to_dict() for line in await told(informed, withheld)]
    await informed.ask({"resident_code": str(informed.code)})
    await informed.sign()

    assert [line.to_dict() for line in await told(informed, withheld)] == before == []
    assert len(await told(informed)) == 1


async def test_what_was_told_under_an_earlier_code_is_told_too(informed: Informed):
    """A changed code hides nothing of its bearer."""
    await informed.ask({"resident_code": str(informed.code)})
    new = code_of(50)
    change = {"resident_code": informed.code, "new_resident_code": new}
    await informed.country.record(CHUO, Reason.CODE_CHANGED_ON_REQUEST, **change)
    await informed.country.settle(CHUO, "130001", "centre")
    await informed.ask({"resident_code": str(new)})
    await informed.ask({"resident_code": str(informed.code)})
    await informed.sign()

    assert [line.result for line in await told(informed)] == ["superseded", "matched", "matched"]


async def in_bulk(informed: Informed, *codes: int, **other: Any) -> None:
    """A part of a bulk provision about these."""
    informed.country.clock.advance(seconds=1)
    part = written(codes, at=informed.country.clock(), **other)
    await informed.centre.transact(lambda book: parts.keep(book, part))


async def test_a_bulk_provision_is_a_line_with_its_own_proof(informed: Informed):
    """Among a million others it is one line, and its proof names nobody beside it."""
    await informed.ask({"resident_code": str(informed.code)})
    others = [code_of(person) for person in range(60, 70)]
    await in_bulk(informed, int(informed.code), *map(int, others))
    await informed.sign()

    bulk, online = await told(informed)

    assert (bulk.method, bulk.asker, bulk.affair, bulk.through) == (
        "bulk",
        "agency-nenkin",
        "state-115",
        None,
    )
    assert (bulk.items, bulk.articles) == (("address", "name"), ("法30条の9",))
    assert online.asker == CHIYODA
    proof = PersonProof.from_json(orjson.dumps(bulk.proof))
    assert proof.verify(informed.keys()).row.code == informed.code
    assert not [code for code in others if code.encode() in proof.to_json()]


async def test_a_bulk_provision_that_may_not_be_confirmed_is_as_if_it_were_not(informed: Informed):
    """Neither by its affair nor by its recipient."""
    await in_bulk(informed, int(informed.code))
    await informed.sign()

    assert await told(informed, "state-115") == await told(informed, "agency-nenkin") == []
    assert len(await told(informed)) == 1


async def test_a_part_that_is_not_signed_yet_delays_no_other_proof(informed: Informed):
    """The one that was recorded a moment ago is a line already."""
    await in_bulk(informed, int(informed.code), request="1" * 32)
    await informed.sign()
    await in_bulk(informed, int(informed.code), request="2" * 32)
    await informed.country.sequence("centre")

    assert [line.proof is not None for line in await told(informed)] == [False, True]


async def test_a_line_waits_for_its_proof_only_until_it_is_signed(informed: Informed):
    """What was told a moment ago is a line already."""
    await informed.sign()
    await informed.ask({"resident_code": str(informed.code)})

    assert [line.proof for line in await told(informed)] == [None]
    await informed.country.sequence("centre")
    assert [line.proof for line in await told(informed)] == [None]
    await informed.sign()
    assert None not in [line.proof for line in await told(informed)]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What happens after an answer: its provider hears that it has arrived, and its asker sees that the promise was kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson
import pytest
import pytest_asyncio

from fixtures.agencies import PENSION, asked, furnished
from fixtures.ground import PENSIONS
from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.notices import code_of
from fixtures.offices import request
from openjuki.errors import (
    BadEnvelope,
    IntegrityFailure,
    LogNotSigned,
    MisaddressedEnvelope,
    PeerError,
    PeerUnavailable,
)
from openjuki.nodes import proving, receipts, witness
from openjuki.nodes.asking import Asking
from openjuki.store import receipts as provided
from openjuki.wire import proving as shown
from openjuki.wire.promise import Promises
from openjuki.wire.receipt import MOST_RECEIPTED, Receipt, read_receipt

if TYPE_CHECKING:
    from fixtures.offices import Country
    from fixtures.signers import Signers, Signing
    from openjuki.nodes.node import Node

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


@pytest_asyncio.fixture
async def signing(country: Country, signers: Signers) -> Signing:
    """The Centre's signer; the Centre is on the line, and its journal signed and confirmed."""
    own = await signers(CENTRE)
    await country.connected(TOKYO)
    centre = await country.connected(CENTRE)
    await own.write(1)
    await witness.ask_witnesses(centre)
    await own.turn()
    await witness.ask_witnesses(centre)
    return own


@pytest_asyncio.fixture
async def agency(country: Country, signing: Signing) -> Node:  # noqa: ARG001 - the provider has to be there
    """An agency that has asked three times and was answered; one of its envelopes had two questions."""
    node = await furnished(country, PENSIONS, PENSION)
    asking = Asking(node)
    for questions in ([1], [2], [3, 4]):
        codes = [{"resident_code": str(code_of(one))} for one in questions]
        await asking.ask(asked(PENSION, *codes))
    return node


def outstanding(country: Country) -> list[tuple[Any, ...]]:
    """Envelopes that the Centre knows nothing more of."""
    query = (
        "SELECT asker, questions FROM provision_envelope WHERE receipted_at IS NULL ORDER BY at, questions"
    )
    return country.rows(CENTRE, query)


def unproved(country: Country) -> int:
    """How many promises the agency has not seen kept."""
    return country.rows(PENSIONS, "SELECT count(*) FROM ledger_envelope WHERE proved_at IS NULL")[0][0]


def cut_off(node: Node) -> None:
    """Nobody answers the node any more."""

    class Away:
        async def deliver(self, to: str, *_: Any) -> bytes:
            raise PeerUnavailable(to)

    node.transport = cast("Any", Away())


# Receipts


async def test_what_has_arrived_is_receipted_once(country: Country, agency: Node):
    """One signed list names every envelope that is in the ledger; the provider journals it as it came."""
    assert outstanding(country) == [(PENSIONS, 1), (PENSIONS, 1), (PENSIONS, 2)]

    await receipts.send(agency)
    await receipts.send(agency)

    assert outstanding(country) == []
    (kept,) = country.journal(CENTRE, "provision.receipted")
    assert kept is not None
    receipt = read_receipt(kept, directory=country.directory, at=country.clock())
    ids = [
        one for (one,) in country.rows(PENSIONS, "SELECT id FROM ledger_envelope ORDER BY received_at, id")
    ]
    assert (receipt.asker, receipt.provider, sorted(receipt.envelopes)) == (PENSIONS, CENTRE, sorted(ids))
    assert country.rows(PENSIONS, "SELECT id FROM ledger_envelope WHERE receipted_at IS NULL") == []


async def test_a_receipt_that_was_lost_is_sent_again(country: Country, agency: Node):
    """The provider has it already, and nothing is written twice."""
    await receipts.send(agency)
    country.rows(PENSIONS, "UPDATE ledger_envelope SET receipted_at = NULL")

    await receipts.send(agency)

    assert len(country.journal(CENTRE, "provision.receipted")) == 1
    assert country.rows(PENSIONS, "SELECT id FROM ledger_envelope WHERE receipted_at IS NULL") == []
    assert await country.alarms(PENSIONS) == []


async def test_an_answer_that_never_arrived_stays_outstanding(country: Country, agency: Node):
    """What the provider has recorded and nobody has receipted is listed, until somebody has."""
    country.rows(PENSIONS, "DELETE FROM ledger_envelope")

    await receipts.send(agency)

    assert len(outstanding(country)) == 3
    centre = await country.node(CENTRE)
    tomorrow = country.clock() + timedelta(days=1)
    (found,) = await centre.read(lambda connection: provided.outstanding(connection, CENTRE, tomorrow))
    assert (found.asker, found.envelopes, found.questions, len(found.ids)) == (PENSIONS, 3, 4, 3)


async def test_a_provider_that_is_away_is_told_later(country: Country, agency: Node):
    """Nothing is lost, and nobody is alarmed."""
    cut_off(agency)

    assert await receipts.send(agency) is False

    assert country.rows(PENSIONS, "SELECT count(*) FROM ledger_envelope WHERE receipted_at IS NULL") == [(3,)]
    assert await country.alarms(PENSIONS) == []


async def test_a_provider_that_has_forgotten_is_an_alarm(country: Country, agency: Node):
    """It promised, and does not know the envelope any more: its book was restored, or rewritten."""
    country.rows(CENTRE, "DELETE FROM provision_envelope WHERE questions = 2")

    await receipts.send(agency)

    ((kind, detail),) = await country.alarms(PENSIONS)
    assert (kind, detail["provider"], detail["code"]) == ("promise-broken", CENTRE, IntegrityFailure.code)
    assert country.rows(PENSIONS, "SELECT id FROM ledger_envelope WHERE receipted_at IS NULL") == []


@pytest.mark.parametrize(
    ("other", "error"),
    [
        pytest.param({"asker": CHIYODA}, "JK-PEER", id="in somebody else's name"),
        pytest.param({"provider": TOKYO}, MisaddressedEnvelope.code, id="for another provider"),
        pytest.param({"envelopes": ()}, BadEnvelope.code, id="of nothing"),
        pytest.param({"envelopes": ("x",)}, BadEnvelope.code, id="of what is no id"),
        pytest.param({"network": "another"}, BadEnvelope.code, id="of another network"),
        pytest.param(
            {"envelopes": tuple(f"{n:032x}" for n in range(MOST_RECEIPTED + 1))},
            BadEnvelope.code,
            id="of too many",
        ),
    ],
)
async def test_a_receipt_that_breaks_a_rule_changes_nothing(
    country: Country, agency: Node, other: Any, error: str
):
    """Nobody receipts for another."""
    (first, *_) = [one for (one,) in country.rows(PENSIONS, "SELECT id FROM ledger_envelope")]
    receipt = Receipt(
        network=country.directory.network,
        asker=PENSIONS,
        provider=CENTRE,
        time=country.clock(),
        envelopes=(first,),
    )
    message = request(PENSIONS, CENTRE, "receipt", replace(receipt, **other).sign(agency.identity.keys))
    centre = await country.node(CENTRE)

    with pytest.raises(PeerError) as caught:
        await centre.transact(lambda connection: receipts.take(centre, connection, message))

    assert caught.value.code.startswith(error)
    assert len(outstanding(country)) == 3


# Promises


async def settled(country: Country, signing: Signing) -> None:
    """The provider's journal is sequenced and signed, and some time goes by."""
    await country.sequence(CENTRE)
    await signing.turn()
    country.clock.advance(seconds=10)


async def test_a_promise_is_seen_kept(country: Country, agency: Node, signing: Signing):
    """The row of each envelope stands under the provider's signed checkpoint."""
    await settled(country, signing)

    await proving.check(agency)

    assert unproved(country) == 0
    assert await country.alarms(PENSIONS) == []


@pytest.mark.usefixtures("agency")
async def test_a_witness_confirms_what_is_shown(country: Country, signing: Signing):
    """Where a witness has confirmed a checkpoint that has the row, the proof is under that one."""
    await settled(country, signing)
    centre = await country.node(CENTRE)
    await witness.ask_witnesses(centre)
    await signing.write(3)
    await signing.turn()
    rows = "SELECT recorded_at, leaf FROM journal WHERE kind = 'provision.envelope' ORDER BY index"
    (time, leaf), *_ = country.rows(CENTRE, rows)
    commitment = bytes.fromhex(orjson.loads(leaf)["commitment"])
    wanted = shown.write_wanted([shown.Wanted(time, commitment), shown.Wanted(time, bytes(32))])

    answer = await centre.read(
        lambda connection: proving.prove(centre, connection, request(PENSIONS, CENTRE, "prove", wanted))
    )

    told = shown.ShownRows.from_bytes(answer)
    first, nothing = told.rows
    assert (first and first.leaf, nothing) == (leaf, None)
    assert told.checkpoint is not None
    assert f"/{TOKYO} " in told.checkpoint.decode()


async def test_a_row_that_is_not_signed_yet_is_waited_for(country: Country, agency: Node, signing: Signing):
    """A signer that rests for a while breaks nothing; one that rests for an hour is somebody's to look at."""
    await country.sequence(CENTRE)
    country.clock.advance(minutes=5)
    await proving.check(agency)
    assert (unproved(country), await country.alarms(PENSIONS)) == (3, [])

    country.clock.advance(minutes=60)
    await proving.check(agency)

    assert {detail["code"] for _, detail in await country.alarms(PENSIONS)} == {LogNotSigned.code}
    assert signing is not None


async def test_a_row_that_never_came_breaks_the_promise(country: Country, agency: Node, signing: Signing):
    """Within its time nobody is alarmed; afterwards everybody who holds the promise can show it."""
    country.rows(CENTRE, "DELETE FROM journal_pending WHERE kind = 'provision.envelope'")
    await settled(country, signing)
    await proving.check(agency)
    assert await country.alarms(PENSIONS) == []

    country.clock.advance(minutes=2)
    await proving.check(agency)
    await proving.check(agency)

    told = await country.alarms(PENSIONS)
    assert {(kind, detail["provider"], detail["code"]) for kind, detail in told} == {
        ("promise-broken", CENTRE, IntegrityFailure.code)
    }
    assert (len(told), unproved(country)) == (3, 3)


@pytest.mark.parametrize(
    "time",
    [
        pytest.param("2027-11-21T12:00:00+09:00", id="in a year"),
        pytest.param("9999-12-31T23:59:59+09:00", id="as late as can be said"),
    ],
)
async def test_a_promise_from_the_future_breaks_where_nothing_is_shown(
    country: Country, agency: Node, signing: Signing, time: str
):
    """It would be due when nobody asks any more: two clocks do not differ by so much."""
    await settled(country, signing)
    rows = (("provision.envelope", bytes(32)),)
    promises = Promises(origin=country.directory.origin(CENTRE), time=datetime.fromisoformat(time), rows=rows)
    signed = promises.sign((await country.node(CENTRE)).identity.keys)
    country.rows(PENSIONS, "UPDATE ledger_envelope SET promise = %s", signed)

    await proving.check(agency)

    told = await country.alarms(PENSIONS)
    assert {(kind, detail["code"]) for kind, detail in told} == {("promise-broken", IntegrityFailure.code)}
    assert (len(told), unproved(country)) == (3, 3)


async def test_a_row_of_other_content_breaks_the_promise(country: Country, agency: Node, signing: Signing):
    """Rows that the provider has rewritten are not what it promised, and not what was signed."""
    await settled(country, signing)
    leaf = "replace(convert_from(leaf, 'UTF8'), '.envelope', '.parcel')::bytea"
    country.rows(CENTRE, f"UPDATE journal SET leaf = {leaf} WHERE kind = 'provision.envelope'")

    await proving.check(agency)

    told = await country.alarms(PENSIONS)
    assert {(kind, detail["code"]) for kind, detail in told} == {("promise-broken", IntegrityFailure.code)}
    assert (len(told), unproved(country)) == (3, 3)


async def test_a_provider_that_does_not_answer_breaks_nothing(
    country: Country, agency: Node, signing: Signing
):
    """It is only away."""
    await settled(country, signing)
    country.clock.advance(hours=2)
    cut_off(agency)

    await proving.check(agency)

    assert (unproved(country), await country.alarms(PENSIONS)) == (3, [])

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a change makes a municipality write to others (市町村間の通知), sealed, by way of the Centre.

Who is leaving is certified to the destination (法24条の2第4項), again where the plan has changed, or what is recorded
of them; who has moved in is told to the municipality that was left (法9条1項).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.carriage.letters import CertificateOfMovingOut, MoveInNotice, write_letter
from openjuki.errors import Refused, RevokedNode, UnlistedNode
from openjuki.refusal import Refusal
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.persons import city_of
from openjuki.residents.transitions import State
from openjuki.wire import relay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.carriage.letters import Letter
    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.nodes.node import Office
    from openjuki.residents.history import History

FOREIGN_LETTER = Refusal(
    code="JK-COUNTER-0005",
    rule="foreign-letter",
    article="法9条1項・24条の2",
    message_ja="差出人の市区町村の住民についての通知ではありません。",
    message_en="A municipality writes of its own residents only.",
)

_CERTIFIED = (Reason.MOVED_OUT, MunicipalReason.MOVE_OUT_REDIRECTED)


def check_writer(sender: str, letter: Letter) -> None:
    """Whose resident somebody is, or was, says that municipality and no other.

    Raises:
        Refused: the letter speaks for another municipality.
    """
    address = letter.record.address if isinstance(letter, CertificateOfMovingOut) else letter
    if city_of(address.municipality) != sender:
        raise Refused(FOREIGN_LETTER)


def sealed_letters(office: Office, history: History) -> Iterator[bytes]:
    """The relayed messages that the last change of a history calls for."""
    change = history.rows[-1].change
    if _is_certified(history):
        destinations = [row.change.destination for row in history.stay if row.change.destination]
        if destinations:
            yield from _sealed(office, destinations[-1].municipality, _certificate(history))
    if change.reason is Reason.MOVED_IN and change.predecessor is not None:
        letter = MoveInNotice(
            resident_code=change.record.resident_code,
            stay=change.predecessor.stay,
            municipality=change.record.address.municipality,
            address=change.record.address.text,
            moved_in_on=change.date_of_change,
        )
        yield from _sealed(office, change.predecessor.municipality, letter)


def _is_certified(history: History) -> bool:
    """Whether the destination must know: of the plan, or of what has changed while it stands."""
    last = history.rows[-1]
    if last.state is not State.MOVE_OUT_PLANNED:
        return False
    return last.change.reason in _CERTIFIED or last.record != history.rows[-2].record


def _certificate(history: History) -> CertificateOfMovingOut:
    row, planned_on = history.rows[-1], history.deleted_on
    assert planned_on is not None  # it is planned
    borne = {one.record.resident_code for one in history.stay if one.state is State.MOVE_OUT_PLANNED}
    return CertificateOfMovingOut(
        stay=row.stay,
        next_stay=history.next_stay,
        planned_on=planned_on,
        record=row.record,
        replaced_codes=tuple(sorted(borne - {row.record.resident_code})),
    )


def _sealed(office: Office, to: LocalGovernmentCode | None, letter: Letter) -> Iterator[bytes]:
    """A letter to a municipality of the network; any other is written to on paper."""
    if to is None or city_of(to) == office.id:
        return
    message = relay.Relay(
        sender=office.id,
        recipient=str(city_of(to)),
        id=office.entropy(16).hex(),
        issued=office.clock(),
        body=write_letter(letter),
    )
    try:
        yield relay.write_relay(message, keys=office.identity.keys, directory=office.directory)
    except (UnlistedNode, RevokedNode):
        return

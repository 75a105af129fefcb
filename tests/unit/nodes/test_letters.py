# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which changes call for a letter to another municipality, and which do not."""

from __future__ import annotations

import random
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.lives import CODE, OTHER_CODE, change, coming_from, going_to, lived, moved, record
from fixtures.network import CHIYODA, CHUO, NOON
from openjuki.carriage.letters import (
    UNNUMBERED,
    CertificateOfMovingOut,
    MoveInNotice,
    read_letter,
    write_letter,
)
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes.letters import sealed_letters
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.names import PersonName
from openjuki.wire.relay import read_relay

if TYPE_CHECKING:
    from openjuki.carriage.letters import Letter
    from openjuki.pki.keys import NodeKeys
    from openjuki.residents.history import History
    from openjuki.wire.directory import Directory

ENTERED = change(Reason.ENTERED_EX_OFFICIO, "2026-01-10")
TO_CHUO = change(
    Reason.MOVED_OUT, "2026-04-01", destination=going_to(LocalGovernmentCode(CHUO), "築地一丁目1番1号")
)
ARRIVED = change(Reason.MOVED_IN, "2026-01-10", predecessor=coming_from(LocalGovernmentCode(CHUO), 3), stay=4)


def written(history: History, keys: dict[str, NodeKeys], directory: Directory) -> list[tuple[str, Letter]]:
    """What Chiyoda writes after the last change of a history, as Chuo reads it."""
    office = SimpleNamespace(
        id=CHIYODA,
        entropy=random.Random(0).randbytes,
        clock=lambda: NOON,
        identity=SimpleNamespace(keys=keys[CHIYODA]),
        directory=directory,
    )
    relayed = [
        read_relay(raw, keys=keys[CHUO], directory=directory) for raw in sealed_letters(office, history)
    ]
    return [(one.sender, read_letter(one.body)) for one in relayed]


def test_who_leaves_is_certified_to_the_destination(keys, directory):
    """The certificate tells the stay that ends, the next one, the planned day and the record, but no 宛名番号."""
    ((sender, letter),) = written(lived(ENTERED, TO_CHUO), keys, directory)

    assert sender == CHIYODA
    assert isinstance(letter, CertificateOfMovingOut)
    assert (letter.stay, letter.next_stay) == (1, 2)
    assert letter.planned_on == TO_CHUO.date_of_change
    assert letter.record == record(resident_number=UNNUMBERED)
    assert b"resident_number" not in write_letter(replace(letter, record=record()))


RENAMED = PersonName("山田　太郎", furigana="ヤマダ　タロウ", former_surname="佐藤")
CORRECTED = change(Reason.CORRECTED_EX_OFFICIO, "2026-03-20", recorded="2026-04-01", name=RENAMED)
NEW_CODE = change(
    Reason.CODE_CHANGED_ON_REQUEST, "2026-03-20", recorded="2026-04-01", resident_code=OTHER_CODE
)


def test_who_is_leaving_is_certified_again_when_the_record_changes(keys, directory):
    """The destination enters what is so by then, on the day that was planned, whatever day the change was made on."""
    ((_, letter),) = written(lived(ENTERED, TO_CHUO, CORRECTED), keys, directory)

    assert isinstance(letter, CertificateOfMovingOut)
    assert letter.planned_on == TO_CHUO.date_of_change
    assert letter.record == record(name=RENAMED, resident_number=UNNUMBERED)
    assert letter.replaced_codes == ()


def test_a_certificate_names_the_codes_that_were_replaced_since_the_move_was_planned(keys, directory):
    """What the person shows at the destination may still say the old one."""
    ((_, letter),) = written(lived(ENTERED, TO_CHUO, NEW_CODE), keys, directory)

    assert isinstance(letter, CertificateOfMovingOut)
    assert letter.record.resident_code == OTHER_CODE
    assert letter.replaced_codes == (CODE,)
    planned_after = lived(ENTERED, NEW_CODE, moved(TO_CHUO, resident_code=OTHER_CODE))
    ((_, before),) = written(planned_after, keys, directory)
    assert isinstance(before, CertificateOfMovingOut)
    assert before.replaced_codes == ()


def test_a_certificate_of_before_replaced_codes_is_read(keys, directory):
    """Whoever writes without them says that none was replaced."""
    ((_, letter),) = written(lived(ENTERED, TO_CHUO), keys, directory)
    told = orjson.loads(write_letter(letter))
    del told["replaced_resident_codes"]

    assert read_letter(orjson.dumps(told)) == letter


def test_who_arrives_is_told_to_the_town_that_was_left(keys, directory):
    """The notice tells under which code, which stay ended, where the person lives now and since when."""
    ((sender, letter),) = written(lived(ARRIVED), keys, directory)

    assert sender == CHIYODA
    assert isinstance(letter, MoveInNotice)
    assert (letter.stay, letter.municipality, letter.address) == (3, CHIYODA, "一番町1番地")
    assert letter.moved_in_on == ARRIVED.date_of_change


SILENT = [
    pytest.param((ENTERED,), id="an entry from nowhere"),
    pytest.param((ENTERED, change(Reason.MOVED_WITHIN, "2026-02-01", town="二番町")), id="a move within"),
    pytest.param((ENTERED, change(Reason.MOVED_OUT, "2026-04-01")), id="a departure to nobody knows where"),
    pytest.param((ENTERED, change(Reason.MOVED_ABROAD, "2026-04-01")), id="a departure abroad"),
    pytest.param(
        (ENTERED, TO_CHUO, change(Reason.DIED, "2026-03-01", recorded="2026-04-02")),
        id="a death before the departure",
    ),
    pytest.param(
        (ENTERED, TO_CHUO, change(MunicipalReason.ENTRY_BY_CANCELLATION, "2026-04-02")),
        id="a departure that was cancelled",
    ),
]


@pytest.mark.parametrize("changes", SILENT)
def test_other_changes_call_for_no_letter(keys, directory, changes):
    """Nobody else is told."""
    assert written(lived(*changes), keys, directory) == []

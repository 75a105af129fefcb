# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which changes call for a letter to another municipality, and which do not."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from fixtures.lives import change, coming_from, going_to, lived, record
from fixtures.network import CHIYODA, CHUO, NOON
from openjuki.carriage.letters import CertificateOfMovingOut, MoveInNotice, read_letter
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes.letters import sealed_letters
from openjuki.residents.changes import MunicipalReason, Reason
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
    """The certificate tells the stay that ends, the next one, the planned day and the whole record."""
    ((sender, letter),) = written(lived(ENTERED, TO_CHUO), keys, directory)

    assert sender == CHIYODA
    assert isinstance(letter, CertificateOfMovingOut)
    assert (letter.stay, letter.next_stay) == (1, 2)
    assert letter.planned_on == TO_CHUO.date_of_change
    assert letter.record == record()


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

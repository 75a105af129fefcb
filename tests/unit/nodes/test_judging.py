# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the law says to many questions: each kind of them is decided once, and nothing that matters is passed over."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from openjuki.config import JST, Kind
from openjuki.law import refusals
from openjuki.law.basis import Method
from openjuki.law.book import Book
from openjuki.law.decision import Grant
from openjuki.nodes import judging
from openjuki.nodes.judging import Bench
from openjuki.wire.directory import Directory, Node
from openjuki.wire.provision import Ask, What

AT = datetime(2026, 11, 22, 12, tzinfo=JST)
PENSIONS, CENTRE = "agency-nenkin", "centre"
NUMBER = ("individual_number",)
ASK = Ask(
    affair="state-115",
    office="records",
    operator="system:a",
    terminal="system:a",
    reason="案件1",
    method=Method.ONLINE,
    what=What.ASK,
    history=False,
    holds=True,
    questions=(),
)


@pytest.fixture
def bench() -> Bench:
    nodes = [
        Node(id=name, kind=kind, name=name, signing=(), sealing=())
        for name, kind in ((CENTRE, Kind.CENTRE), (PENSIONS, Kind.AGENCY))
    ]
    directory = Directory.of("test", nodes, issued=AT, expires=AT)
    office: Any = SimpleNamespace(id=CENTRE, directory=directory)
    return Bench(office, Book.load(), AT)


def test_equal_questions_are_decided_once(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """Who asks within the office, and by which words for the reason, changes nothing in the law."""
    decided = []

    def decide(*of: Any) -> Any:
        decided.append(of)
        return judging_decide(*of)

    judging_decide = judging.decide
    monkeypatch.setattr(judging, "decide", decide)
    others = (ASK, ASK._replace(operator="b", terminal="b"), ASK._replace(reason="案件2"))

    found = [bench.decide(PENSIONS, None, ask, NUMBER) for ask in others]

    assert all(isinstance(one, Grant) for one in found)
    assert len(decided) == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({"affair": "state-0"}, refusals.UNKNOWN_AFFAIR, id="another affair"),
        pytest.param(
            {"holds": False}, refusals.AFFAIR_NOT_HELD, id="an affair that the office does not hold"
        ),
        pytest.param({"operator": ""}, refusals.NOBODY_ASKS, id="nobody"),
        pytest.param({"terminal": ""}, refusals.NOBODY_ASKS, id="from nowhere"),
        pytest.param({"reason": " "}, refusals.NO_REASON, id="for no reason"),
    ],
)
def test_what_matters_is_decided_anew(bench: Bench, change: Any, refusal: Any):
    """After a question that is granted, one that differs where the law looks is decided by itself."""
    assert isinstance(bench.decide(PENSIONS, None, ASK, NUMBER), Grant)

    assert bench.decide(PENSIONS, None, ASK._replace(**change), NUMBER) == refusal


def test_keys_and_verified_items_are_decided_anew(bench: Bench):
    """By a name alone nobody is told; what may not be told may not be verified either."""
    assert isinstance(bench.decide(PENSIONS, None, ASK, NUMBER), Grant)

    assert bench.decide(PENSIONS, None, ASK, ("name",)) == refusals.KEYS_TOO_WIDE
    assert bench.decide(PENSIONS, None, ASK, NUMBER, ("resident_code",)) == refusals.ITEM_NOT_OPEN

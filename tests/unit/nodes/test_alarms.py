# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Alarms speak to people: every kind that is raised has its words in two languages."""

from __future__ import annotations

import re
from pathlib import Path

import openjuki
from openjuki.nodes import compacting, receipts, statutes
from openjuki.nodes.alarms import SAID
from openjuki.residents.persons import AlarmKind

SOURCES = Path(openjuki.__file__).parent
_RAISED = re.compile(r"(?:raise_once|settle_about)\(\s*\w+,\s*\"([\w-]+)\"|\[\(\"([\w-]+)\", _detail")


def test_every_alarm_has_its_words():
    """Whoever looks after a node reads what is wrong, and no name of ours."""
    literal = {
        first or second
        for path in SOURCES.rglob("*.py")
        for first, second in _RAISED.findall(path.read_text(encoding="utf-8"))
    }
    named = {compacting.DAMAGED, receipts.BROKEN, statutes.UNREADABLE}

    assert literal >= {"link-stopped", "journal-damaged", "code-stock-low"}
    assert literal | named | set(AlarmKind) == set(SAID)

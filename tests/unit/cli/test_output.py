# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a user sees: nothing is cut off, nothing is taken for a sign of the screen's."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from openjuki.cli import log_status, output
from openjuki.nodes.journal_status import JournalStatus, Seen
from openjuki.wire.merkle import Tree


@pytest.fixture
def narrow(monkeypatch):
    """A screen of 40 columns."""
    screen = Console(file=StringIO(), width=40, highlight=False)
    monkeypatch.setattr(output, "result", screen)
    return screen.file


def test_an_id_that_is_copied_stays_whole(narrow):
    """An id stays in one line, and what no longer fits beside it goes on below."""
    table = Table("id", "name")
    table.add_row("01a2060b966c6ef5b0ef956a1b7a", "通知都道府県の区域内の市町村")

    output.show(table, ids=0)

    shown = narrow.getvalue()
    assert "01a2060b966c6ef5b0ef956a1b7a" in shown
    assert "…" not in shown
    assert all(character in shown for character in "通知都道府県の区域内の市町村")


def test_a_sentence_stays_one_line(narrow):
    """A sentence longer than the screen is wide is one line for whatever reads it."""
    output.say("一" * 60)

    assert narrow.getvalue() == "一" * 60 + "\n"


@pytest.mark.parametrize("name", ["[/]", "[red]課[/red]", "[/nobody]"])
def test_brackets_in_a_name_are_brackets(narrow, name):
    """A name that looks like the screen's own signs is shown as it was entered."""
    table = Table("name")
    table.add_row(name)

    output.say(name)
    output.show(table)

    assert narrow.getvalue().count(name) == 2


def test_where_there_is_nothing_a_sentence_says_so(narrow):
    """An empty table is a sentence."""
    output.show(Table("id"), none="ありません。 None.")

    assert narrow.getvalue() == "ありません。 None.\n"


def test_who_has_seen_more_of_a_journal_is_marked(narrow):
    """A mark is a colour, and no word between brackets."""
    seen = Seen(who="130001", role="witness", size=8)
    status = JournalStatus(
        node="131016", journal=1, begun=True, tree=Tree.EMPTY, seen=[seen], sent=[], taken=[], stopped=[]
    )

    log_status._show(status)

    shown = narrow.getvalue()
    assert ("8 ≠" in shown, "● " in shown, "[" in shown) == (True, True, False)


def test_no_word_is_broken_where_japanese_can_be(narrow):
    """A time and a kind stay whole beside a name that is read on below, and headings go on two lines."""
    table = Table("種別 Kind", "名称 Name", "発行 Since")
    table.add_row("municipality", "西伊豆町西伊豆町", "2026-11-23")

    output.show(table)

    lines = narrow.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= 40
    assert [line for line in lines if "municipality" in line and "2026-11-23" in line]
    assert not [line for line in lines if "種別 Kind" in line]


def test_a_table_that_no_width_fits_becomes_a_list(narrow):
    """Where words would be broken, each row is a list of what stands under which heading, its id first."""
    table = Table("照会 Request", "事務 Affair", "操作者 By", title="agency-nenkin")
    table.add_row("2026-11-23\n01a2060b966c6ef5b0ef956a1b7a", "state-115", "system:kounen-sys")
    table.add_row("01a2060b966c6ef5b0ef956a1b7b", "", "[red]")

    output.show(table, ids=0)

    assert narrow.getvalue().splitlines() == [
        "agency-nenkin",
        "2026-11-23  01a2060b966c6ef5b0ef956a1b7a",
        "  事務 Affair: state-115",
        "  操作者 By: system:kounen-sys",
        "01a2060b966c6ef5b0ef956a1b7b",
        "  操作者 By: [red]",
    ]

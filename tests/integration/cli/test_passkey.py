# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki office operator passkey`` as an administrator meets it: a code that is shown once, and withdrawing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.ground import Ground

    type Juki = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.postgres

PASSKEY = ("office", "operator", "passkey", "--node", CHIYODA)


def test_a_code_is_shown_once(juki: Juki, division: Ground):
    """On standard output alone; the book has its digest."""
    code, out, told = juki(*PASSKEY, "--terminal", "jumin-t1", "jumin-1")

    assert code == 0
    (shown,) = re.findall(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}", out)
    assert shown not in told
    with psycopg.connect(division.owner_url(CHIYODA)) as book:
        rows = book.execute("SELECT operator, terminal, digest FROM passkey_invitation").fetchall()
    assert [row[:2] for row in rows] == [("jumin-1", "jumin-t1")]
    assert shown.encode() not in rows[0][2]


@pytest.mark.usefixtures("division")
def test_a_program_reads_the_same(juki: Juki):
    """With the moment at which it ends."""
    code, out, _ = juki(*PASSKEY, "--terminal", "jumin-t1", "jumin-1", "--json")

    items = orjson.loads(out)
    assert code == 0
    assert (items["schema"], items["operator"], items["terminal"]) == (
        "openjuki/passkey-code/1",
        "jumin-1",
        "jumin-t1",
    )
    assert items["expires_at"].endswith("+09:00")


@pytest.mark.usefixtures("division")
def test_who_may_not_act_there_gets_none(juki: Juki):
    """Nobody unknown, and no terminal of another office."""
    for words in (("--terminal", "jumin-t1", "nobody"), ("--terminal", "t-9", "jumin-1")):
        code, out, told = juki(*PASSKEY, *words)
        assert (code, out) == (1, "")
        assert "登録されていない" in told


def test_passkeys_are_withdrawn(juki: Juki, division: Ground):
    """All of an operator's; where there is none it is said."""
    with psycopg.connect(division.owner_url(CHIYODA)) as book:
        book.execute("INSERT INTO passkey VALUES ('\\x01', 'jumin-1', '\\x02', 0, now())")

    code, out, _ = juki("office", "operator", "passkey-withdraw", "--node", CHIYODA, "jumin-1")
    assert (code, "1個" in out) == (0, True)
    code, _, told = juki("office", "operator", "passkey-withdraw", "--node", CHIYODA, "jumin-1")
    assert (code, "パスキーがありません" in told) == (1, True)

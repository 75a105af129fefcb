# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Lists of texts and bytes reach PostgreSQL as they are, as parameters and by COPY."""

from __future__ import annotations

import pytest

from fixtures.network import NOON
from openjuki.store.adapting import Texts
from openjuki.store.database import copy_rows, queries

pytestmark = pytest.mark.postgres

LISTS = [
    pytest.param([], id="none"),
    pytest.param(["住民票コード"], id="one"),
    pytest.param(["", "a,b", '"{}"', None], id="awkward ones"),
    pytest.param([str(number) for number in range(300)], id="many"),
]


@pytest.mark.parametrize("texts", LISTS)
async def test_a_list_is_a_parameter(centre, texts):
    """What is sent comes back."""
    (row,) = await (await centre.execute("SELECT %b::text[]", [Texts(texts)])).fetchall()

    assert row == (texts,)


@pytest.mark.parametrize("texts", LISTS)
async def test_a_list_is_copied(centre, texts):
    """Likewise by COPY, as a list or as a tuple, beside bytes."""
    statement, types = (
        queries("journal")["append"],
        ("text", "timestamptz", "bytea", "bytea", "bytea", "text[]"),
    )
    rows = [("kind", NOON, bytes(32), bytes(32), b"\x00\xff", one) for one in (texts, tuple(texts))]

    await copy_rows(centre, statement, types, rows)

    found = await (await centre.execute("SELECT payload, recipients FROM journal_pending")).fetchall()
    assert found == [(b"\x00\xff", texts)] * 2

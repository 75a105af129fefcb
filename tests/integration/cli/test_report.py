# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki report usage`` as an administrator, and as somebody who has no node, meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA, TOKYO
from fixtures.provisions import recorded
from openjuki.config import JST, clock
from openjuki.oversight.usage import fiscal_year, year_ja

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Juki
    from fixtures.ground import Ground

ARTICLE = "法30条の13第1項"


def provided(ground: Ground, result: str = "matched") -> None:
    """Tokyo has answered a question of Chiyoda's just now."""
    with psycopg.connect(ground.owner_url(TOKYO)) as book:
        recorded(book, CHIYODA, clock(), result=result, articles=[ARTICLE])


@pytest.mark.postgres
@pytest.mark.parametrize("layout", ["hokkaido", "shizuoka"])
def test_a_provider_counts_its_own(juki: Juki, installed: Ground, tmp_path: Path, layout: str) -> None:
    """Two answers and a refusal: two provisions, of this fiscal year, under an ordinance."""
    for result in ("matched", "none", "not_permitted"):
        provided(installed, result)
    file = tmp_path / "usage.csv"

    code, said, _ = juki("report", "usage", "--layout", layout, "--node", TOKYO, "--csv", str(file), "--json")

    found, year = orjson.loads(said), fiscal_year(clock().astimezone(JST).date())
    assert (code, found["schema"], found["node"]) == (0, "openjuki/usage-report/1", TOKYO)
    assert found["counts"] == [
        {
            "fiscal_year": year,
            "affair": "tax",
            "recipient": CHIYODA,
            "article": ARTICLE,
            "method": "terminal",
            "count": 2,
        }
    ]
    row = [ARTICLE, "tax", None, 2] if layout == "hokkaido" else [year_ja(year), "0", 0, "1", 2]
    assert found["sheets"][0]["rows"][0] == row
    assert file.read_text(encoding="utf-8-sig").startswith("表,")


@pytest.mark.postgres
@pytest.mark.usefixtures("installed")
def test_who_provides_nothing_has_nothing_to_count(juki: Juki) -> None:
    """A municipality asks; it provides to no one."""
    code, _, said = juki("report", "usage", "--layout", "hokkaido", "--node", CHIYODA)

    assert code != 0
    assert "provides nothing" in said


def test_what_hokkaido_published_is_printed(juki: Juki) -> None:
    """Without a node: the cells, the totals that are not their rows, and by which book it was decided."""
    code, said, _ = juki("report", "usage", "--layout", "hokkaido")

    assert code == 0
    assert "番号利用法附則第二条に基づく準備行為" in said
    assert "177,904" in said
    assert "H25: 計 66,748、内訳の合計 68,242（差 1,494）" in said
    assert "恩給法による年金の支給に関する事務" in said.split("The totals leave out these rows")[1]
    assert "2,932,848" in said.split("2023-12-01")[-1]


def test_what_shizuoka_published_is_printed(juki: Juki) -> None:
    """Totals only, and that is said."""
    code, said, _ = juki("report", "usage", "--layout", "shizuoka")

    assert code == 0
    assert [
        word for word in ("1,694,079", "296,483", "160,929", "2,830", "39", "33") if word not in said
    ] == []
    assert "Totals only" in said


def test_results_for_machines_name_the_disagreements(juki: Juki) -> None:
    """Ten totals of one table; a blank is null, no use is 0."""
    code, said, _ = juki("report", "usage", "--layout", "hokkaido", "--json")

    found = orjson.loads(said)
    assert (code, found["node"], found["counts"]) == (0, None, [])
    assert [one["column"] for one in found["disagreements"]] == found["sheets"][0]["columns"][3:]
    assert found["sheets"][0]["rows"][0][3:] == [*[None] * 8, 1993, 299]
    assert sum(one["provisions"] for one in found["decided"]) == 4_006_405

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki report yearly``, ``invoice``, ``forecast`` and ``advice`` as the Centre meets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest

from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.provisions import recorded
from openjuki.config import JST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Juki
    from fixtures.ground import Ground

PENSIONS, ARTICLE = "agency-nenkin", "法30条の9・別表第1の77の4の項"
HANAKO, TARO = "10000000001", "20000000004"
NOON = datetime(2026, 4, 1, 12, tzinfo=JST)
#: Of no person: what the table asks for and nothing here looks at.
RECORD = (
    "INSERT INTO record (person_id, stay, version, reason, date_of_change, recorded_at, resident_code, name,"
    " birth_date, sex, municipality, address, origin, received_at, digest) VALUES"
    " (7, 1, 1, 'A01', '2026-04-01', now(), %s, '名', '2000-01-01', 'female', '131016', '町', '131016', %s, '')"
)


@pytest.fixture
def centre(installed: Ground, tmp_path: Path) -> Iterator[psycopg.Connection]:
    """The Centre is configured here too; its book."""
    own = installed.settings(CENTRE)
    with (tmp_path / "openjuki.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[nodes.{CENTRE}]\nkind = "centre"\ndatabase_url = "{own.database_url}"\n')
        settings.write(f'identity = "{own.identity}"\n')
    with psycopg.connect(installed.owner_url(CENTRE), autocommit=True) as book:
        for person, code in enumerate((HANAKO, TARO), 7):
            book.execute("INSERT INTO code_succession VALUES (%s, %s, %s)", [code, person, NOON])
        yield book
    installed.clear(CENTRE)


def told(book: psycopg.Connection, at: datetime = NOON, person: int = 7, method: str = "online") -> None:
    """The Centre has told the Pension Service about somebody."""
    recorded(book, PENSIONS, at, person, affair="state-118", method=method, articles=[ARTICLE])


@pytest.mark.postgres
def test_the_centre_publishes_to_whom_it_provided(
    juki: Juki, centre: psycopg.Connection, tmp_path: Path
) -> None:
    """Recipient by name, year and month, number, method; another fiscal year's is in another report."""
    told(centre)
    told(centre, NOON - timedelta(days=1))
    file = tmp_path / "report.csv"

    code, said, _ = juki("report", "yearly", "--year", "2026", "--csv", str(file), "--json")

    found = orjson.loads(said)
    assert (code, found["schema"], found["fiscal_year"]) == (0, "openjuki/yearly-report/1", 2026)
    assert found["rows"] == [
        ["日本年金機構", "R8.4", 1, "即時提供（電気通信回線）"],
        ["計", None, 1, None],
    ]
    assert "日本年金機構" in file.read_text(encoding="utf-8-sig")


@pytest.mark.postgres
def test_an_invoice_names_its_prices_and_adds_up(juki: Juki, centre: psycopg.Connection) -> None:
    """Three at 10 yen; a provision of May is of May's invoice; the tariff says that it is ours."""
    for person in (7, 8, 9):
        told(centre, person=person)
    told(centre, NOON + timedelta(days=30))

    words = ("report", "invoice", "--node", CENTRE, "--agency", PENSIONS, "--month", "2026-04")
    code, said, _ = juki(*words)
    found = orjson.loads(juki(*words, "--json")[1])

    assert code == 0
    assert "認可を受けたものではありません" in said
    assert (found["provisions"], found["exact"], found["yen"]) == (3, "30", 30)
    assert found["items"][0]["price"] == "10"


@pytest.mark.postgres
def test_an_installations_own_tariff_holds(juki: Juki, centre: psycopg.Connection, tmp_path: Path) -> None:
    """`tariff.toml` beside the settings; a hole in it ends the command."""
    told(centre)
    told(centre, method="terminal")
    own = 'name_ja = "表"\nname_en = "t"\napproved = true\n[[price]]\nsince = 2026-04-01\nyen = "3"\n'
    own += 'articles = ["法30条の9"]\nmethods = ["online"]\n'
    (tmp_path / "tariff.toml").write_text(own, encoding="utf-8")

    code, _, said = juki("report", "invoice", "--node", CENTRE, "--agency", PENSIONS, "--month", "2026-04")

    assert code == 2
    assert "no price for 法30条の9 by terminal" in said


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(("invoice", "--node", TOKYO, "--agency", PENSIONS, "--month", "2026-04"), "no fees", id="a prefecture bills"),
        pytest.param(("invoice", "--node", CENTRE, "--agency", PENSIONS, "--month", "April"), "2026-04", id="a month in words"),
        pytest.param(("forecast", "--node", CHIYODA), "provides nothing", id="a town provides nothing"),
        pytest.param(("advice", "--node", CHIYODA), "provides nothing", id="a town has nothing to advise on"),
        pytest.param(("advice", "--node", CENTRE, "--since", "2024-01-01"), "a year at most", id="advice on three years"),
        pytest.param(("usage", "--layout", "hokkaido", "--since", "2024-01-01"), "whole years", id="days of what was published"),
        pytest.param(("usage", "--layout", "hokkaido", "--node", CENTRE, "--until", "soon"), "2026-04-01", id="a day in words"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("centre")
def test_what_cannot_be_reported_is_said(juki: Juki, words: tuple[str, ...], why: str) -> None:
    """A sentence and an exit code, and nothing half-done."""
    code, _, said = juki("report", *words)

    assert code in {2, 3}
    assert why in said


@pytest.mark.postgres
def test_what_is_expected_of_a_provider(juki: Juki, centre: psycopg.Connection) -> None:
    """By affair; the sum below."""
    told(centre)

    code, said, _ = juki("report", "forecast", "--node", CENTRE, "--json")

    assert code == 0
    assert [one["affair"] for one in orjson.loads(said)["affairs"]] == ["state-118"]


def test_what_was_published_is_forecast_with_its_error(juki: Juki) -> None:
    """Without a node: Hokkaido, after the last year that it has published; nearer than "as last year"."""
    code, said, _ = juki("report", "forecast", "--json")

    found = orjson.loads(said)
    assert (code, found["fiscal_year"]) == (0, 2023)
    assert found["miss"]["rule"] < found["miss"]["as_last_year"]


@pytest.mark.postgres
def test_advice_names_what_was_asked_twice_for_nothing(juki: Juki, centre: psycopg.Connection) -> None:
    """Hanako and Taro are asked about twice; Taro's record changed in between."""
    for person in (7, 8):
        told(centre, person=person)
        told(centre, NOON + timedelta(days=20), person=person)
    centre.execute(RECORD, [TARO, NOON + timedelta(days=5)])

    words = ("report", "advice", "--node", CENTRE, "--since", "2026-04-01", "--until", "2027-04-01")
    found = orjson.loads(juki(*words, "--json")[1])
    _, said, _ = juki(*words)

    assert found["advice"] == [
        {
            "asker": PENSIONS,
            "affair": "state-118",
            "before": "state-118",
            "article": ARTICLE,
            "method": "online",
            "needless": 1,
            "all": 4,
            "yen": "10",
        }
    ]
    assert "日本年金機構" in said
    assert "sent the changes alone" in said


@pytest.mark.postgres
@pytest.mark.usefixtures("centre")
def test_where_nothing_was_repeated_nothing_is_advised(juki: Juki) -> None:
    """An empty table would look like a fault."""
    code, said, _ = juki("report", "advice", "--node", CENTRE)

    assert code == 0
    assert "No enquiry was found" in said


def test_tables_are_drawn(juki: Juki, tmp_path: Path) -> None:
    """A picture for each of Hokkaido's three tables."""
    code, _, _ = juki("report", "usage", "--layout", "hokkaido", "--plots", str(tmp_path / "plots"), "--json")

    drawn = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert (code, drawn) == (0, [f"usage-hokkaido-{number}.svg" for number in (1, 2, 3)])

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki law`` as an administrator meets it: what it prints, and with which code it leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from openjuki import cli

if TYPE_CHECKING:
    from pathlib import Path

type Law = Callable[..., tuple[int, str, str]]

#: An ordinance of a prefecture that the program's book does not know.
ORDINANCE = """affair,basis,row,recipient,law,title,since,status,government
shizuoka-1,30-13-1,静岡県条例別表1の項,静岡県内の市町村の執行機関,静岡県条例,市町村税の賦課徴収,,,220001
"""


@pytest.fixture
def law(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Law:
    """Runs ``juki law`` at a home that is empty: exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["juki", "law", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return run


def put(folder: Path, path: str, text: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def read(told: tuple[int, str, str]) -> Any:
    return orjson.loads(told[1])


def test_the_affairs_of_a_day_are_listed(law: Law):
    """What is in force today, and what was on the Act's first day."""
    today = read(law("list", "--json", "--as-of", "2026-06-14"))["affairs"]
    first = read(law("list", "--json", "--as-of", "1967-11-10"))["affairs"]
    before = read(law("list", "--json", "--as-of", "1967-11-09"))

    assert len(today) == 555
    (register,) = (one for one in today if one["id"] == "register-work")
    assert register["articles"] == ["法5条", "法30条の10第1項第4号", "法30条の12第1項第4号"]
    assert [one["articles"] for one in first] == [["法5条"]]
    assert before == {"schema": "openjuki/affairs/1", "as_of": "1967-11-09", "affairs": []}


def test_the_list_is_a_table_for_people(law: Law):
    """Title, law, recipients and articles of each affair."""
    code, out, told = law("list", "--as-of", "2023-12-01")

    assert (code, told) == (0, "")
    assert "state-054" in out
    assert "旅券法" in out
    assert "外務省" in out


def test_an_affair_is_found_by_words(law: Law):
    """Japanese or English; every word must occur; a clerk's word finds the law's."""
    assert "住民基本台帳に関する事務" in law("search", "転入", "窓口")[1]
    found = read(law("search", "パスポート", "外務省", "--json", "--as-of", "2026-06-14"))["affairs"]
    assert [(one["id"], one["recipients"]) for one in found] == [("state-054", ["外務省"])]
    assert read(law("search", "旅券", "無線", "--json"))["affairs"] == []


def test_an_affair_is_shown_whole(law: Law):
    """Each basis with who, whom, by which keys, what comes back; our own definitions are marked."""
    shown = read(law("show", "register-work", "--json", "--as-of", "2026-04-01"))
    _, out, _ = law("show", "register-work")

    own, same, other = shown["bases"]
    keys = [["resident_code"], ["individual_number"], ["name", "birth_date"], ["name", "address"]]
    assert own["keys"] == same["keys"] == other["keys"] == keys
    assert [one["route"] for one in (own, same, other)] == ["within", "direct", "governor"]
    assert same["own_definitions"] == ["keys", "narrowing", "items", "methods", "history", "retention"]
    assert all(basis["article"] in out for basis in (own, same, other))
    assert "Our own definition" in out
    assert "通知都道府県の区域内の市町村の執行機関への本人確認情報の提供" in out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        pytest.param(("show", "passports"), 1, "JK-LAW-0002", id="an affair of no law"),
        pytest.param(
            ("show", "register-work", "--as-of", "1960-01-01"), 1, "JK-LAW-0003", id="before it was law"
        ),
        pytest.param(("show", "hokkaido-2-31"), 1, "JK-LAW-0013", id="an affair that is not yet entered"),
        pytest.param(("list", "--as-of", "yesterday"), 3, "JK-INPUT-0003", id="not a day"),
        pytest.param(("diff", "2023"), 3, "JK-INPUT-0003", id="not a day to compare"),
        pytest.param(("check", "/nowhere"), 2, "JK-INPUT-0008", id="no such folder"),
    ],
)
def test_what_the_book_does_not_have_is_said(law: Law, words: tuple[str, ...], code: int, told: str):
    """The refusals that a decision would give."""
    left, out, problem = law(*words)

    assert (left, out, problem.split()[0]) == (code, "", told)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        pytest.param("2023-12-01", "191/68/71/67/71/5", id="as the prefectures counted"),
        pytest.param("2026-06-13", "191/68/71/67/71/5", id="the eve of the new text"),
        pytest.param("2026-06-14", "300/89/104/88/103/7", id="its first day"),
        pytest.param("2023-11-30", "0/0/0/0/0/0", id="before the book knows the tables"),
    ],
)
def test_the_tables_are_counted(law: Law, day: str, counts: str):
    """The rows of tables 1 to 6 on a day."""
    code, out, told = law("check", "--as-of", day)

    assert (code, told) == (0, "")
    assert f"Tables 1–6: {counts}" in out


def test_the_ordinance_is_counted_with_what_is_awaited(law: Law):
    """13 of 13, 21 of 31 and 2 of 10 affairs of Hokkaido's ordinance are named in public."""
    bases = read(law("check", "--json", "--as-of", "2023-12-01"))["bases"]

    assert [bases[name] for name in ("30-13-1", "30-15-1-2", "30-15-2-2")] == [
        {"rows": 13, "awaited": 0},
        {"rows": 21, "awaited": 10},
        {"rows": 2, "awaited": 8},
    ]


def test_an_amendment_is_shown(law: Law):
    """From one text to the other: what begins, ends and says something else."""
    found = read(law("diff", "2023-12-01", "2026-06-14", "--json"))
    _, out, _ = law("diff", "2023-12-01", "2026-06-14")

    assert [one["id"] for one in found["ended"]] == ["prefecture-067"]
    assert len(found["begun"]) == 180
    passports = [one for one in found["amended"] if one["affair"] == "state-054"]
    assert [(one["member"], one["before"]) for one in passports] == [
        ("title_ja", "旅券法による発給、渡航先の追加又は届出")
    ]
    assert "Begun 180" in out
    assert read(law("diff", "2026-06-14", "2026-06-15", "--json"))["amended"] == []


def test_a_home_adds_a_text_of_its_own(law: Law, tmp_path: Path):
    """A file in the folder law of the home is part of the book from its day."""
    put(tmp_path / "law", "affairs/ordinance-220001/2026-07-01.csv", ORDINANCE)

    assert law("show", "shizuoka-1", "--as-of", "2026-06-30")[0] == 1
    shown = read(law("show", "shizuoka-1", "--as-of", "2026-07-01", "--json"))
    assert shown["articles"] == ["法30条の13第1項・静岡県条例別表1の項"]
    assert shown["bases"][0]["government"] == "220001"


def test_every_fault_of_a_new_text_is_named(law: Law, tmp_path: Path):
    """File, row and column of each; the program's own book is counted all the same."""
    put(
        tmp_path,
        "affairs/p/2027-01-01.csv",
        ORDINANCE.replace("30-13-1", "30-99").replace("220001", "999999"),
    )
    put(tmp_path, "overrides.toml", '[state-001.30-9]\nitems = ["shoe_size"]\n')

    code, out, _ = law("check", str(tmp_path), "--json", "--as-of", "2026-06-14")
    left, _, told = law("check", str(tmp_path))

    found = orjson.loads(out)
    assert (code, left, found["tables"]["1"]) == (2, 2, 300)
    assert {(one["file"], one.get("row"), one.get("column")) for one in found["faults"]} == {
        (f"{tmp_path}/overrides.toml", None, None),
        (f"{tmp_path}/affairs/p/2027-01-01.csv", 2, "basis"),
        (f"{tmp_path}/affairs/p/2027-01-01.csv", 2, "government"),
    }
    assert "no such item: shoe_size" in told
    assert "row 2, column government" in told


def test_signs_of_a_text_are_shown_as_they_stand(law: Law, tmp_path: Path):
    """Brackets are no markup: neither of an ordinance nor of the folder it lies in."""
    row = ORDINANCE.replace("別表1の項", "[/別表] [red]").replace("賦課", "[/賦課] [bold]")
    put(tmp_path / "law", "affairs/p/2026-07-01.csv", row)
    put(tmp_path / "[/new]", "affairs/p/soon.csv", row)

    shown = law("show", "shizuoka-1", "--as-of", "2026-07-01")
    listed = law("search", "賦課", "--as-of", "2026-07-01")
    checked = law("check", str(tmp_path / "[/new]"))

    assert (shown[0], listed[0], checked[0]) == (0, 0, 2)
    assert "[/賦課] [bold]" in shown[1]
    assert "法30条の13第1項・静岡県条例[/別表] [red]" in shown[1]
    assert "[/賦課] [bold]" in listed[1]
    assert "[/new]" in checked[2]


@pytest.mark.parametrize(
    ("words", "argument"),
    [
        pytest.param(("diff", "2023-13-01"), "before", id="the earlier day"),
        pytest.param(("diff", "2023-12-01", "2026-02-29"), "after", id="the later day"),
        pytest.param(("list", "--as-of", "2026-02-29"), "as-of", id="the day of a list"),
    ],
)
def test_the_day_that_cannot_be_read_is_named(law: Law, words: tuple[str, ...], argument: str):
    """Of two days, which."""
    assert read(law(*words, "--json"))["where"] == {"column": argument}


def test_a_broken_folder_stops_every_look_into_the_book(law: Law, tmp_path: Path):
    """Half a law is no law."""
    put(tmp_path / "law", "affairs/p/soon.csv", ORDINANCE)

    code, out, told = law("list")

    assert (code, out) == (2, "")
    assert "soon.csv" in told

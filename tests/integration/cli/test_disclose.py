# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki disclose`` as it is used at Tokyo's counter: a request, what is handed out, and what follows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.disclosing import furnish
from fixtures.network import CHIYODA, TOKYO
from fixtures.notices import code_of, notice
from openjuki import config
from openjuki.config import clock
from openjuki.nodes import admission, counter
from openjuki.nodes.node import opened_office
from openjuki.residents.changes import Reason
from openjuki.wire.batch import NoticeBatch

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Juki
    from fixtures.ground import Ground

pytestmark = pytest.mark.postgres

ACTING = ("--operator", "kaiji-1", "--terminal", "kaiji-t1")
PAPERS = ("--identified-by", "個人番号カード", "--reason", "開示 12", *ACTING)


@pytest.fixture
def tokyo(installed: Ground) -> Ground:
    """Tokyo with a division that discloses, and somebody of Chiyoda's in its book."""

    async def found() -> None:
        async with opened_office(config.load(), TOKYO) as office:
            await furnish(office, "kaiji", "disclosure")  # type: ignore[arg-type]
            told = NoticeBatch(
                origin=CHIYODA, first=1, last=1, issued=clock(), notices=(notice().to_bytes(),)
            )
            await office.transact(lambda book: admission.admit(office, book, told))  # type: ignore[arg-type]

    asyncio.run(found())
    return installed


def receive(juki: Juki, *words: str) -> str:
    """Take a request; its id."""
    code, out, _ = juki("disclose", "receive", "--node", TOKYO, *PAPERS, *words)
    assert code == 0
    return out.strip()


@pytest.mark.usefixtures("tokyo")
def test_somebody_is_handed_a_page_a_document_and_keys(juki: Juki, tmp_path: Path) -> None:
    """Nobody but the operator's user may look into the folder, and every line of the document can be checked."""
    request = receive(juki, "--resident-code", str(code_of(1)))
    out = tmp_path / "out"

    code, said, _ = juki("disclose", "answer", request, "--node", TOKYO, "--out", str(out), *ACTING, "--json")

    assert code == 0
    told = orjson.loads((out / "disclosure.json").read_bytes())
    assert told["own"]["current"]["resident_code"] == str(code_of(1))
    page = (out / "disclosure.html").read_text(encoding="utf-8")
    for words in ("記録している本人確認情報", "What is held about you", str(code_of(1)), "<style>"):
        assert words in page
    assert [(path.name, oct(path.stat().st_mode)[-3:]) for path in sorted(out.iterdir())] == [
        ("disclosure.html", "600"),
        ("disclosure.json", "600"),
        ("log.vkey", "600"),
    ]
    assert orjson.loads(said)["folder"] == str(out)
    document, keys = str(out / "disclosure.json"), str(out / "log.vkey")
    assert juki("disclose", "check", document, "--key", keys)[0] == 0
    assert juki("disclose", "again", request, "--node", TOKYO, "--out", str(tmp_path / "2"), *ACTING)[0] == 0
    assert (tmp_path / "2/disclosure.json").read_bytes() == (out / "disclosure.json").read_bytes()


@pytest.mark.usefixtures("tokyo")
def test_that_nothing_is_held_is_handed_out_too(juki: Juki, tmp_path: Path) -> None:
    """It is an answer, and no failure."""
    request = receive(juki, "--resident-code", str(code_of(9)), "--want", "own")

    assert juki("disclose", "answer", request, "--node", TOKYO, "--out", str(tmp_path / "o"), *ACTING)[0] == 0
    assert "記録していません" in (tmp_path / "o/disclosure.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("tokyo")
def test_a_late_request_is_seen_in_the_list(juki: Juki) -> None:
    """The most urgent first; the list leaves with 1 while something is over its day."""
    receive(juki, "--resident-code", str(code_of(1)))
    assert juki("disclose", "list", "--node", TOKYO)[0] == 0
    long_ago = clock().date() - timedelta(40)
    late = receive(juki, "--resident-code", str(code_of(1)), "--received-on", long_ago.isoformat())

    code, out, _ = juki("disclose", "list", "--node", TOKYO, "--json")

    found = orjson.loads(out)["requests"]
    assert (code, len(found), found[0]["id"]) == (1, 2, late)
    assert found[0]["due_on"] == (long_ago + timedelta(29)).isoformat()


@pytest.mark.usefixtures("tokyo")
def test_it_takes_longer_and_something_was_wrong(juki: Juki, tmp_path: Path) -> None:
    """Each is told in writing: until when and why, and what was found."""
    request = receive(juki, "--resident-code", str(code_of(1)))
    until = (clock().date() + timedelta(60)).isoformat()
    said = ("--until", until, "--why", "照合のため", "--out", str(tmp_path / "later"))
    assert juki("disclose", "extend", request, "--node", TOKYO, *said, *ACTING)[0] == 0
    assert "照合のため" in (tmp_path / "later/notice.html").read_text(encoding="utf-8")

    juki("disclose", "answer", request, "--node", TOKYO, "--out", str(tmp_path / "o"), *ACTING)
    claimed = juki("disclose", "claim", request, "--node", TOKYO, "--text", "方書が違う", *ACTING)
    assert claimed[:2] == (0, "1\n")
    found = ("--outcome", "passed_on", "--finding", "千代田区に連絡", "--out", str(tmp_path / "found"))
    assert juki("disclose", "examined", request, "--node", TOKYO, *found, *ACTING)[0] == 0
    notice_ = (tmp_path / "found/notice.html").read_text(encoding="utf-8")
    assert "方書が違う" in notice_
    assert "千代田区に連絡" in notice_


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    ("words", "status"),
    [
        pytest.param(("list", "--node", CHIYODA), 2, id="a town discloses nothing"),
        pytest.param(("again", "0" * 32, "--node", TOKYO, "--out", "{}/x", *ACTING), 1, id="no such request"),
        pytest.param(("claim", "0" * 32, "--node", TOKYO, "--text", "違う"), 3, id="nobody acts"),
        pytest.param(("receive", "--node", TOKYO, *PAPERS), 3, id="nobody is meant"),
        pytest.param(
            (
                "receive",
                "--node",
                TOKYO,
                *PAPERS,
                "--resident-code",
                str(code_of(1)),
                "--received-on",
                "昨日",
            ),
            3,
            id="no day",
        ),
        pytest.param(("check", __file__, "--key", __file__), 3, id="no document"),
    ],
)
def test_what_cannot_be_done_is_said(juki: Juki, tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    """With the status of its kind."""
    assert juki("disclose", *(word.format(tmp_path) for word in words))[0] == status


@pytest.mark.usefixtures("tokyo")
def test_nothing_is_decided_into_a_folder_that_is_full(juki: Juki, tmp_path: Path) -> None:
    """What could not be handed out stays open."""
    request = receive(juki, "--resident-code", str(code_of(1)))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter").write_text("")
    full = ("--node", TOKYO, "--out", str(tmp_path / "full"), *ACTING)

    assert juki("disclose", "answer", request, *full)[0] == 4
    assert juki("disclose", "again", request, "--node", TOKYO, "--out", str(tmp_path / "o"), *ACTING)[0] == 1


def test_a_town_protects_and_lifts(juki: Juki, installed: Ground) -> None:  # noqa: ARG001 - it has to be there
    """A year at most; what stands is shown, and lifted once."""

    async def enter() -> None:
        async with opened_office(config.load(), CHIYODA) as town:
            await furnish(town, "shien", "protection")  # type: ignore[arg-type]
            form = {
                "reason": Reason.ENTERED_EX_OFFICIO.value,
                "date_of_change": "2020-04-01",
                "resident_code": str(code_of(1)),
                "name": "渡邉　葵",
                "furigana": "ワタナベ　アオイ",
                "birth_date": "1990-01-01",
                "sex": "female",
                "town": "一番町",
                "block": "1番地",
            }
            await town.transact(lambda book: counter.record_form(town, book, form))

    asyncio.run(enter())
    at = (
        "--node",
        CHIYODA,
        "--resident-code",
        str(code_of(1)),
        "--operator",
        "shien-1",
        "--terminal",
        "shien-t1",
    )
    today = clock().date()
    until = (today + timedelta(90)).isoformat()

    assert juki("disclose", "protected", *at)[1].startswith("支援措置はありません")
    assert juki("disclose", "protect", *at, "--until", until, "--provisional")[0] == 0
    (one,) = orjson.loads(juki("disclose", "protected", *at, "--json")[1])["measures"]
    assert one.pop("since") in {today.isoformat(), clock().date().isoformat()}  # it may be midnight
    assert one == {"until": until, "provisional": True}
    assert juki("disclose", "lift", *at)[0] == 0
    assert juki("disclose", "lift", *at)[0] == 1

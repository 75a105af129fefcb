# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The page that people are handed: what is not held, not told or not yet signed is said, and nothing can be injected."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from openjuki import config
from openjuki.documents.disclosure import Notice, Said, dress, notice, page
from openjuki.documents.words import CHANGES
from openjuki.wire.clientele import Meaning

if TYPE_CHECKING:
    from pathlib import Path

LINE: dict[str, Any] = {
    "at": "2026-11-21T12:00:00+09:00",
    "recipient": "agency-nenkin",
    "through": None,
    "affair": "state-115",
    "method": "bulk",
    "what": "ask",
    "keys": ["resident_code"],
    "result": "matched",
    "articles": ["法30条の9"],
    "items": ["address", "name"],
    "change": None,
    "salt": None,
    "proof": None,
}


def document(*lines: dict[str, Any], **other: Any) -> dict[str, Any]:
    """A disclosure of nothing of one's own, and of these lines."""
    provisions = {
        "basis": "個人情報の保護に関する法律第76条",
        "origin": "openjuki/test/centre",
        "keys": ["openjuki/test/centre+00000000+AQ=="],
        "recipients": {"agency-nenkin": "日本年金機構"},
        "affairs": {},
        "lines": list(lines),
    }
    request = {
        "id": "0" * 32,
        "reason": "開示 12",
        "received_on": "2026-11-21",
        "applicant": "self",
        "wants": ["own", "provisions"],
    }
    return {
        "schema": "openjuki/disclosure/1",
        "node": {"id": "centre", "name": "機構"},
        "request": request,
        "answered_at": "2026-11-21T12:00:00+09:00",
        "own": {"article": "法30条の32", "held": False, "codes": [], "current": None, "before": []},
        "provisions": provisions,
        **other,
    }


def test_that_nothing_is_held_and_nobody_was_told_is_said():
    """In both languages, and in the same words whoever is not there."""
    drawn = page(document())

    for words in ("記録していません", "No identification information is held", "提供の記録はありません"):
        assert words in drawn


@pytest.mark.parametrize("lines", [0, 1], ids=["without lines", "with a line"])
def test_that_something_may_not_be_confirmed_is_always_said(lines: int):
    """Whether or not there is any."""
    assert "お答えできないものは、この一覧にありません" in page(document(*[LINE] * lines))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        pytest.param({}, "次の項目を提供しました", id="items"),
        pytest.param({"items": [], "result": "superseded"}, "情報は提供していません", id="nothing"),
        pytest.param({"what": "verify"}, "同じかどうかだけを答えました", id="yes and no"),
        pytest.param({"change": "moved_within"}, "転居", id="a change"),
        pytest.param({}, "署名を待っています", id="not signed yet"),
        pytest.param({}, "<dd>氏名、住所", id="the name first"),
    ],
)
def test_a_line_says_what_was_told(other: dict[str, Any], words: str):
    """In plain words."""
    drawn = page(document({**LINE, **other}))
    assert words in drawn.replace("</span><br>", "</span><dd>").replace("<br>", "<dd>")


def test_what_an_agency_wrote_is_text_and_no_page():
    """Names and numbers are escaped."""
    request = {**document()["request"], "reason": "<script>alert(1)</script>"}
    assert "<script>" not in page(document(request=request))


def test_the_dress_is_in_the_page_or_beside_it():
    """In a file that is sent; beside it where the browser lets nothing be inline."""
    assert dress().decode()[:40] in page(document())
    beside = page(document(), style="/document.css")
    assert "<style>" not in beside
    assert 'href="/document.css"' in beside


def test_a_notice_says_who_what_and_under_which_article():
    """With line breaks as they were written."""
    made = Notice(
        title=Said("通知", "Notice"),
        node="東京都",
        reason="開示 12",
        day=date(2026, 11, 21),
        said=Said("延長します。", "It takes longer."),
        article="法30条の33第2項",
        facts=((Said("理由", "Why"), "一つ\n二つ"),),
    )
    drawn = notice(made)
    for words in ("東京都", "開示 12", "令和8年11月21日", "延長します。", "法30条の33第2項", "一つ\n二つ"):
        assert words in drawn


def test_every_change_has_its_words():
    """None is told to a person by its name in the program."""
    assert set(CHANGES) == set(Meaning)


def test_a_settings_file_may_leave_disclosure_out(tmp_path: Path):
    """Then it is under the personal-information law, and nothing is withheld."""
    path = tmp_path / "openjuki.toml"
    node = '[nodes.130001]\nkind = "prefecture"\ndatabase_url = "postgresql://x"\n'
    path.write_text(f'network = "test"\nnats_url = "tls://x"\n{node}', encoding="utf-8")
    own = config.load(path).node("130001")

    assert own.disclosure_basis == "個人情報の保護に関する法律第76条"
    assert (own.disclosure_withheld, own.console_port) == ((), 8710)

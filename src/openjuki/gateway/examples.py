# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Examples for the description of the gateway (接続仕様の例); persons, codes and numbers are fictitious."""

from __future__ import annotations

from typing import Any, Final

from openjuki.gateway.errors import BadRequest
from openjuki.law import refusals
from openjuki.refusal import Where
from openjuki.store.credentials import CREDENTIAL_OUT_OF_TIME

#: A line of the ledger.
LINE: Final = "01a2008d740000000000000000000000"
_PURPOSE: Final = {"affair": "prefecture-013", "reason": "旅券 2026-0012"}
_WRITTEN: Final = {"name": "小島　正郎", "birth_date": "昭和41年5月22日"}
_NOTHING: Final[dict[str, Any]] = {
    "count": 0,
    "hits": [],
    "articles": [],
    "refusal": None,
    "malformed": None,
    "items": None,
    "candidates": None,
}
_ARTICLE: Final = ["法30条の15第1項第1号・別表第5の6の項"]
_PERSON: Final = {
    "name": "小島　正郎",
    "furigana": "コジマ　マサオ",
    "birth_date": "1966-05-22",
    "sex": "male",
    "municipality": "131016",
    "address": "一番町1番地",
    "state": "resident",
    "reason": "A06",
    "date_of_change": "2026-04-01",
}


def _said(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


def _told(*answers: dict[str, Any]) -> dict[str, Any]:
    whole = [{**_NOTHING, **answer} for answer in answers]
    return {"schema": "openjuki/provided/1", "ledger": LINE, "answers": whole}


REQUESTS: Final[dict[str, Any]] = {
    "provisions": {
        "one": _said("一人 / one person", {**_PURPOSE, "questions": [_WRITTEN]}),
        "many": _said(
            "複数 / several questions",
            {**_PURPOSE, "questions": [{"resident_code": "71334917066"}, {**_WRITTEN, "matching": "strict"}]},
        ),
    },
    "verifications": {
        "one": _said(
            "申請書の記載 / what an applicant wrote",
            {
                **_PURPOSE,
                "questions": [
                    {**_WRITTEN, "address": "一番町2", "verify": ["name", "birth_date", "address"]}
                ],
            },
        )
    },
    "confirmations": {
        "one": _said(
            "候補の二人目 / the second candidate",
            {**_PURPOSE, "questions": [{"ledger": LINE, "question": 0, "candidate": 2}]},
        )
    },
}
ANSWERS: Final[dict[str, Any]] = {
    "provisions": {
        "matched": _said(
            "一致と、権限のない照会 / one person, and a question that a rule refuses",
            _told(
                {"result": "matched", "count": 1, "hits": [_PERSON], "articles": _ARTICLE},
                {"result": "not_permitted", "refusal": refusals.KEY_NOT_OPEN.to_dict()},
            ),
        ),
        "several": _said(
            "複数該当 / several persons",
            _told(
                {
                    "result": "several",
                    "count": 2,
                    "articles": _ARTICLE,
                    "candidates": [
                        {"candidate": 1, "municipality": "131016", "address": "一番町1番地"},
                        {"candidate": 2, "municipality": "131024", "address": "銀座8丁目2番1号"},
                    ],
                },
            ),
        ),
    },
    "verifications": {
        "mismatch": _said(
            "住所が異なる / the address differs",
            _told(
                {
                    "result": "mismatch",
                    "count": 1,
                    "articles": _ARTICLE,
                    "items": {"name": True, "birth_date": True, "address": False},
                },
            ),
        )
    },
    "confirmations": {
        "matched": _said(
            "選ばれた一人 / the one who was chosen",
            _told({"result": "matched", "count": 1, "hits": [_PERSON], "articles": _ARTICLE}),
        )
    },
}


def _shown(problem: dict[str, Any], status: int, **more: Any) -> dict[str, Any]:
    said = {"title": problem["message_ja"], "status": status, "detail": problem["message_en"]}
    return {"where": {}, **problem, **said, **more}


PROBLEMS: Final[dict[int, dict[str, Any]]] = {
    401: _shown(CREDENTIAL_OUT_OF_TIME.to_dict(), 401),
    403: _shown(refusals.AFFAIR_NOT_HELD.to_dict(), 403, ledger=LINE),
    422: _shown(BadRequest("reason is missing", where=Where(column="reason")).to_dict(), 422),
}

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What requests and answers look like (電文の形), as JSON Schema for the description of the gateway.

Everything that can be read from the program is: words, items and limits stand here under the names they have there.
"""

from __future__ import annotations

from typing import Any, Final

from openjuki.gateway import parameters, reading
from openjuki.law.basis import ITEMS, Key, Method
from openjuki.residents.look_up import VERIFIABLE, Matching, Result
from openjuki.residents.record import Sex
from openjuki.wire.provision import What

type Schema = dict[str, Any]


def reference(name: str) -> Schema:
    """Refer to a schema of this page."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(members: Schema, *, without: tuple[str, ...] = (), says: str = "", open_: bool = False) -> Schema:
    """Describe an object whose members are all required but for some."""
    drawn: Schema = {
        "type": "object",
        "properties": members,
        "required": [name for name in members if name not in without],
    }
    if not open_:
        drawn["additionalProperties"] = False
    return drawn | ({"description": says} if says else {})


def _text(says: str = "", **more: Any) -> Schema:
    return {"type": "string", **more} | ({"description": says} if says else {})


def _list(of: Schema, says: str = "", **more: Any) -> Schema:
    return {"type": "array", "items": of, **more} | ({"description": says} if says else {})


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _words(words: Any, says: str = "") -> Schema:
    return _text(says, enum=[str(word) for word in words])


def _item(says: str) -> Schema:
    return _text(says, maxLength=reading.LONGEST)


_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_MOMENT: Final = _text("日本時間 / time in Japan, RFC 3339", format="date-time")
_ARTICLES: Final = _list(_text(), "根拠条文 / the articles under which it is told")

#: What a question says of a person.
QUESTION: Final[Schema] = {
    "resident_code": _item("住民票コード / Resident Record Code, 11 figures"),
    "individual_number": _item("個人番号 / Individual Number, 12 figures"),
    "name": _item("氏名（旧氏・通称でも可） / name as written by the applicant"),
    "furigana": _item("氏名の振り仮名 / its reading"),
    "birth_date": _item("生年月日: `1990-01-01`, `平成2年1月1日`, `H2.1.1` …"),
    "municipality": _item("住所の市町村コード（6桁） / municipality of the address"),
    "address": _item("市町村より下の住所 / address below the municipality, to the block at least"),
    "sex": _words(Sex, "性別（絞り込みのみ） / only narrows"),
    "matching": _words(
        Matching,
        "照合の方法 / strict: character by character; folded: 清音化; variant: 異体字を同一視 (default)",
    ),
}
_PURPOSE: Final[Schema] = {
    "affair": _text(
        "事務の番号 / the affair, as `/v1/affairs` names it", pattern=reading.PLAIN, maxLength=64
    ),
    "reason": _text(
        "照会の理由（受付番号など） / why: a case number", pattern=reading.LINE, maxLength=reading.LONGEST
    ),
}
_HISTORY: Final = {
    "type": "boolean",
    "default": False,
    "description": "履歴も求める / also what was recorded before, where the affair allows it",
}
_CHOICE: Final = _object(
    {
        "ledger": _text(
            "先の照会の台帳番号 / line of the earlier request", pattern=reading.PLAIN, maxLength=64
        ),
        "question": {
            "type": "integer",
            "minimum": 0,
            "maximum": reading.MOST_COUNTED,
            "description": "その何番目の照会か（0から） / which of its questions, from 0",
        },
        "candidate": {
            "type": "integer",
            "minimum": 1,
            "maximum": reading.MOST_COUNTED,
            "description": "候補の番号（1から） / which candidate, from 1",
        },
    }
)


def _request(question: Schema, *, history: bool = True) -> Schema:
    questions = _list(
        question, "照会（1件から1,000件） / one question or up to 1,000", minItems=1, maxItems=reading.MOST
    )
    return _object(
        {**_PURPOSE, **({"history": _HISTORY} if history else {}), "questions": questions},
        without=("history",),
    )


#: Items that are not plain text where they stand in an answer.
_SHOWN: Final[Schema] = {
    "birth_date": _or_null(
        {
            "anyOf": [
                _text(format="date"),
                _object({name: _text() for name in ("text", "precision", "sort")}),
            ],
            "description": "生年月日; 不詳のものは `text`, `precision`, `sort` / a date that is not exact says how exact it is",
        }
    ),
}
_PERSON: Final[Schema] = {item: _SHOWN.get(item, _TEXT_OR_NULL) for item in sorted(ITEMS)}
_ROW: Final = _object(_PERSON, without=tuple(_PERSON), open_=True)
_HIT: Final = _object(
    {**_PERSON, "history": _list(_ROW, "以前の記録（新しい順） / earlier records, newest first")},
    without=(*_PERSON, "history"),
    says="事務に認められた項目だけ / the items that the law grants for the affair, and no others",
)
_CANDIDATE: Final = _object(
    {"candidate": {"type": "integer", "minimum": 1}, **_PERSON},
    without=tuple(_PERSON),
    says="区別に要る項目だけ / only what tells them apart; confirm one of them",
)
_REFUSAL: Final = _object(
    {
        "type": _text(),
        "kind": _text(const="refusal"),
        "code": _text(pattern=r"^JK-[A-Z]+-\d{4}$"),
        "rule": _text("規則の名 / name of the rule"),
        "article": _or_null(_text("規則が従う条文 / the article that the rule obeys")),
        "message_ja": _text(),
        "message_en": _text(),
    },
    says="規則により認められないこと / a rule says no",
)
_ANSWER: Final = _object(
    {
        "result": _words(Result, "照会結果 / what became of the question"),
        "count": {"type": "integer", "minimum": 0, "description": "該当者数 / persons found, shown or not"},
        "hits": _list(reference("Hit"), "該当者 / the persons"),
        "articles": _ARTICLES,
        "refusal": _or_null(reference("Refusal")),
        "malformed": _or_null(_text("形式に誤りのある項目 / the item that is malformed")),
        "items": _or_null(
            _object(
                {item: {"type": "boolean"} for item in VERIFIABLE},
                without=VERIFIABLE,
                says="照合の結果 / whether each item is what was written",
            )
        ),
        "candidates": _or_null(_list(reference("Candidate"), "候補 / several persons to choose from")),
    }
)
_AFFAIR: Final[Schema] = {
    "affair": _text("事務の番号"),
    "title_ja": _text(),
    "title_en": _text(),
    "law": _text("根拠法令"),
    "articles": _ARTICLES,
    "sentence_ja": _text("誰の情報を誰から受けるか / whose information comes from whom"),
    "sentence_en": _text(),
    "keys": _list(
        _list(_words(Key)), "照会条件の組合せ / combinations of keys, one of which a question gives"
    ),
    "narrowing": _list(_words(Key), "加えてよい条件 / keys that may be added"),
    "items": _list(_text(), "回答に含まれ得る項目 / what an answer may hold"),
    "methods": _list(_words(Method)),
    "history": {"type": "boolean", "description": "履歴の可否 / whether history may be asked for"},
}
_LINE: Final[Schema] = {
    "id": _text("台帳番号", pattern=parameters.LINE_ID.pattern.join("^$")),
    "asked_at": _MOMENT,
    "office": _text("部署"),
    "operator": _text("操作者; システムは `system:…`"),
    "terminal": _text("端末; システムは `system:…`"),
    "affair": _text("事務"),
    "reason": _text("照会の理由"),
    "what": _words(What),
    "method": _words(Method),
    "history": {"type": "boolean"},
    "keys": _list(_text(), "用いた照会条件 / keys used"),
    "persons": {"type": "integer", "minimum": 0, "description": "照会先へ送った件数 / questions that left"},
    "answered_at": _or_null(_MOMENT),
    "code": _or_null(_text("回答を得られなかった理由 / error, where no answer could be believed")),
    "results": _list(_text(), "照会ごとの結果 / for each question"),
    "articles": _ARTICLES,
    "routes": _list(_text(), "照会先と経路 / who was asked, and through whom"),
}
_ABOUT: Final[Schema] = {
    "questions": _list({"type": "object"}, "照会の内容 / what was asked"),
    "answers": _list(_or_null(reference("Answer"))),
    "told": _list(
        _list({"type": "object"}), "提供者が記録を約したもの / what each provider promised to have recorded"
    ),
}
_PROBLEM: Final = _object(
    {
        "type": _text("`urn:openjuki:` と code"),
        "kind": _words(("error", "refusal")),
        "code": _text(pattern=r"^JK-[A-Z]+-\d{4}$"),
        "title": _text("日本語の文 / sentence in Japanese"),
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _text("英語の文 / sentence in English"),
        "message_ja": _text(),
        "message_en": _text(),
        "rule": _text("規則の名; 拒否のみ / of a refusal"),
        "article": _TEXT_OR_NULL,
        "where": _object(
            {"row": {"type": "integer", "minimum": 1}, "column": _text(), "file": _text()},
            without=("row", "column", "file"),
            says="何番目（1から）のどの項目か / which question, from 1, and which item",
        ),
        "ledger": _text("記録した台帳番号 / line of the ledger, where there is one"),
    },
    without=("rule", "article", "ledger"),
    says="RFC 9457 の問題の詳細 / problem details; personal data never stand here",
)


def _result(name: str, members: Schema, without: tuple[str, ...] = ()) -> Schema:
    schema = _text(const=f"openjuki/{name}/1")
    return _object({"schema": schema, **members}, without=without)


SCHEMAS: Final[Schema] = {
    "ProvisionRequest": _request(reference("Question")),
    "VerificationRequest": _request(reference("Claim"), history=False),
    "ConfirmationRequest": _request(reference("Choice")),
    "Question": _object(
        QUESTION, without=tuple(QUESTION), says="一人についての照会 / a question about one person"
    ),
    "Claim": _object(
        {
            **QUESTION,
            "verify": _list(_words(VERIFIABLE), "照合する項目", minItems=1, uniqueItems=True),
        },
        without=tuple(QUESTION),
        says="申請者の記載と照合する項目 / what an applicant wrote, and which of it is to be verified",
    ),
    "Choice": _CHOICE,
    "Provided": _result(
        "provided",
        {
            "ledger": _text("台帳番号 / line of the ledger"),
            "answers": _list(reference("Answer"), "照会の順 / in the order of the questions", minItems=1),
        },
    ),
    "Answer": _ANSWER,
    "Hit": _HIT,
    "Candidate": _CANDIDATE,
    "Refusal": _REFUSAL,
    "Purposes": _result("purposes", {"as_of": _text(format="date"), "affairs": _list(_object(_AFFAIR))}),
    "Purpose": _result("purpose", {"as_of": _text(format="date"), **_AFFAIR}),
    "Ledger": _result(
        "ledger",
        {
            "node": _text("この接続口の機関 / whose ledger"),
            "lines": _list(_object(_LINE)),
            "following": _or_null(_text("続きは `before` にこの番号を / more lie before this one")),
        },
    ),
    "LedgerLine": _result("ledger-line", {**_LINE, **_ABOUT}, without=tuple(_ABOUT)),
    "Health": _result("health", {"status": _text(const="ok"), "node": _text(), "at": _MOMENT}),
    "Problem": _PROBLEM,
}

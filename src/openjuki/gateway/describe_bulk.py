# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The description of asking with files (一括照会の接続仕様): its roads and what they answer."""

from __future__ import annotations

from typing import Any, Final

from openjuki.carriage.answer_files import Format
from openjuki.carriage.encoding import Encoding
from openjuki.gateway import examples, parameters, reading
from openjuki.gateway.describing import OF_ALL, in_path, query, responses
from openjuki.gateway.schemas import Schema, reference
from openjuki.residents.look_up import Result
from openjuki.wire.bulk import KeyKind, Standing

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_LATER: Final = {"anyOf": [_MOMENT, {"type": "null"}]}
_ID: Final = {"type": "string", "pattern": f"^{parameters.LINE_ID.pattern}$"}
#: How far a request is.
_REQUEST: Final[Schema] = {
    "id": _ID | {"description": "照会の番号（台帳番号） / the request; also its line of the ledger"},
    "asked_at": _MOMENT,
    "office": _TEXT,
    "operator": _TEXT,
    "affair": _TEXT,
    "reason": _TEXT,
    "method": _TEXT,
    "provider": _TEXT | {"description": "提供者 / who provides"},
    "kind": {
        "type": "string",
        "enum": [str(one) for one in KeyKind],
        "description": "照会条件 / the kind of key",
    },
    "file": _TEXT,
    "rows": _COUNT | {"description": "件数 / rows of the file"},
    "malformed": _COUNT | {"description": "形式誤りの件数 / rows whose key cannot be read"},
    "duplicates": _COUNT | {"description": "重複の件数 / rows whose key stands in an earlier row too"},
    "parts": _COUNT,
    "format": {"type": "string", "enum": [str(one) for one in Format]},
    "encoding": _TEXT,
    "standing": {
        "type": "string",
        "enum": [str(one) for one in Standing],
        "description": "状態 / how far it is",
    },
    "answered": _COUNT | {"description": "提供者が記録した分割 / parts that the provider has recorded"},
    "code": {"type": ["string", "null"], "description": "待つ又は失敗した理由 / why it waits or has failed"},
    "refusal": {"anyOf": [reference("Refusal"), {"type": "null"}]},
    "ended_at": _LATER,
    "erased_at": _LATER,
    "received": _COUNT | {"description": "受領した分割 / parts that have arrived"},
    "receipted": _COUNT | {"description": "受領を伝えた分割 / parts that the provider knows to have arrived"},
}


def _object(schema: str, members: Schema) -> Schema:
    whole = {"schema": {"type": "string", "const": f"openjuki/{schema}/1"}, **members}
    return {"type": "object", "properties": whole, "required": list(whole), "additionalProperties": False}


#: What these roads answer, by name.
SCHEMAS: Final[Schema] = {
    "BulkRequest": _object(
        "bulk-request",
        {
            **_REQUEST,
            "results": {
                "type": "object",
                "properties": {str(one): _COUNT for one in Result},
                "additionalProperties": False,
                "description": "受領した行の結果別件数 / rows that have arrived, by result",
            },
            "articles": {"type": "array", "items": _TEXT, "description": "根拠条文 / the articles"},
        },
    ),
    "BulkRequests": _object(
        "bulk-requests",
        {
            "node": _TEXT,
            "requests": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": _REQUEST,
                    "required": list(_REQUEST),
                    "additionalProperties": False,
                },
            },
        },
    ),
}


def roads() -> Schema:
    """The roads of asking with files."""
    named = in_path("request", _ID, examples.LINE)
    return {
        "/v1/bulk": {"post": _put(), "get": _all()},
        "/v1/bulk/{request}": {
            "get": _reading(
                "bulkState",
                "進行状況を見る / See how far it is",
                "部署の照会なら、どのシステムのものでも見られます。\n\nOf any request of the office.",
                named,
            ),
            "delete": _reading(
                "bulkEnd",
                "取りやめる・消去する / Call off, or erase",
                "進行中の照会を取りやめます（それまでに提供されたものは双方の記録に残ります）。終了した照会では、ファイルを消去します。\n\n"
                "Calls a request off between two parts; of one that is over, erases keys and answer. The ledger stays.",
                named,
                502,
            ),
        },
        "/v1/bulk/{request}/answer": {"get": _answer(named)},
    }


def _put() -> Schema:
    file = {"schema": {"type": "string", "format": "binary"}}
    return {
        "operationId": "bulkPut",
        "tags": ["bulk"],
        "summary": "ファイルで照会する / Ask with a file",
        "description": "照会ファイル（CSV又はParquet、四千万行まで）を送ります。読み取れない行があっても、残りの行に回答します。"
        "同じ事務に同じファイルを再び送ると、先の照会が返ります。\n\n"
        "A file of keys, up to forty million rows: a header names `resident_code`, `individual_number`, or `name`, `birth_date`, "
        "`sex` and `address`. Rows that cannot be read do not keep the others from being answered. The same file for the same "
        "affair is the same request.",
        "parameters": _parameters(),
        "requestBody": {
            "required": True,
            "content": {"text/csv": file, "application/vnd.apache.parquet": file},
        },
        "responses": responses("BulkRequest", *OF_ALL, 403, 413, done=202),
    }


def _parameters() -> list[Schema]:
    line = {"type": "string", "maxLength": parameters.LONGEST, "pattern": reading.LINE}
    encoding = {"type": "string", "enum": [str(one) for one in Encoding]}
    plain = {"type": "string", "pattern": reading.PLAIN}
    return [
        query("affair", plain, "事務の番号 / the affair", "state-115", required=True),
        query("reason", line, "照会の理由 / why: a case number", "現況 2026-11", required=True),
        query(
            "by",
            {"type": "string", "enum": [str(one) for one in KeyKind]},
            "照会条件の種類（省略時は見出し行から） / the kind of key; from the header where it is left out",
            "resident_code",
        ),
        query("name", line, "ファイルの名前 / what the file is called", "keys.csv"),
        query("encoding", encoding, "照会ファイルの文字コード / of the keys", "cp932"),
        query(
            "format",
            {"type": "string", "enum": [str(one) for one in Format]},
            "回答ファイルの形式 / of the answer",
            "csv",
        ),
        query("answer_encoding", encoding, "回答ファイルの文字コード / of the answer", "utf-8"),
        query(
            "again",
            {"type": "boolean"},
            "同じファイルでも改めて照会する / ask though it was asked before",
            example=False,
        ),
    ]


def _all() -> Schema:
    return {
        "operationId": "bulkList",
        "tags": ["bulk"],
        "summary": "一覧を見る / See the requests",
        "description": "この部署の一括照会を新しい順に百件まで返します。\n\nThe office's requests, newest first, a hundred at most.",
        "responses": responses("BulkRequests", *OF_ALL),
    }


def _reading(name: str, summary: str, description: str, named: Schema, *statuses: int) -> Schema:
    return {
        "operationId": name,
        "tags": ["bulk"],
        "summary": summary,
        "description": description,
        "parameters": [named],
        "responses": responses("BulkRequest", *OF_ALL, 404, *statuses),
    }


def _answer(named: Schema) -> Schema:
    said: dict[str, Any] = responses("BulkRequest", *OF_ALL, 403, 404, 416)
    file = {"schema": {"type": "string", "format": "binary"}}
    content = {"text/csv": file, "application/vnd.apache.parquet": file}
    said["200"] = {"description": "回答ファイル / the file of answers", "content": content}
    said["206"] = {
        "description": "`Range: bytes=…` で指定された部分 / the range of it that was asked for",
        "headers": {"Content-Range": {"required": True, "schema": {"type": "string"}}},
        "content": content,
    }
    return {
        "operationId": "bulkAnswer",
        "tags": ["bulk"],
        "summary": "回答を受け取る / Take the answer",
        "description": "照会ファイルの順に、行番号・結果・根拠条文・不備の項目と、認められた項目を並べた回答ファイルです。照会したシステムだけが受け取れます。途中で切れた受取りは `Range` で続けられます。\n\n"
        "A row for each row, in the order of the keys: its line, the result, the article, the column at fault, and the items "
        "that are granted. Only for the system that asked. What was broken off is gone on with by `Range`: one range of bytes; "
        "anything else is answered with the whole.",
        "parameters": [named],
        "responses": said,
    }

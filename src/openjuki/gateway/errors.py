# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a request to a gateway (要求の誤り), or with when it comes; drawn with all the others in `openjuki.errors`."""

from __future__ import annotations

from openjuki.errors import BadInput, Unavailable


class BadRequest(BadInput):
    """The request is not of the form that the gateway's description gives."""

    code = "JK-INPUT-0016"
    message_ja = "要求の形式が誤っています。接続仕様を確認してください。"


class NotJson(BadRequest):
    """The body of the request is not JSON, or does not say that it is."""

    code = "JK-INPUT-0019"
    message_ja = "要求の本文が JSON ではありません。"


class OversizedRequest(BadRequest):
    """The request holds more than is taken at a time; send it in parts."""

    code = "JK-INPUT-0017"
    message_ja = "一度に送れる量を超えています。分けて送ってください。"


class NothingThere(BadRequest):
    """There is nothing of this name, or not for this office."""

    code = "JK-INPUT-0018"
    message_ja = "指定されたものはありません。"


class TooManyStrangers(Unavailable):
    """Too many credentials are shown that nobody knows; whether this one is known is not looked up now."""

    code = "JK-UNAVAILABLE-0009"
    message_ja = "登録されていない資格情報が多数示されているため、確認を見合わせています。時間をおいて再度お試しください。"

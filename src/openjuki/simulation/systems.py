# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A system of an agency (接続システム), as its owner would write it: HTTP and JSON, its credential in every request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from openjuki.errors import Unavailable
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Seconds for an answer.
_PATIENCE: Final = 30.0
_PATHS: Final = {
    What.ASK: "/v1/provisions",
    What.VERIFY: "/v1/verifications",
    What.CONFIRM: "/v1/confirmations",
}
_ANSWERED, _REFUSED = 200, 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a gateway said (接続口の回答)."""

    #: Line of the ledger.
    ledger: str
    #: The answers, in the order of the questions; as many as were asked, also where the whole was refused.
    answers: Sequence[dict[str, Any]]


class System:
    """A system that asks a gateway, one request after the other on one connection."""

    def __init__(self, url: str, secret: str) -> None:
        """Take the gateway's address, and the secret of the credential."""
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE)
        self._headers = {"authorization": f"Bearer {secret}", "content-type": "application/json"}
        self._turn = asyncio.Lock()

    async def ask(self, what: What, questions: Sequence[dict[str, Any]], **purpose: Any) -> Reply:
        """Ask; what is refused is an answer.

        Raises:
            Unavailable: no answer.
        """
        body = orjson.dumps({**purpose, "questions": questions})
        async with self._turn:
            status, said = await asyncio.to_thread(self._post, _PATHS[what], body)
        if status == _ANSWERED:
            return Reply(ledger=said["ledger"], answers=said["answers"])
        if status == _REFUSED:
            refused = {"result": "not_permitted", "articles": [], "refusal": said}
            return Reply(ledger=said.get("ledger", ""), answers=[refused] * len(questions))
        raise Unavailable(f"the gateway says {status}, {said.get('code')}")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _post(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            self._connection.request("POST", path, body, self._headers)
            answer = self._connection.getresponse()
            return answer.status, orjson.loads(answer.read())
        except (OSError, HTTPException, orjson.JSONDecodeError) as error:
            self._connection.close()
            raise Unavailable("the gateway does not answer") from error

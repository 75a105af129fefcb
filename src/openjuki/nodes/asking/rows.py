# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal's rows about the ledger (照会台帳の記録): one row for all lines that were written together.

A row lists the lines, each with the digest of its own salt and content. So a line can be shown alone, and
erased alone: without its salt the digest tells nothing.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from openjuki.store import journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from openjuki.nodes.node import Office

#: Kinds: what leaves the node, what the own book refused, what came back, and what did not.
ASKED, REFUSED = "provision.asked", "question.refused"
ANSWERED, FAILED = "provision.answered", "provision.failed"


class Written(NamedTuple):
    """What was written of a line (台帳の記入)."""

    line: str
    salt: bytes
    content: bytes


def content(said: Mapping[str, Any]) -> bytes:
    """What is written, in the one form that is digested: canonical JSON."""
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def salts(office: Office, count: int) -> Iterator[bytes]:
    """As many salts, drawn together."""
    drawn = office.entropy(journal.SALT_SIZE * count)
    return (drawn[start : start + journal.SALT_SIZE] for start in range(0, len(drawn), journal.SALT_SIZE))


def entries(
    office: Office, kind: str, at: datetime, written: Sequence[Written], **counts: Mapping[str, int]
) -> list[journal.Entry]:
    """The row about these lines, with what can be counted of them; none where there is none."""
    if not written:
        return []
    lines = [[one.line, sha256(one.salt + one.content).hexdigest()] for one in written]
    return [
        journal.Entry(
            kind=kind,
            recorded_at=at,
            payload=content({"lines": lines, **counts}),
            salt=office.entropy(journal.SALT_SIZE),
        )
    ]

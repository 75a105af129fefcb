# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking a home town whether somebody may be told to another than themself (支援措置の照会). Pure.

The question names the person and who applies; the answer is one bit. Why not, since when and until when stay in the
town. Specified in ``docs/spec/disclosure.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson

from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadCode, BadEnvelope
from openjuki.wire.document import Items

#: The message.
MAY_BE_DISCLOSED: Final = "may-be-disclosed"
#: Who may apply for somebody else: 法定代理人, 任意代理人.
OTHERS: Final = ("representative", "delegate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether this person may be told to such an applicant (照会)."""

    resident_code: ResidentCode
    applicant: str

    def to_bytes(self) -> bytes:
        """The body of the message."""
        return orjson.dumps({"applicant": self.applicant, "resident_code": self.resident_code})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Question:
        """Read the body.

        Raises:
            BadEnvelope: malformed.
        """
        items = Items(raw)
        applicant = items.take("applicant", str)
        if applicant not in OTHERS:
            raise BadEnvelope("missing or malformed: applicant")
        try:
            code = ResidentCode.parse(items.take("resident_code", str))
        except BadCode as error:
            raise BadEnvelope("missing or malformed: resident_code") from error
        return cls(resident_code=code, applicant=applicant)


def write_answer(*, may: bool) -> bytes:
    """The body of the reply."""
    return orjson.dumps({"may": may})


def read_answer(raw: bytes) -> bool:
    """Read what `write_answer` wrote.

    Raises:
        BadEnvelope: malformed.
    """
    return bool(Items(raw).take("may", bool))

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Individual Number (個人番号, 番号法2条5項, 番号法施行令6条): eleven digits and a check digit.

The check digit is that of 番号法省令85号5条: sure. `derive` is our own definition (docs/spec/codes.md).

>>> IndividualNumber.parse("１２３４ ５６７８ ９０１８")
'123456789018'
>>> IndividualNumber.parse("983205673210")
Traceback (most recent call last):
    ...
openjuki.errors.BadCode: the check digit is wrong
>>> IndividualNumber.parse("123456789018").format()
'1234 5678 9018'
"""

from __future__ import annotations

import hmac
from itertools import count
from typing import TYPE_CHECKING, Self

from openjuki.codes import digits
from openjuki.errors import BadCode, BadConfiguration

if TYPE_CHECKING:
    from openjuki.codes.resident import ResidentCode

_LENGTH = 12
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS = 11

#: Shortest key that may convert codes.
KEY_BYTES = 32
_DOMAIN = b"openjuki/individual-number/v1\x00"
_BODIES = 10 ** (_LENGTH - 1)
#: Five bytes hold ten whole runs of all bodies; what lies above is drawn again.
_CANDIDATE_BYTES = 5
_ACCEPTED = 2 ** (8 * _CANDIDATE_BYTES) // _BODIES * _BODIES


class IndividualNumber(str):
    """Individual Number (個人番号, 番号法2条5項)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number however it is grouped.

        Raises:
            BadCode: not twelve digits, or a wrong check digit.
        """
        number = digits.read(text, _LENGTH)
        if _check_digit(number) != number[-1]:
            raise BadCode("the check digit is wrong")
        return cls(number)

    @staticmethod
    def check_digit(body: str) -> str:
        """The last digit for these eleven (検査用数字, 番号法省令85号5条).

        Raises:
            BadCode: not eleven digits.
        """
        return _check_digit(digits.read(body, _LENGTH - 1))

    @classmethod
    def from_body(cls, body: str) -> Self:
        """These eleven digits and their check digit.

        Raises:
            BadCode: not eleven digits.
        """
        compact = digits.read(body, _LENGTH - 1)
        return cls(compact + _check_digit(compact))

    @classmethod
    def draw(cls, entropy: bytes) -> Self:
        """A random number out of at least 16 random bytes: for tests and made-up people only."""
        return cls.from_body(digits.draw(entropy, _LENGTH - 1))

    @classmethod
    def is_valid(cls, text: str) -> bool:
        """Whether `parse` would read it."""
        try:
            cls.parse(text)
        except BadCode:
            return False
        return True

    def format(self) -> str:  # type: ignore[override]  # not str.format
        """Grouped for people, as on the card: 4, 4 and 4 digits."""
        return f"{self[:4]} {self[4:8]} {self[8:]}"


def _check_digit(number: str) -> str:
    """Of the first eleven digits of `number`."""
    remainder = digits.weighted_sum(number[: _LENGTH - 1], _WEIGHTS) % _MODULUS
    return "0" if remainder <= 1 else str(_MODULUS - remainder)


def derive(resident_code: ResidentCode, key: bytes, attempt: int = 0) -> IndividualNumber:
    """Convert a Resident Record Code so that nobody can convert back (番号法施行令6条).

    Where the number, in use or former, is taken already, or is to be changed (番号法7条2項), the caller
    asks again with the next attempt; the register of numbers is the caller's.

    Raises:
        BadConfiguration: the key is shorter than 32 bytes.
    """
    if len(key) < KEY_BYTES:
        raise BadConfiguration("the key of the individual numbers is shorter than 32 bytes")
    subject = _DOMAIN + resident_code.encode() + attempt.to_bytes(4)
    for draw in count():
        digest = hmac.digest(key, subject + draw.to_bytes(4), "sha256")
        candidate = int.from_bytes(digest[:_CANDIDATE_BYTES])
        if candidate < _ACCEPTED:
            return IndividualNumber.from_body(str(candidate % _BODIES).zfill(_LENGTH - 1))
    raise AssertionError  # pragma: no cover - count() does not end

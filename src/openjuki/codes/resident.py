# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Resident Record Code (住民票コード, 法7条13号, 規則1条): ten random digits and a check digit.

The formula of the check digit is set by a notice of the Minister (平成14年総務省告示436号) whose text
we could not read. `MODULUS_11` is the formula of open code that every known sample satisfies: likely, not
sure. It is therefore a replaceable strategy, and a node can accept real codes whatever their last digit is.

>>> ResidentCode.parse("2472 7059 608")
'24727059608'
>>> ResidentCode.parse("24727059609")
Traceback (most recent call last):
    ...
openjuki.errors.BadCode: the check digit is wrong
>>> ResidentCode.parse("24727059609", rule=ANY_CHECK_DIGIT)
'24727059609'
>>> ResidentCode.parse("24727059608").format()
'2472 7059 608'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self

from openjuki.codes import digits
from openjuki.errors import BadCode

_LENGTH = 11
_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS = 11


class CheckRule(Protocol):
    """How the last digit follows from the ten before it (検査数字の算式, 規則1条)."""

    def check_digit(self, body: str) -> str:
        """The last digit for these ten."""

    def accepts(self, code: str) -> bool:
        """Whether these eleven digits may be a code."""


@dataclass(frozen=True, slots=True)
class Modulus11:
    """The likely rule (検査数字の算式): weights 2 to 7 from the right, then 2 to 5; remainders 0 and 1 give 0."""

    def check_digit(self, body: str) -> str:
        """Eleven less the remainder."""
        remainder = digits.weighted_sum(body, _WEIGHTS) % _MODULUS
        return "0" if remainder <= 1 else str(_MODULUS - remainder)

    def accepts(self, code: str) -> bool:
        """The last digit is the one computed."""
        return self.check_digit(code[:-1]) == code[-1]


@dataclass(frozen=True, slots=True)
class AnyCheckDigit:
    """Computes as another rule (検査数字の算式) does, but accepts every last digit."""

    rule: CheckRule

    def check_digit(self, body: str) -> str:
        """As the other rule."""
        return self.rule.check_digit(body)

    def accepts(self, code: str) -> bool:  # noqa: ARG002 - the point of the rule
        """Always."""
        return True


MODULUS_11: Final[CheckRule] = Modulus11()
ANY_CHECK_DIGIT: Final[CheckRule] = AnyCheckDigit(MODULUS_11)


class ResidentCode(str):
    """Resident Record Code (住民票コード, 法7条13号)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, *, rule: CheckRule = MODULUS_11) -> Self:
        """Read a code however it is grouped.

        Raises:
            BadCode: not eleven digits, or a check digit the rule does not accept.
        """
        code = digits.read(text, _LENGTH)
        if not rule.accepts(code):
            raise BadCode("the check digit is wrong")
        return cls(code)

    @staticmethod
    def check_digit(body: str) -> str:
        """The last digit for these ten, by the likely rule.

        Raises:
            BadCode: not ten digits.
        """
        return MODULUS_11.check_digit(digits.read(body, _LENGTH - 1))

    @classmethod
    def from_body(cls, body: str) -> Self:
        """These ten digits and their check digit.

        Raises:
            BadCode: not ten digits.
        """
        compact = digits.read(body, _LENGTH - 1)
        return cls(compact + MODULUS_11.check_digit(compact))

    @classmethod
    def draw(cls, entropy: bytes) -> Self:
        """A random code (無作為, 規則9条1項) out of at least 16 random bytes."""
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
        """Grouped for people: 4, 4 and 3 digits."""
        return f"{self[:4]} {self[4:8]} {self[8:]}"

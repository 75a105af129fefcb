# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Address (住所, 法7条7号): the municipality by its code, the rest as recorded.

>>> from openjuki.codes.local_government import LocalGovernmentCode
>>> Address(LocalGovernmentCode("131016"), "千代田一丁目", "1番1号", "宮内ハイツ101").text
'千代田一丁目1番1号　宮内ハイツ101'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.errors import BadAddress
from openjuki.refusal import Where
from openjuki.residents.writing import LONGEST, flaw

if TYPE_CHECKING:
    from openjuki.codes.local_government import LocalGovernmentCode

_SEVEN_DIGITS: Final = re.compile(r"\d{7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Address (住所, 法7条7号).

    Raises:
        BadAddress: a part holds what cannot be recorded, all of it is too long, or there is neither town nor block;
            `where.column` names the part, or the longest.
    """

    #: 市町村コード; a ward's where the city has wards.
    municipality: LocalGovernmentCode
    #: 町字: oaza, chome, koaza; empty where the municipality has none.
    town: str
    #: 番地 or 街区符号・住居番号.
    block: str = ""
    #: 方書: building, room, or the household one lodges with.
    building: str = ""
    #: 郵便番号, seven digits.
    postal_code: str | None = None
    #: 町字ID of the address base registry (アドレス・ベース・レジストリ), seven digits.
    machiaza_id: str | None = None

    def __post_init__(self) -> None:
        """Look at every part."""
        parts = {"town": self.town, "block": self.block, "building": self.building}
        if len(self.text) > LONGEST:
            longest = max(parts, key=lambda part: len(parts[part]))
            raise BadAddress(f"{longest}: too long", where=Where(column=longest))
        for part, value in parts.items():
            if reason := value and flaw(value):
                raise BadAddress(f"{part}: {reason}", where=Where(column=part))
        for part, digits in (("postal_code", self.postal_code), ("machiaza_id", self.machiaza_id)):
            if digits is not None and not _SEVEN_DIGITS.fullmatch(digits):
                raise BadAddress(f"{part}: not seven digits", where=Where(column=part))
        if not self.town and not self.block:
            raise BadAddress("neither town nor block", where=Where(column="town"))

    @property
    def text(self) -> str:
        """The address below the municipality, as it is read: building after a full-width space."""
        return (
            f"{self.town}{self.block}\u3000{self.building}" if self.building else f"{self.town}{self.block}"
        )

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Under which search keys somebody is found (検索キー), beside the one of the name and the one of its reading."""

from __future__ import annotations

from typing import NamedTuple

from openjuki.residents.names import other_names, other_reading
from openjuki.residents.search import kana_key, variant_key


class NamesToFind(NamedTuple):
    """What a person's names are found by (検索に用いる氏名): each leads to a search key."""

    name: str
    furigana: str | None
    former_surname: str | None
    former_surname_furigana: str | None
    alias: str | None

    @property
    def name_key(self) -> str:
        """氏名検索キー."""
        return variant_key(self.name)

    @property
    def kana_key(self) -> str | None:
        """清音化かな氏名; None where no reading is recorded."""
        return None if self.furigana is None else kana_key(self.furigana)

    @property
    def other_keys(self) -> tuple[str, ...]:
        """Keys of the further names, each once.

        >>> NamesToFind("渡邉　葵", "ワタナベ　アオイ", "佐藤", "サトウ", None).other_keys
        ('佐藤葵', 'サトアオイ')
        """
        others = map(variant_key, other_names(self.name, self.former_surname, self.alias))
        reading = other_reading(self.furigana or "", self.former_surname_furigana)
        readings = () if reading is None else (kana_key(reading),)
        return tuple(
            dict.fromkeys(
                key for key in (*others, *readings) if key not in {"", self.name_key, self.kana_key}
            )
        )

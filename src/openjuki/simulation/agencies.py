# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The ten agencies (国の機関等・執行機関) of the demonstration: who asks, for which affairs, from which office.

They have names of bodies that exist, so that the tables of the Act can be held against them; their offices, people
and systems are fictitious, and no statement is made about the bodies themselves. Who they are in the law stands in
the statute book (``law/data/bodies.toml``). An office asks for the affairs it holds and for no other, even if
the law names its agency for them::

    juki provide ask --node agency-hokkaido-zei --operator tanto-1 --terminal tanto-t1 --affair prefecture-010 ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.codes.local_government import LocalGovernmentCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openjuki.simulation.nation_plan import PlannedPrefecture


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOffice:
    """An office (部署) of an agency, with the affairs it holds."""

    id: str
    name: str
    affairs: tuple[str, ...]

    @property
    def operators(self) -> tuple[str, str]:
        """Who works there (操作者)."""
        return f"{self.id}-1", f"{self.id}-2"

    @property
    def terminal(self) -> str:
        """Where they ask (端末)."""
        return f"{self.id}-t1"

    @property
    def system(self) -> str:
        """Its program, which asks by itself (接続システム)."""
        return f"{self.id}-sys"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAgency:
    """An agency (国の機関等・執行機関) of the demonstration."""

    id: str
    name: str
    english: str
    #: Whose governor it asks; the State's agencies have none.
    prefecture: LocalGovernmentCode | None = None
    offices: tuple[PlannedOffice, ...]


def _agency(
    slug: str, name: str, english: str, prefecture: str | None, *offices: PlannedOffice
) -> PlannedAgency:
    own = None if prefecture is None else LocalGovernmentCode.parse(prefecture)
    return PlannedAgency(id=f"agency-{slug}", name=name, english=english, prefecture=own, offices=offices)


def _office(id_: str, name: str, *affairs: str) -> PlannedOffice:
    return PlannedOffice(id=id_, name=name, affairs=affairs)


AGENCIES: Final = (
    _agency(
        "nenkin",
        "日本年金機構",
        "Japan Pension Service",
        None,
        _office("kokunen", "国民年金部", "state-118"),
        _office("kounen", "厚生年金部", "state-115"),
    ),
    _agency("kokuzei", "国税庁", "National Tax Agency", None, _office("tanto", "納税者管理室", "state-061")),
    _agency(
        "kyokai-kenpo",
        "全国健康保険協会",
        "Japan Health Insurance Association",
        None,
        _office("tanto", "給付部", "state-108"),
    ),
    _agency(
        "jasso",
        "日本学生支援機構",
        "Japan Student Services Organization",
        None,
        _office("tanto", "返還部", "state-070"),
    ),
    _agency(
        "digital",
        "デジタル庁",
        "Digital Agency",
        None,
        _office("tanto", "公金受取口座担当", "state-022", "digital-agency-code"),
    ),
    _agency(
        "tokyo-ryoken",
        "東京都旅券課",
        "Tokyo passport office",
        "130001",
        _office("tanto", "旅券課", "prefecture-013"),
    ),
    _agency(
        "hokkaido-zei",
        "北海道道税事務所",
        "Hokkaido tax office",
        "010006",
        _office("tanto", "課税課", "prefecture-010", "hokkaido-2-02"),
    ),
    _agency(
        "shizuoka-zei",
        "静岡県財務事務所",
        "Shizuoka tax office",
        "220001",
        _office("tanto", "課税課", "prefecture-010"),
    ),
    _agency(
        "hokkaido-kyoiku",
        "北海道教育委員会",
        "Hokkaido board of education",
        "010006",
        _office("tanto", "修学支援課", "prefecture-014", "prefecture-072"),
    ),
    _agency(
        "chiyoda-fukushi",
        "千代田区福祉事務所",
        "Chiyoda welfare office",
        "130001",
        _office("tanto", "生活支援課", "city-027", "city-021"),
    ),
)


def agencies_of(
    nation: Iterable[PlannedPrefecture], agencies: Sequence[PlannedAgency] = AGENCIES
) -> tuple[PlannedAgency, ...]:
    """Those agencies whose governor is in the nation; the State's are in any."""
    there = {None, *(prefecture.code for prefecture in nation)}
    return tuple(agency for agency in agencies if agency.prefecture in there)

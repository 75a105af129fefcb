# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the pages say (画面の言葉), Japanese first and English beside it: items, keys, results and values. Pure.

>>> shown("birth_date", "1990-01-01").ja, shown("municipality", "131016").ja
('平成2年1月1日', '東京都千代田区')
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.codes.local_government import municipality
from openjuki.errors import BadCode, BadDate
from openjuki.law.basis import Key
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import Result
from openjuki.wire.clientele import Meaning
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Said(NamedTuple):
    """The same in Japanese and in English."""

    ja: str
    en: str


class Verdict(NamedTuple):
    """What an answer says at its head: a sign, a sentence, and what to do next."""

    sign: str
    title: Said
    advice: Said


ITEMS: Final[Mapping[str, Said]] = {
    "resident_number": Said("宛名番号", "Resident number"),
    "resident_code": Said("住民票コード", "Resident Record Code"),
    "individual_number": Said("個人番号", "Individual Number"),
    "name": Said("氏名", "Name"),
    "furigana": Said("氏名の振り仮名", "Furigana"),
    "former_surname": Said("旧氏", "Former surname"),
    "former_surname_furigana": Said("旧氏の振り仮名", "Its furigana"),
    "alias": Said("通称", "Alias"),
    "birth_date": Said("生年月日", "Date of birth"),
    "sex": Said("性別", "Sex"),
    "municipality": Said("市区町村", "Municipality"),
    "address": Said("住所", "Address"),
    "state": Said("住民の状態", "Standing"),
    "reason": Said("異動事由", "Reason of the last change"),
    "date_of_change": Said("異動年月日", "Date of the last change"),
    "version": Said("更新順番号", "Version"),
    "recorded_at": Said("記録日時", "Recorded"),
}
WHATS: Final[Mapping[str, Said]] = {
    What.ASK: Said("照会", "Look-up"),
    What.VERIFY: Said("照合", "Verification"),
    What.CONFIRM: Said("候補の確定", "Choice of a candidate"),
}
METHODS: Final[Mapping[str, Said]] = {
    "terminal": Said("端末", "Terminal"),
    "online": Said("即時提供", "Online"),
    "bulk": Said("一括提供", "Bulk"),
}
RESULTS: Final[Mapping[str, Verdict]] = {
    Result.MATCHED: Verdict(
        "yes",
        Said("一致しました", "One person matches"),
        Said("該当する人は1人です。", "One person was found."),
    ),
    Result.MISMATCH: Verdict(
        "differs",
        Said("一致しない項目があります", "Some items differ"),
        Said(
            "×の項目を申請書で確かめてください。",
            "Check the items with a cross against the application.",
        ),
    ),
    Result.SEVERAL: Verdict(
        "several",
        Said("複数の人が該当しました", "Several persons match"),
        Said(
            "申請書と見比べて、1人を選んでください。選んだ人の情報だけが提供されます。",
            "Compare with the application and choose one. Only that person’s items are then provided.",
        ),
    ),
    Result.TOO_MANY: Verdict(
        "several",
        Said("該当する人が多すぎます", "Too many persons match"),
        Said("条件を足して、もう一度照会してください。", "Add to the conditions and ask again."),
    ),
    Result.NONE: Verdict(
        "none",
        Said("該当する人はいません", "Nobody matches"),
        Said(
            "氏名の漢字や生年月日の書き間違いがないか確かめてください。",
            "Check the characters of the name and the date of birth.",
        ),
    ),
    Result.MOVED_OUT: Verdict(
        "gone",
        Said("転出済みで、転入先がまだ届け出られていません", "Moved out, and not yet entered anywhere"),
        Said("転入の手続を本人に確かめてください。", "Ask whether the move-in was notified."),
    ),
    Result.DIED: Verdict(
        "gone",
        Said("死亡により消除されています", "The record was deleted on death"),
        Said("手続の根拠を確かめてください。", "Check on what ground the procedure goes on."),
    ),
    Result.LEFT_THE_COUNTRY: Verdict(
        "gone",
        Said("国外への転出により消除されています", "The record was deleted on moving abroad"),
        Said("国内に住所はありません。", "There is no address in the country."),
    ),
    Result.REMOVED: Verdict(
        "gone",
        Said("職権などにより消除されています", "The record was deleted ex officio"),
        Said("住所地の市区町村に確かめてください。", "Ask the municipality."),
    ),
    Result.SUPERSEDED: Verdict(
        "none",
        Said("この番号は変更されています", "The code or number was replaced"),
        Said(
            "新しい番号は通知されません。本人に確かめるか、氏名で照会してください。",
            "Which one replaced it is not told: ask the person, or ask by name.",
        ),
    ),
    Result.NOT_PERMITTED: Verdict(
        "refused",
        Said("認められません", "Not permitted"),
        Said("何も提供されていません。", "Nothing was provided."),
    ),
    Result.MALFORMED: Verdict(
        "refused",
        Said("入力の形式に誤りがあります", "An item is malformed"),
        Said("何も提供されていません。", "Nothing was provided."),
    ),
}
#: What a recipient of changes is told to have happened (異動の意味).
CHANGES: Final[Mapping[str, Said]] = {
    Meaning.DIED: Said("死亡", "died"),
    Meaning.MOVED_WITHIN: Said("転居", "moved within the municipality"),
    Meaning.MOVED_TO_OTHER: Said("ほかの市区町村への転入", "moved to another municipality"),
    Meaning.MOVED_ABROAD: Said("国外への転出", "moved abroad"),
    Meaning.MOVING_OUT: Said("転出の届出", "about to move out"),
    Meaning.MOVED_IN_FROM_ABROAD: Said("国外からの転入", "moved in from abroad"),
    Meaning.NAME_CHANGED: Said("氏名等の変更", "name changed"),
    Meaning.ENTERED: Said("住民票の記載", "entered"),
    Meaning.REMOVED: Said("職権による消除等", "removed"),
    Meaning.NUMBER_CHANGED: Said("個人番号の変更", "number changed"),
    Meaning.KEY_SUPERSEDED: Said("住民票コード等の変更", "code or number replaced"),
    Meaning.RECORD_CORRECTED: Said("記録の修正", "record corrected"),
}
#: An answer of which nothing may be believed, or that did not come.
FAILED: Final = Verdict(
    "refused",
    Said("回答を得られませんでした", "No answer"),
    Said(
        "照会したことは台帳に残りました。少し待って、もう一度照会してください。",
        "That it was asked stands in the ledger. Wait a little, and ask again.",
    ),
)
_SEXES: Final = {
    "male": Said("男", "male"),
    "female": Said("女", "female"),
    "unknown": Said("不詳", "unknown"),
}
STATES: Final[Mapping[str, Said]] = {
    "resident": Said("住民", "resident"),
    "move_out_planned": Said("転出予定", "about to move out"),
    "moved_out": Said("転出", "moved out"),
    "moved_out_not_entered": Said("転出（転入先未届）", "moved out, not yet entered anywhere"),
    "moved_abroad": Said("国外転出", "moved abroad"),
    "abroad": Said("国外転出", "moved abroad"),
    "died": Said("死亡", "died"),
    "naturalised": Said("帰化により消除", "deleted on naturalisation"),
    "nationality_lost": Said("国籍喪失により消除", "deleted on loss of nationality"),
    "deleted": Said("職権消除", "deleted ex officio"),
}
#: What is wrong with a field of a form, and how it is written.
FAULTS: Final[Mapping[str, Said]] = {
    "reason": Said("受付番号を100字以内で入力してください", "Give a case number of at most 100 characters"),
    "resident_code": Said("住民票コードは11桁です", "A Resident Record Code has 11 digits"),
    "individual_number": Said("個人番号は12桁です", "An Individual Number has 12 digits"),
    "name": Said("氏名を入力してください", "Give the name"),
    "furigana": Said("振り仮名を入力してください", "Give the furigana"),
    "birth_date": Said(
        "生年月日は「平成2年1月1日」か「1990-01-01」のように入力してください",
        "Give the date of birth as 1990-01-01 or 平成2年1月1日",
    ),
    "address": Said("住所を入力してください", "Give the address"),
    "sex": Said("性別を選び直してください", "Choose the sex again"),
    "verify": Said("照合する項目を入力してください", "Give what is to be verified"),
    "keys": Said("照会条件が足りません", "The conditions are not enough"),
    "identified_by": Said(
        "本人確認書類を入力してください", "Say by which papers the applicant was identified"
    ),
    "wants": Said("請求の対象を選んでください", "Choose what is asked for"),
    "applicant": Said("請求した人を選んでください", "Choose who applies"),
    "received_on": Said("受理した日は、今日までの日を入力してください", "Give a day up to today"),
}


def item(name: str) -> Said:
    """An item's name."""
    return ITEMS.get(name) or Said(name, name)


def together(names: Iterable[str]) -> Said:
    """Items, one after the other.

    >>> together(["name", "birth_date"])
    Said(ja='氏名と生年月日', en='name and date of birth')
    """
    said = [item(name) for name in names]
    return Said("と".join(one.ja for one in said), _lowered(" and ".join(one.en for one in said)))


def _lowered(text: str) -> str:
    names = {ITEMS[Key.INDIVIDUAL_NUMBER].en, ITEMS[Key.RESIDENT_CODE].en}
    return text if text in names else text.lower()


def shown(name: str, value: Any) -> Said:
    """The value of an item as people read it; where nothing is recorded, a dash."""
    if value is None or value == "":
        return Said("―", "not recorded")
    try:
        return _SHOWN.get(name, _plain)(value)
    except (BadCode, BadDate, KeyError, ValueError):
        return _plain(value)


def _plain(value: Any) -> Said:
    return Said(str(value), "")


def _date(value: Any) -> Said:
    recorded = RecordedDate.from_json(value)
    return Said(recorded.wareki, recorded.text if recorded.is_exact else "")


def _place(value: str) -> Said:
    place = municipality(value)
    return Said(place.prefecture + place.name, value)


def _grouped(value: str) -> Said:
    """Figures in groups of four, as they are read out."""
    return Said(" ".join(value[start : start + 4] for start in range(0, len(value), 4)), "")


_SHOWN: Final[Mapping[str, Callable[[Any], Said]]] = {
    "birth_date": _date,
    "date_of_change": _date,
    "municipality": _place,
    "sex": _SEXES.__getitem__,
    "state": STATES.__getitem__,
    "reason": lambda value: Said(Reason(value).japanese, value),
    "individual_number": _grouped,
    "recorded_at": lambda value: Said(str(value)[:16].replace("T", " "), ""),
}

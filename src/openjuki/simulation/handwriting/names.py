# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Names with other shapes of their characters than the register has (旧字体・異体字)."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from openjuki.simulation.handwriting.choice import by_character, pick
from openjuki.simulation.handwriting.width import kana_of_the_other_kind, other_spaces, other_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from openjuki.simulation.chance import Chance

    type Slip = Callable[[Chance, str], str | None]

#: Old characters (旧字体) and those for general use, as the 常用漢字表 pairs them.
_OLD: Final = (
    "乘亂亞佛來倂假傳僞價儉兒兩剩劍劑勞勳勵勸區卷卽參單嚴囑圈國圍圓圖團增墮壓壘壞壤壯壹壽奧奬孃學寢實寫寬"
    "寶將專對屆屬峽嶽巢帶廢廣廳彈彌徑從徵德恆惠惡惱愼慘應懷戀戰戲戾拂拔拜挾插揭搖搜擇擊擔據擧擴攝收效敍敕"
    "數斷晚晝曆曉曾會條棧榮槪樂樓樞樣橫檢櫻權歐歡步歷歸殘殼毆每氣涉淚淨淺渴溪溫滯滿潛澁澤濕濟濱瀧瀨灣燈燒"
    "營爐爭爲犧狀狹獨獵獸獻甁畫當疊瘦癡發盜盡眞硏碎祕禪禮稱稻穗穩竊竝粹絲經綠緖緣縣縱總繩繪繼續纖缺罐聲聽"
    "肅腦膽臟臺與舊艷莊莖萬薰藏藝藥處虛號螢蟲蠶蠻衞裝襃覺覽觀觸謠證譯譽讀變讓豐豫貳賣賴贊踐輕轉辭遞遲邊郞"
    "鄕醉醫釀釋錄錢鍊鎭鐵鑄鑛關陷隨險隱雙雜霸靈靜顯飜餘騷驅驗驛髓體髮鬭鷄鹽麥麵黃黑默點黨齊齋齒齡龍"
)
_NEW: Final = (
    "乗乱亜仏来併仮伝偽価倹児両剰剣剤労勲励勧区巻即参単厳嘱圏国囲円図団増堕圧塁壊壌壮壱寿奥奨嬢学寝実写寛"
    "宝将専対届属峡岳巣帯廃広庁弾弥径従徴徳恒恵悪悩慎惨応懐恋戦戯戻払抜拝挟挿掲揺捜択撃担拠挙拡摂収効叙勅"
    "数断晩昼暦暁曽会条桟栄概楽楼枢様横検桜権欧歓歩歴帰残殻殴毎気渉涙浄浅渇渓温滞満潜渋沢湿済浜滝瀬湾灯焼"
    "営炉争為犠状狭独猟獣献瓶画当畳痩痴発盗尽真研砕秘禅礼称稲穂穏窃並粋糸経緑緒縁県縦総縄絵継続繊欠缶声聴"
    "粛脳胆臓台与旧艶荘茎万薫蔵芸薬処虚号蛍虫蚕蛮衛装褒覚覧観触謡証訳誉読変譲豊予弐売頼賛践軽転辞逓遅辺郎"
    "郷酔医醸釈録銭錬鎮鉄鋳鉱関陥随険隠双雑覇霊静顕翻余騒駆験駅髄体髪闘鶏塩麦麺黄黒黙点党斉斎歯齢竜"
)
#: Shapes that one name is written with at one office and another at the next (人名の異体字).
_SHAPES: Final = [
    "邊邉辺",
    "齋齊斎斉",
    "濱濵浜",
    "髙高",
    "﨑崎嵜碕",
    "嶋嶌島",
    "冨富",
    "條条",
    "峯峰",
    "舘館",
    "籠篭",
    "檜桧",
    "槇槙",
    "曾曽",
    "桒桑",
    "柗松",
    "枩松",
    "㐂喜",
    "淵渕渊",
    "凛凜",
    "晃晄",
    "翆翠",
    "巖巌",
    "絲糸",
    "莊庄荘",
    "兔兎",
    "鷗鴎",
    "鶯鴬",
    "瀧滝",
    "籔薮藪",
    "秋穐",
    "煕熙熈",
    "劍剣劔剱",
    "鎌鐮",
    "舩船",
    "梅楳",
    "京亰",
    "吉𠮷",
    "橋𣘺",
    "桺栁柳",
    "野埜",
    "聰聡",
    "總総",
    "禮礼",
    "祢禰",
    "稻稲",
    "賴頼",
    "祿禄",
    "昻昂",
    "強强",
    "彥彦",
    "產産",
    "顏顔",
    "吳呉",
    "戶戸",
    "鄕郷",
    "蔣蒋",
    "壺壷",
    "竒奇",
    "児兒",
    "鷄鶏",
    "溪渓谿",
    "勛勲勳",
    "槗橋",
    "奧奥",
    "填塡",
    "顚顛",
    "豐豊",
    "艷艶",
    "龍竜",
    "瀨瀬",
    "蘆芦",
    "莱萊",
    "桝枡",
    "榮栄",
    "藤籐",
    "鶴靍靏",
    "磯礒",
    "関關",
]
_IDEOGRAPH: Final = re.compile("[一-鿿]")


def old_character(chance: Chance, name: str) -> str | None:
    """An old character for a new one, or the other way round (旧字体)."""
    return by_character(chance, name, _old_and_new())


def variant_shape(chance: Chance, name: str) -> str | None:
    """Another shape of a character (異体字)."""
    return by_character(chance, name, _shapes())


def variation_selector(chance: Chance, name: str) -> str | None:
    """A character with a variation selector behind it (IVS), as input methods leave one."""
    places = [found.end() for found in _IDEOGRAPH.finditer(name)]
    if not places:
        return None
    place = pick(chance, places)
    return name[:place] + chr(0xE0100 + int(chance.below(16, 1)[0])) + name[place:]


def compatibility_character(chance: Chance, name: str) -> str | None:
    """A compatibility ideograph (互換漢字), as old systems send them."""
    return by_character(chance, name, _compatibility())


def repetition_written_out(_: Chance, name: str) -> str | None:
    """佐佐木 for 佐々木."""
    return re.sub("(.[\U000e0100-\U000e01ef]?)々", r"\1\1", name) if "々" in name else None


@cache
def _old_and_new() -> Mapping[str, Sequence[str]]:
    return _grouped([*zip(_OLD, _NEW, strict=True)])


@cache
def _shapes() -> Mapping[str, Sequence[str]]:
    return _grouped(_SHAPES)


@cache
def _compatibility() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for code in (*range(0xF900, 0xFA6E), *range(0xFA70, 0xFADA)):
        if len(plain := normalize("NFC", chr(code))) == 1 and plain != chr(code):
            found[plain].append(chr(code))
    return found


def _grouped(groups: Iterable[Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """By every member of a group, the others."""
    found: dict[str, list[str]] = defaultdict(list)
    for group in groups:
        for one in group:
            found[one] += [other for other in group if other != one]
    return found


#: Slips in names, by what they are called.
IN_NAMES: Final[Mapping[str, Slip]] = {
    "旧字体": old_character,
    "異体字": variant_shape,
    "IVS": variation_selector,
    "互換漢字": compatibility_character,
    "spaces": other_spaces,
    "々": repetition_written_out,
    "width": other_width,
    "hiragana and katakana": kana_of_the_other_kind,
}

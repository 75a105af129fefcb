# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Readings that sound alike (振り仮名の照合), and the search keys under which they are found.

Rules of this file:

1. Sounding alike is no key: ヅ is taken for ズ and for ツ, which are not taken for one another; ー may be a vowel
   or nothing, but a vowel is not nothing. So a reading has several forms, and two agree that share one.
2. Somebody whose name sounds alike is recorded under one of a few `kana_key`s; they are all looked for.

`docs/spec/search-keys.md` defines the forms with examples.

>>> sound_alike("テヅカ　ユーコ", "テツカ ゆうこ"), sound_alike("テズカ　ユウコ", "テツカ ユウコ")
(True, False)
>>> sound_alike("オオノ", "オーノ"), sound_alike("オオノ", "オノ")
(True, False)
>>> sought_under("テヅカ　ユーコ")
('テツカユコ', 'テツカユウコ', 'テスカユコ', 'テスカユウコ')
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from openjuki.residents.search import DASHES, fold, kana_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The kana of each vowel, and what behind them is heard as the vowel held (長音).
_ROWS: Final = (
    ("アカサタナハマヤラワ", "ア"),
    ("イキシチニヒミリ", "イ"),
    ("ウクスツヌフムユル", "ウ"),
    ("エケセテネヘメレ", "イエ"),
    ("オコソトノホモヨロ", "ウオ"),
)
#: Stands for ー while a text is folded; of no name, and folding leaves it alone.
_HELD: Final = "\ue000"
_HOLDS: Final = str.maketrans(dict.fromkeys((*DASHES, *"ｰ－～"), _HELD))
#: ヅ as ツ, in any way of writing it.
_VOICED_TSU: Final = re.compile("[ヅヂづぢ]|[ツチつちﾂﾁ][\u3099゛ﾞ]")
_TSU: Final = dict(zip("ヅヂづぢツチつちﾂﾁ", "ツチツチツチツチツチ", strict=True))
#: A kana and its vowel held, or a character.
_PART: Final = re.compile("|".join([*(f"[{kana}][{longs}{_HELD}]" for kana, longs in _ROWS), "(?s:.)"]))
#: A vowel held, in a form.
_MARK: Final = "ー"
#: What a vowel held may be in a key: nothing for ー; behind オ a key never has it.
_VOWELS: Final = {kana: ("",) if longs == "ウオ" else ("", *longs) for row, longs in _ROWS for kana in row}
_AS_SU: Final = {"ツ": ("ツ", "ス"), "チ": ("チ", "シ")}
#: A name with more long vowels than these give keys for is looked for under the first.
_MOST: Final = 32


def sound_alike(one: str, other: str) -> bool:
    """Whether two readings are one name heard and spelt differently."""
    return not _forms(one).isdisjoint(_forms(other))


def sought_under(reading: str) -> tuple[str, ...]:
    """Every `kana_key` under which a name that sounds so may be recorded, the likeliest first."""
    held = fold(_as_tsu(reading).translate(_HOLDS))
    keys = map(kana_key, map("".join, product(*_spellings(held))))
    return tuple(dict.fromkeys(islice(keys, _MOST)))


@lru_cache(maxsize=4096)
def _forms(reading: str) -> frozenset[str]:
    """What a reading may have been meant to be."""
    found = set()
    for text in map("".join, islice(product(*_heard(reading)), _MOST)):
        held = fold(text.translate(_HOLDS))
        found.add(_marked(held))
        if _HELD in held:
            found.add(_marked(held.replace(_HELD, "")))
    return frozenset(found)


def _marked(held: str) -> str:
    """Every vowel held, however it was written, as one mark."""
    return _PART.sub(lambda found: found[0][0] + _MARK * (len(found[0]) - 1), held).replace(_HELD, "")


def _as_tsu(reading: str) -> str:
    return _VOICED_TSU.sub(lambda found: _TSU[found[0][0]], reading)


def _heard(reading: str) -> Iterator[Sequence[str]]:
    """The reading in pieces, each ヅ as it is and as ツ."""
    end = 0
    for found in _VOICED_TSU.finditer(reading):
        yield (reading[end : found.start()],)
        yield found[0], _TSU[found[0][0]]
        end = found.end()
    yield (reading[end:],)


def _spellings(held: str) -> Iterator[Sequence[str]]:
    """Of each part, how it may be spelt in a key."""
    for kana, *longs in _PART.findall(held):
        yield _AS_SU.get(kana, (kana.replace(_HELD, ""),))
        if longs:
            yield _VOWELS[kana]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Readings that sound alike (振り仮名の照合), and the search keys under which they are found.

Rules of this file:

1. Sounding alike is no key: ヅ is taken for ズ and for ツ, which are not taken for one another; ー may be a vowel
   or nothing, but a vowel is not nothing. So a reading has several forms, and two agree that share one.
2. Somebody whose name sounds alike is recorded under one of a few `kana_key`s; they are all looked for. They follow
   from the forms: whoever shares a form is found, as long as the name has few places of doubt.

`docs/spec/search-keys.md` defines the forms with examples.

>>> sound_alike("テヅカ　ユーコ", "テツカ ゆうこ"), sound_alike("テズカ　ユウコ", "テツカ ユウコ")
(True, False)
>>> sound_alike("オオノ", "オーノ"), sound_alike("オオノ", "オノ")
(True, False)
>>> sought_under("テヅカ　ユーコ")
('テスカユコ', 'テスカユウコ', 'テツカユコ', 'テツカユウコ')
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, islice, product
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
#: A repetition repeats the kana before ー, which goes.
_HELD_AND_REPEATED: Final = re.compile(f"{_HELD}+(?=[ゝヽゞヾ〻々])")
#: A vowel held, in a form; and a part of a form, with the ウ or オ behind it, where it is in a run of them.
_MARK: Final = "ー"
_PART_OF_FORM: Final = re.compile(f"(?s:(.)({_MARK}?))(?=([{_ROWS[-1][1]}]?))")
#: What a vowel held may be spelt as: nothing is ー. A key does not have it behind オ, but of a run only three go.
_VOWELS: Final = {kana: ("", *longs) for row, longs in _ROWS for kana in row}
_KEPT_VOWELS: Final = _VOWELS | dict.fromkeys(_ROWS[-1][0], ("",))
_AS_SU: Final = {"ツ": ("ツ", "ス"), "チ": ("チ", "シ")}
#: A name with more long vowels than these give keys for is looked for under the first; so many spellings are tried.
_MOST: Final = 32
_MOST_SPELLINGS: Final = 512


def sound_alike(one: str, other: str) -> bool:
    """Whether two readings are one name heard and spelt differently."""
    return not frozenset(_forms(one)).isdisjoint(_forms(other))


def sought_under(reading: str) -> tuple[str, ...]:
    """Every `kana_key` under which a name that sounds so may be recorded, the reading's own first."""
    spellings = islice(chain.from_iterable(map(_spelt, _forms(reading))), _MOST_SPELLINGS)
    keys = {kana_key(reading): None}
    for spelt in dict.fromkeys(spellings):
        keys[kana_key(spelt)] = None
        if len(keys) == _MOST:
            break
    return tuple(keys)


@lru_cache(maxsize=4096)
def _forms(reading: str) -> tuple[str, ...]:
    """What a reading may have been meant to be."""
    found: dict[str, None] = {}
    for text in map("".join, islice(product(*_heard(reading)), _MOST)):
        held = fold(_HELD_AND_REPEATED.sub("", text.translate(_HOLDS)))
        found[_marked(held)] = None
        if _HELD in held:
            found[_marked(held.replace(_HELD, ""))] = None
    return tuple(found)


def _marked(held: str) -> str:
    """Every vowel held, however it was written, as one mark."""
    return _PART.sub(lambda found: found[0][0] + _MARK * (len(found[0]) - 1), held).replace(_HELD, "")


def _heard(reading: str) -> Iterator[Sequence[str]]:
    """The reading in pieces, each ヅ as it is and as ツ."""
    end = 0
    for found in _VOICED_TSU.finditer(reading):
        yield (reading[end : found.start()],)
        yield found[0], _TSU[found[0][0]]
        end = found.end()
    yield (reading[end:],)


def _spelt(form: str) -> Iterator[str]:
    """Every way in which what has this form may be spelt, as far as keys tell them apart."""
    parts: list[Sequence[str]] = []
    for kana, mark, run in _PART_OF_FORM.findall(form):
        parts.append(_AS_SU.get(kana, (kana,)))
        if mark:
            in_a_run = run or (kana == "オ" and len(parts) > 1)
            parts.append((_VOWELS if in_a_run else _KEPT_VOWELS)[kana])
    return map("".join, product(*parts))

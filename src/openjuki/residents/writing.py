# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
r"""Which text can be recorded (記録できる文字): whatever another office can show, exactly as given.

Nothing is normalised here, nor anywhere before a search key: even NFC would rewrite 神 (U+FA19). Refused is only
what means nothing elsewhere, was lost on the way, or hides.

>>> flaw("渡邉\U000e0103　葵") is None
True
>>> flaw("山田\ue000")
'a private-use character (外字)'
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

#: Longest text the register takes, counted in code points: a name, an address as it is read, any other item. Every form,
#: file, notice and letter has room for as much.
LONGEST: Final = 200
#: Nearly all text needs no closer look: ASCII, kana, ideographs and width forms, with spaces between.
_ORDINARY: Final = re.compile(
    r"[!-~、-〩〰-〼ぁ-ゖ゛-ヿ㐀-鿿！-ﾟ]+(?:[ \u3000]+[!-~、-〩〰-〼ぁ-ゖ゛-ヿ㐀-鿿！-ﾟ]+)*"
)
_SPACES: Final = " \u3000"
_VARIATION_SELECTORS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_REFUSED: Final = {
    "Cc": "a control character",
    "Cf": "an invisible character",
    "Co": "a private-use character (外字)",
    "Cs": "half a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
    "Zs": "a space other than U+0020 and U+3000",
}


def flaw(text: str) -> str | None:
    """Why `text` cannot be recorded, without quoting it; None where it can."""
    if _ORDINARY.fullmatch(text):
        return None
    if not text:
        return "empty"
    if text[0] in _SPACES or text[-1] in _SPACES:
        return "a space at an end"
    return next(filter(None, map(_flaw_after, f" {text}", text)), None)


def _flaw_after(before: str, character: str) -> str | None:
    """Why this character cannot be recorded after the one before it."""
    if character in _VARIATION_SELECTORS:
        return None if category(before) == "Lo" else "a variation selector without its character"
    if category(character).startswith("M"):
        return None if category(before)[0] in "LM" else "a combining mark without its character"
    if character == "\ufffd" or ord(character) & 0xFFFE == 0xFFFE:  # noqa: PLR2004 - noncharacters
        return "a character lost in conversion"
    return None if character in _SPACES else _REFUSED.get(category(character))

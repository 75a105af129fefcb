# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which text can be recorded (記録できる文字): everything another office can show, exactly as given.

Nothing is normalised here or anywhere before a search key: even NFC would rewrite 神 (U+FA19). Refused
are only characters that mean nothing elsewhere or hide something.

>>> flaw("渡邉\\U000e0103　葵") is None
True
>>> flaw("山田\\ue000")
'a private-use character (外字)'
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Ordinary text needs no closer look: ideographs, kana, width forms, ASCII, with single spaces between.
_ORDINARY: Final = re.compile(r"[!-~、-ヿ㐀-鿿！-ﾟ]+(?:[ \u3000][!-~、-ヿ㐀-鿿！-ﾟ]+)*")
_VARIATION_SELECTORS: Final = frozenset({*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
_SPACES: Final = " \u3000"
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
        return "nothing"
    if text[0] in _SPACES or text[-1] in _SPACES:
        return "a space at an end"
    return next(filter(None, map(_flaw_of_one, f" {text}", text)), None)


def _flaw_of_one(before: str, character: str) -> str | None:
    """Why this character cannot be recorded after the one before it."""
    if ord(character) in _VARIATION_SELECTORS:
        is_base = unicodedata.category(before) == "Lo"
        return None if is_base else "a variation selector without its character"
    if character in _SPACES:
        return "two spaces together" if before in _SPACES else None
    if character == "\ufffd" or ord(character) & 0xFFFE == 0xFFFE:  # noqa: PLR2004 - noncharacters
        return "a character that was lost in conversion"
    return _REFUSED.get(unicodedata.category(character))

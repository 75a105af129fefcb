# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers that an office gives itself (宛名番号・世帯番号, 標準仕様書 1.1.13): a serial and a check digit.

The check digit is modulus 11 with weights 2 to 7 from the right (M11W2~7); a remainder of 0 or 1 gives 0.

>>> office_numbers(1, 2).tolist()
['0000000019', '0000000027']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.simulation.tables import texts

if TYPE_CHECKING:
    from openjuki.simulation.tables import Texts

_DIGITS: Final = 9
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 2, 3, 4)
_MODULUS: Final = 11


def office_numbers(first: int, count: int) -> Texts:
    """So many numbers from this serial on."""
    serials = np.arange(first, first + count, dtype=np.int64)
    total = sum(serials // 10**place % 10 * weight for place, weight in enumerate(_WEIGHTS))
    check = (_MODULUS - total % _MODULUS) % _MODULUS % 10
    return texts([f"{number:0{_DIGITS + 1}}" for number in (serials * 10 + check).tolist()])

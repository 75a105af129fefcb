# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers that an office gives itself (宛名番号・世帯番号, 標準仕様書 1.1.13): a serial and a check digit.

The check digit is modulus 11 with weights 2 to 7 from the right (M11W2~7); a remainder of 0 or 1 gives 0.

>>> office_number(1), office_number(2)
('0000000019', '0000000027')
"""

from __future__ import annotations

from itertools import cycle

_DIGITS = 9
_WEIGHTS = (2, 3, 4, 5, 6, 7)
_MODULUS = 11


def office_number(serial: int) -> str:
    """The number of a serial (宛名番号, 世帯番号)."""
    body = f"{serial:0{_DIGITS}}"
    total = sum(int(digit) * weight for digit, weight in zip(reversed(body), cycle(_WEIGHTS), strict=False))
    return f"{body}{(_MODULUS - total % _MODULUS) % _MODULUS % 10}"

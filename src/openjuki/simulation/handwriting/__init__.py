# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What people write on forms (申請書の記載) where a register has something else: slips of chance.

Rules of this file:

1. It knows how people write, and nothing of how a matcher reads: no table and no rewrite of `residents.search` is
   used here, so that what is measured with it is not measured with its own yardstick.
2. Nothing that is written here makes another name or another place of what was recorded.
3. A slip that a text gives no occasion for is None.

>>> from openjuki.simulation.chance import Chance
>>> chance = Chance(7, "forms")
>>> IN_NAMES["旧字体"](chance, "辻　国広"), IN_READINGS["長音"](chance, "サトウ　ケイコ")
('辻\u3000國広', 'サトー\u3000ケイコ')
"""

from openjuki.simulation.handwriting.addresses import STYLES, Place
from openjuki.simulation.handwriting.names import IN_NAMES
from openjuki.simulation.handwriting.readings import IN_READINGS

__all__ = ["IN_NAMES", "IN_READINGS", "STYLES", "Place"]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Disclosure (自己の本人確認情報の開示, 法30条の32–30条の35): people are told what is held about them, and who was told.

Each module has one rule: `receiving` takes requests and what follows them, `deadlines` says until when, `deciding` answers
or refuses, `telling` gathers what is told, `lines` finds who was told about somebody, with proofs; `protection` asks the
home town whether another may be told, and answers there; `refusals` says why something is not done.
"""

from openjuki.nodes.disclosure.deciding import decide, document, reread
from openjuki.nodes.disclosure.lines import Line, lines_about
from openjuki.nodes.disclosure.receiving import (
    APPLICANTS,
    OUTCOMES,
    SELF,
    WANTS,
    Application,
    claim,
    examined,
    extend,
    receive,
)

__all__ = [
    "APPLICANTS",
    "OUTCOMES",
    "SELF",
    "WANTS",
    "Application",
    "Line",
    "claim",
    "decide",
    "document",
    "examined",
    "extend",
    "lines_about",
    "receive",
    "reread",
]

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking a person up (照会): what may be asked, whom it leads to, and how the answer is classed.

Each module has one rule: `question` what a question has and whom it means, `hit` what a book says of somebody,
`agreeing` whether an item is the one that is recorded, `verifying` how what an applicant wrote is held against one
person, `result` what an answer says, `finding` under which further names somebody is found.

`docs/spec/look-up.md` defines the forms with examples.

>>> question = LookUp.from_dict({"name": "渡邊 葵", "birth_date": "平成2年1月1日"})
>>> question.items
('name', 'birth_date')
>>> claim = Claim.from_dict({"name": "渡邊 葵", "birth_date": "1990-01-01", "verify": ["birth_date"]})
>>> [search.items for search in claim.searches]
[('name', 'birth_date')]
"""

from openjuki.residents.look_up.agreeing import Matching
from openjuki.residents.look_up.finding import NamesToFind
from openjuki.residents.look_up.hit import Hit
from openjuki.residents.look_up.question import KEYS, LookUp
from openjuki.residents.look_up.result import Result, arranged, candidates, result
from openjuki.residents.look_up.verifying import VERIFIABLE, Claim, compare, verdict

__all__ = [
    "KEYS",
    "VERIFIABLE",
    "Claim",
    "Hit",
    "LookUp",
    "Matching",
    "NamesToFind",
    "Result",
    "arranged",
    "candidates",
    "compare",
    "result",
    "verdict",
]

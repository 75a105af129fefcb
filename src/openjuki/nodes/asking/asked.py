# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is asked, by whom and why, and what comes of it (照会の申出と結果): values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import orjson

from openjuki.law.basis import Method
from openjuki.nodes.answering import Answer
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from openjuki.errors import BadQuestion
    from openjuki.residents.look_up import Claim, LookUp


class AtTerminal(NamedTuple):
    """An operator who asks, and the terminal at which they do (操作者)."""

    operator: str
    terminal: str


class Machine(NamedTuple):
    """A system that asks by itself (システム), and which of its credentials it has shown."""

    system: str
    credential: str


class Confirmation(NamedTuple):
    """A choice among the candidates that an earlier answer showed (候補の確定)."""

    #: The line of the ledger under which it was asked.
    ledger: str
    #: Which of its questions, from 0.
    question: int
    #: Which candidate, from 1.
    candidate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request of one of the node's offices: one purpose, and its questions (照会)."""

    by: AtTerminal | Machine
    affair: str
    #: Case number or the like.
    reason: str
    #: `LookUp` to ask, `Claim` to verify, `Confirmation` to confirm; what is malformed is recorded too.
    questions: tuple[LookUp | Claim | Confirmation | BadQuestion, ...]
    what: What = What.ASK
    #: Whether what was recorded before is wanted too.
    history: bool = False
    method: Method = Method.TERMINAL


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What comes of a request (照会の結果): it is in the ledger before anybody has it."""

    #: Line of the ledger.
    ledger_id: str
    #: The answer to each question, as JSON.
    told: tuple[bytes, ...]

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """The answers, in the order of the questions."""
        return tuple(Answer.from_dict(orjson.loads(answer)) for answer in self.told)

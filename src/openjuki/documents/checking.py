# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A disclosure is checked by whoever holds it (開示の書面の検証): each line against its proof, with public keys. Pure.

A proof that opens its row shows that the line says what the row says, and that the row names the bearer of the code. One
that stays closed shows that there is a row of that time, and nothing more; which of the two it was is said.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.config import JST
from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.person_proof import PersonProof
from openjuki.wire.proofs import read_proof
from openjuki.wire.provided import person_digest
from openjuki.wire.provision_proof import ProvisionProof

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from openjuki.wire.leaf import Leaf
    from openjuki.wire.note import Verifier

#: What a line says in the words of an opened row.
_SAME_PURPOSE: Final = ("affair", "method", "what")
_SAME_ANSWER: Final = ("result", "articles", "items")


class Shown(StrEnum):
    """What the proof of a line shows (証明の結果)."""

    #: The row, and that it is about the bearer of a code.
    OPENED = "opened"
    #: That there is a row of that time.
    CLOSED = "closed"
    #: Nothing yet: it was not signed.
    WAITING = "waiting"
    #: That something is wrong.
    BROKEN = "broken"


class Checked(NamedTuple):
    """A line of a disclosure, and what its proof shows (検証した行)."""

    #: From 1.
    number: int
    shown: Shown
    #: What is wrong, for engineers; empty where nothing is.
    why: str = ""


def check(document: Mapping[str, Any], keys: Sequence[Verifier]) -> list[Checked]:
    """Check every line of a disclosure with keys that one trusts (開示の書面の検証).

    Raises:
        BadEnvelope: it is not a document of this schema.
    """
    try:
        if document["schema"] != "openjuki/disclosure/1":
            raise BadEnvelope("not a document of schema openjuki/disclosure/1")
        lines = (document["provisions"] or {"lines": ()})["lines"]
        codes = [str(one["resident_code"]) for one in (document["own"] or {"codes": ()})["codes"]]
        return [_checked(number, line, codes, keys) for number, line in enumerate(lines, 1)]
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope("missing or malformed in the disclosure") from error


def _checked(
    number: int, line: Mapping[str, Any], codes: Collection[str], keys: Sequence[Verifier]
) -> Checked:
    proof = line["proof"]
    if proof is None:
        return Checked(number, Shown.WAITING)
    try:
        read = read_proof(orjson.dumps(proof))
        if isinstance(read, PersonProof):
            return Checked(number, _person(line, codes, read, keys))
        if isinstance(read, ProvisionProof):
            return Checked(number, _row(line, codes, read, keys))
    except (IntegrityFailure, BadEnvelope) as error:
        return Checked(number, Shown.BROKEN, str(error))
    except (KeyError, TypeError, ValueError):  # of this line; the others are checked all the same
        return Checked(number, Shown.BROKEN, "the line or its row lacks a member, or has one of another form")
    return Checked(number, Shown.BROKEN, "the proof is not that of a provision")


def _row(
    line: Mapping[str, Any], codes: Collection[str], proof: ProvisionProof, keys: Sequence[Verifier]
) -> Shown:
    """Of a question that was answered online."""
    _, _, envelope, proven = proof.verify(keys)
    _check_time(line, proven.leaf)
    _check_same([(line["recipient"], envelope.carried.asker), (line["through"], envelope.carried.through)])
    if proof.payload is None:
        return Shown.CLOSED
    said = orjson.loads(proof.payload)
    _check_same([(line[one], said["ask"][one]) for one in _SAME_PURPOSE])
    _check_same([(line[one], said["told"][one]) for one in _SAME_ANSWER])
    salt = bytes.fromhex(line["salt"])
    if codes and not {person_digest(salt, code) for code in codes} & set(said["persons"]):
        raise IntegrityFailure("the row names somebody else")
    return Shown.OPENED


def _person(
    line: Mapping[str, Any], codes: Collection[str], proof: PersonProof, keys: Sequence[Verifier]
) -> Shown:
    """Of a row of a bulk provision."""
    row, part, proven = proof.verify(keys)
    _check_time(line, proven.leaf)
    _check_same(
        [
            (line["recipient"], part.asker),
            (line["through"], part.through),
            (line["affair"], part.affair),
            (line["method"], part.method.value),
            (line["result"], row.result.value),
        ]
    )
    if row.basis < len(part.bases):
        basis = part.bases[row.basis]
        _check_same([(line["articles"], [basis.article]), (line["change"], basis.change)])
        if set(line["items"]) - set(basis.items):
            raise IntegrityFailure("the line says that more was told than the row does")
    if codes and row.code not in codes:
        raise IntegrityFailure("the row names somebody else")
    return Shown.OPENED


def _check_time(line: Mapping[str, Any], leaf: Leaf) -> None:
    if leaf.time.astimezone(JST).isoformat() != line["at"]:
        raise IntegrityFailure("the row is of another time than the line says")


def _check_same(pairs: Sequence[tuple[Any, Any]]) -> None:
    if any(one != other for one, other in pairs):
        raise IntegrityFailure("the line says something else than its row")

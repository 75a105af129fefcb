# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The lines about a person (本人についての提供の記録): who was told what and when, each with a proof from the journal.

Rules of this file:

1. What the law forbids to confirm is not here: it is left out before anything is counted (個人情報保護法81条).
2. A proof opens its row only where the row is about this person alone and was found by what is theirs. Otherwise it
   shows that the row is there, who asked and when, and that it has not changed, and nothing of anybody else.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from openjuki.config import JST
from openjuki.errors import BadEnvelope, BadLog, IntegrityFailure
from openjuki.residents.look_up import Result
from openjuki.store import buckets, checkpoints, disclosures, parts, proofs, receipts
from openjuki.store.verification.trust import Trust
from openjuki.wire.checkpoint import with_cosignatures
from openjuki.wire.merkle import root_of
from openjuki.wire.proof import Proof
from openjuki.wire.provided import Envelope, path
from openjuki.wire.proving import Wanted
from openjuki.wire.provision import What
from openjuki.wire.provision_proof import ProvisionProof

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.store.checkpoints import Signed
    from openjuki.store.database import Connection
    from openjuki.store.disclosures import TellingOf
    from openjuki.store.receipts import Leaf
    from openjuki.wire.part import Part, PartRow
    from openjuki.wire.person_proof import PersonProof

#: The items of a question by name (4情報).
FOUR_ITEMS: Final = ("name", "birth_date", "sex", "address")
#: Results with which no item is told.
_UNSHOWN: Final = frozenset((Result.SUPERSEDED, Result.SEVERAL, Result.TOO_MANY, Result.NOT_PERMITTED))
#: What was found by what is somebody's own: a claim (照合) may hold another's items beside theirs.
_OWN: Final = frozenset((What.ASK.value, What.CONFIRM.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that was told about a person (提供の記録の行)."""

    at: datetime
    #: The node that was told, and the prefecture through which it asked.
    asker: str
    through: str | None
    affair: str
    method: str
    #: What was wanted: items, or yes and no to what an applicant wrote.
    what: str
    #: By which items the person was looked for.
    keys: tuple[str, ...]
    result: str
    articles: tuple[str, ...]
    #: Items that were told.
    items: tuple[str, ...]
    #: What was said to have happened, where a recipient is told of changes (異動の通知); its name.
    change: str | None = None
    #: The proof as `juki log verify-proof` reads it; None for a moment, until the row is under a checkpoint.
    proof: Mapping[str, Any] | None = None
    #: With what the opened row names the person: SHA-256(salt ‖ resident code).
    salt: bytes | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "at": self.at.astimezone(JST).isoformat(),
            "recipient": self.asker,
            "through": self.through,
            "affair": self.affair,
            "method": self.method,
            "what": self.what,
            "keys": self.keys,
            "result": self.result,
            "articles": self.articles,
            "items": self.items,
            "change": self.change,
            "salt": self.salt and self.salt.hex(),
            "proof": self.proof,
        }


async def lines_about(
    office: Office, connection: Connection, person: int, *, withheld: Collection[str] = ()
) -> list[Line]:
    """Everything that was told about a person, the newest first, each with its proof (提供の記録の開示).

    Args:
        office: the provider.
        connection: to its book.
        person: the book's own name for them; it covers every code that they have had.
        withheld: affairs and recipients that are not to be confirmed.

    Raises:
        IntegrityFailure: the record is damaged: a line that cannot be proven is not told.
    """
    told = await disclosures.provisions(connection, person, withheld)
    online = await _proven(office, connection, told)
    codes = [one.resident_code for one in await disclosures.codes(connection, person)]
    bulk = await _in_bulk(office, connection, codes, withheld)
    return sorted((*online, *bulk), key=lambda line: line.at, reverse=True)


async def _in_bulk(
    office: Office, connection: Connection, codes: Sequence[str], withheld: Collection[str]
) -> list[Line]:
    """Rows of the parts of bulk provisions, and of what a clientele's recipient was told (一括提供の記録)."""
    places = [(one.part, one.row) for one in await buckets.lines(connection, list(map(int, codes)))]
    about = await parts.read(connection, {part for part, _ in places})
    shown = {part for part, one in about.items() if not {one.affair, one.asker} & set(withheld)}
    places = [place for place in places if place[0] in shown]
    rows = await parts.rows(connection, places)
    kept = [place for place in places if rows[place] is not None]
    proven = await _proven_rows(office, connection, kept)
    return [_row(about[place[0]], row, proven.get(place)) for place in kept if (row := rows[place])]


async def _proven_rows(
    office: Office, connection: Connection, places: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], PersonProof]:
    """Proofs of rows; a part that was recorded a moment ago is not signed yet, and has none."""
    trust = Trust.of(office.directory, office.id)
    try:
        return dict(zip(places, await parts.proofs(connection, trust, places), strict=True))
    except BadLog:
        found: dict[tuple[int, int], PersonProof] = {}
        for part in dict.fromkeys(part for part, _ in places):
            with suppress(BadLog):
                own = [place for place in places if place[0] == part]
                found |= dict(zip(own, await parts.proofs(connection, trust, own), strict=True))
        return found


def _row(part: Part, row: PartRow, proof: PersonProof | None) -> Line:
    basis = part.bases[row.basis] if row.basis < len(part.bases) else None
    return Line(
        at=part.at,
        asker=part.asker,
        through=part.through,
        affair=part.affair,
        method=part.method.value,
        what=What.ASK.value,
        keys=FOUR_ITEMS if part.key == "four_items" else (part.key,),
        result=row.result.value,
        articles=() if basis is None else (basis.article,),
        items=() if basis is None or row.result in _UNSHOWN else tuple(sorted(basis.items)),
        change=None if basis is None else basis.change,
        proof=None if proof is None else proof.to_dict(),
    )


async def _proven(office: Office, connection: Connection, told: Sequence[TellingOf]) -> list[Line]:
    found = await receipts.leaves(
        connection, [*dict.fromkeys(Wanted(one.at, one.commitment) for one in told)]
    )
    signed = await checkpoints.covering(connection, [leaf.index for leaf in found.values()])
    if signed is None:
        return [_line(one) for one in told]
    envelopes = await _envelopes(office, connection, found, signed)
    proven = {one.envelope for one in told if one.commitment in envelopes}
    leaves = await disclosures.leaves(connection, proven)
    for one in told:
        if one.envelope in proven:
            _check_grown(envelopes[one.commitment], leaves.get(one.envelope, ()))
    return [
        _line(one, _proof(one, envelopes[one.commitment], leaves[one.envelope]))
        if one.envelope in proven
        else _line(one)
        for one in told
    ]


async def _envelopes(
    office: Office, connection: Connection, found: Mapping[bytes, Leaf], signed: Signed
) -> dict[bytes, Proof]:
    """Of each envelope whose row is under this checkpoint, that it is in the journal; by its commitment."""
    under = {committed: leaf for committed, leaf in found.items() if leaf.index < signed.size}
    indexes = [leaf.index for leaf in under.values()]
    included = await proofs.inclusions(connection, indexes, signed.size)
    rows = await disclosures.rows(connection, indexes)
    origin = Trust.of(office.directory, office.id).read(signed.note).origin
    return {
        committed: Proof(
            origin=origin,
            leaf=leaf.leaf,
            index=leaf.index,
            size=signed.size,
            proof=included[leaf.index],
            checkpoint=with_cosignatures(signed.note, signed.cosignatures),
            payload=rows[leaf.index].payload,
            salt=rows[leaf.index].salt,
        )
        for committed, leaf in under.items()
    }


def _check_grown(envelope: Proof, leaves: Sequence[bytes]) -> None:
    """Return only where the root that was signed grows from these leaves: another proof would show nothing.

    Raises:
        IntegrityFailure: it does not.
    """
    try:
        said = Envelope.from_bytes(envelope.payload or b"")
    except BadEnvelope:
        said = None
    if said is None or (said.questions, said.root) != (len(leaves), root_of(leaves)):
        raise IntegrityFailure("the record of an envelope is not what was signed: run `juki log audit`")


def _proof(one: TellingOf, envelope: Proof, leaves: Sequence[bytes]) -> ProvisionProof:
    closed = ProvisionProof(
        commitment=leaves[one.place], place=one.place, path=path(leaves, one.place), envelope=envelope
    )
    return replace(closed, payload=one.row, salt=one.row_salt) if is_own(one) else closed


def is_own(one: TellingOf) -> bool:
    """Whether a row holds nothing but the person's own: nobody else was told about, or may have been meant."""
    return one.alone and one.what in _OWN


def _line(one: TellingOf, proof: ProvisionProof | None = None) -> Line:
    opened = proof is not None and proof.payload is not None
    return Line(
        at=one.at,
        asker=one.asker,
        through=one.through,
        affair=one.affair,
        method=one.method,
        what=one.what,
        keys=one.keys,
        result=one.result,
        articles=one.articles,
        items=one.items,
        proof=None if proof is None else proof.to_dict(),
        salt=one.salt if opened else None,
    )

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An audit (監査) of what an office has provided: the journal is verified, and the record is counted again under it.

A proof shows that a line is in the journal. That no line was left out can only be seen by whoever counts them all: each
row of the journal against the record from which people are told who received their data, and each envelope and part
against the counts and the root that were signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki.nodes.scrub import verify_office
from openjuki.store import auditing
from openjuki.store.auditing import Audited
from openjuki.store.auditing.askers import Provided, askers

if TYPE_CHECKING:
    from collections.abc import Callable

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.verification.damage import Verified

    #: Told how far a step is, by name.
    type Steps = Callable[[str], Callable[[int, int], None]]


class Audit(NamedTuple):
    """Outcome of an audit (監査の結果)."""

    node: str
    verified: Verified
    audited: Audited
    provided: list[Provided]

    @property
    def sound(self) -> bool:
        """Whether everything adds up."""
        return not self.verified.damages and not self.audited.faults

    def to_dict(self) -> dict[str, Any]:
        """JSON result ``log-audit``."""
        journal = self.verified.to_dict()
        return {
            "node": self.node,
            "journal": {name: journal[name] for name in ("size", "root", "damages")},
            **self.audited.to_dict(),
            "askers": [one._asdict() for one in self.provided],
        }


async def audit(office: Office, steps: Steps) -> Audit:
    """Verify the journal of a provider, and count again what it has provided (監査)."""
    verified = await verify_office(office, steps("journal"))

    async def count(connection: Connection) -> Audit:
        # one state of the book for all that is compared
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = Audited()
        await auditing.audit_online(connection, found, steps("online"))
        await auditing.audit_parts(connection, found, steps("parts"))
        await auditing.audit_index(connection, found, office.entropy)
        return Audit(office.id, verified, found, await askers(connection))

    return await office.read(count)

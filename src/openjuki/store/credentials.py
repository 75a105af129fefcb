# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Systems that ask by themselves, and what they show to be known (接続システム・資格情報).

A credential is 256 random bits behind an id. The secret is shown once, when it is made; what stays is its
SHA-256, which a secret of that length does not need to be slower. Whose a credential is never
changes and may be remembered; whether it is good is asked in the transaction in which something is decided,
so that one that was revoked is refused from the next decision on.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from openjuki.refusal import Refusal
from openjuki.store.database import queries
from openjuki.store.offices import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("credentials")

UNKNOWN_CREDENTIAL: Final = Refusal(
    code="JK-CREDENTIAL-0001",
    rule="credential-known",
    article="法30条の28",
    message_ja="資格情報がないか、登録されていません。",
    message_en="No credential was shown, or none of this system is known.",
)
CREDENTIAL_OUT_OF_TIME: Final = Refusal(
    code="JK-CREDENTIAL-0002",
    rule="credential-in-time",
    article="法30条の28",
    message_ja="この資格情報は取り消されたか、期限が切れています。",
    message_en="The credential was revoked, or its time is over.",
)
#: Bytes of a secret: 256 bits.
SECRET_SIZE: Final = 32
_ID_SIZE: Final = 6
_SECRET: Final = re.compile(r"juki-([0-9a-f]{12})-[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A program of an office that asks without an operator (接続システム)."""

    id: str
    office: str
    name: str
    since: datetime

    @staticmethod
    def acting(system: str) -> str:
        """Under which name it acts: in a row it stands where an operator and a terminal would."""
        return f"system:{system}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a system shows to be known (資格情報), without its secret."""

    id: str
    system: str
    since: datetime
    #: The first moment at which it is not good any more.
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential as a system shows it: the id, and what nobody could guess."""

    id: str
    text: str

    @classmethod
    def draw(cls, entropy: Callable[[int], bytes]) -> Self:
        """Draw a new one."""
        name = entropy(_ID_SIZE).hex()
        drawn = base64.urlsafe_b64encode(entropy(SECRET_SIZE)).rstrip(b"=").decode()
        return cls(name, f"juki-{name}-{drawn}")

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read what was shown; None: it is none of ours."""
        read = _SECRET.fullmatch(text)
        return cls(read[1], text) if read else None

    @property
    def digest(self) -> bytes:
        """What is kept of it."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Whose a credential is that was shown (提示された資格情報)."""

    system: str
    credential: str
    office: str


async def find_all(
    connection: Connection,
    asked: Sequence[tuple[str, str]],
    at: datetime,
    *,
    affairs: Collection[str] | None = None,
) -> list[Standing | Refusal]:
    """Find many systems by the credentials that they showed, as `offices.find_all`."""
    values = {
        "affairs": None if affairs is None else list(affairs),
        "systems": [system for system, _ in asked],
        "credentials": [shown for _, shown in asked],
        "at": at,
    }
    rows = await (await connection.execute(_SQL["find"], values)).fetchall()
    return [_standing(system, row, at) for (system, _), row in zip(asked, rows, strict=True)]


def _standing(system: str, row: Sequence[Any], at: datetime) -> Standing | Refusal:
    office, since, until, held = row
    if office is None:
        return UNKNOWN_CREDENTIAL
    if at < since or (until is not None and at >= until):
        return CREDENTIAL_OUT_OF_TIME
    return Standing(
        operator=System.acting(system),
        terminal=System.acting(system),
        office=office,
        affairs=frozenset(held or ()),
        limits={affair: most for affair, most in (held or {}).items() if most is not None},
    )


async def known(connection: Connection) -> dict[bytes, Shown]:
    """Whose each credential is, whether or not it is still good, by the digest of its secret."""
    rows = await (await connection.execute(_SQL["known"])).fetchall()
    return {
        bytes(digest): Shown(system=system, credential=id_, office=office)
        for digest, system, id_, office in rows
    }


async def add_system(connection: Connection, system: System) -> bool:
    """Add a system; False: the id is taken."""
    values = {"id": system.id, "office": system.office, "name": system.name, "since": system.since}
    return (await connection.execute(_SQL["add_system"], values)).rowcount == 1


async def add(connection: Connection, credential: Credential, digest: bytes) -> bool:
    """Add a credential to a system; False: there is no such system."""
    values = {
        "id": credential.id,
        "system": credential.system,
        "digest": digest,
        "since": credential.since,
        "until": credential.until,
    }
    return (await connection.execute(_SQL["add"], values)).rowcount == 1


async def end(
    connection: Connection, system: str, at: datetime, *, only: str | None = None, but: str | None = None
) -> list[str]:
    """End a system's credentials at a moment: all, one alone, or all but one; returns those that now end earlier."""
    values = {"system": system, "at": at, "only": only, "but": but}
    return [name for (name,) in await (await connection.execute(_SQL["end"], values)).fetchall()]


async def systems(connection: Connection) -> list[System]:
    """Every system there ever was."""
    rows = await (await connection.execute(_SQL["systems"])).fetchall()
    return [System(id=id_, office=office, name=name, since=since) for id_, office, name, since in rows]


async def credentials(connection: Connection) -> list[Credential]:
    """Every credential there ever was."""
    rows = await (await connection.execute(_SQL["credentials"])).fetchall()
    return [Credential(id=id_, system=system, since=since, until=until) for id_, system, since, until in rows]

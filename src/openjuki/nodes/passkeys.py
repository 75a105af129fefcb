# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Operators get passkeys, sign in and out (操作者の認証, 法36条の2): each commits together with its row in the journal.

An administrator makes a one-time code for an operator at a terminal. With it the operator enrols a passkey
there, and the browser is known as that terminal from then on. Signing in takes both: the passkey says who, the
browser says where, and the office's records say whether these two may act together.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.errors import Refused
from openjuki.refusal import Refusal
from openjuki.store import journal, offices, passkeys, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing
    from openjuki.store.passkeys import Invitation, Passkey

CODE_NOT_GOOD: Final = Refusal(
    code="JK-SIGNIN-0001",
    rule="invitation-good",
    article="法36条の2第1項",
    message_ja="この登録番号は使えません。期限が過ぎたか、既に使われました。管理者に新しい番号を求めてください。",
    message_en="The one-time code is unknown, used or over; ask the administrator for a new one.",
)
PASSKEY_NOT_GOOD: Final = Refusal(
    code="JK-SIGNIN-0002",
    rule="passkey-known",
    article="法36条の2第1項",
    message_ja="このパスキーではサインインできません。登録したパスキーを使うか、管理者に相談してください。",
    message_en="The passkey is not enrolled here, was withdrawn, or what it signed does not verify.",
)
TERMINAL_NOT_MARKED: Final = Refusal(
    code="JK-SIGNIN-0003",
    rule="terminal-marked",
    article="法36条の2第1項",
    message_ja="このブラウザは端末として登録されていません。管理者に登録番号を求め、この端末でパスキーを登録してください。",
    message_en="This browser is no terminal of the office; enrol a passkey here with a one-time code first.",
)
PASSKEY_KNOWN: Final = Refusal(
    code="JK-SIGNIN-0004",
    rule="passkey-enrolled-once",
    article="法36条の2第1項",
    message_ja="このパスキーは既に登録されています。",
    message_en="The passkey is enrolled already.",
)
NO_PASSKEY: Final = Refusal(
    code="JK-SIGNIN-0005",
    rule="passkey-to-withdraw",
    article=None,
    message_ja="この操作者には、使えるパスキーがありません。",
    message_en="The operator has no passkey that could be withdrawn.",
)

#: For so long a one-time code is good.
CODE_LASTS: Final = timedelta(minutes=15)
#: For so long nobody stays signed in: a working day.
SESSION_LASTS: Final = timedelta(hours=10)
#: Letters and figures that nobody mixes up when they are read out (Crockford).
_LETTERS: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISREAD: Final = str.maketrans("OIL", "011", "- ")
#: 80 bits: 16 characters.
_CODE_SIZE: Final = 10
_TOKEN_SIZE: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A one-time code, as it is shown once (登録番号)."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Somebody was just signed in: the token that the browser keeps."""

    token: bytes
    standing: Standing


async def invite(node: Office, connection: Connection, operator: str, terminal: str) -> Code:
    """Make a one-time code with which an operator enrols a passkey at a terminal; only its digest is kept.

    Raises:
        Refused: the operator may not act there.
    """
    at = node.clock()
    await offices.find(connection, operator, terminal, at)
    text, until = _code(node.entropy(_CODE_SIZE)), at + CODE_LASTS
    invitation = passkeys.Invitation(operator=operator, terminal=terminal)
    await passkeys.invite(connection, _plain(text), invitation, at, until)
    await _tell(node, connection, "passkey.invited", operator=operator, terminal=terminal)
    return Code(text=text, expires_at=until)


async def invited(node: Office, connection: Connection, code: str) -> Invitation:
    """For whom a one-time code is good; it is not used up.

    Raises:
        Refused: it is not good, or the operator may not act there any more.
    """
    return await _may_act(node, connection, await passkeys.invitation(connection, _plain(code), node.clock()))


async def enrol(node: Office, connection: Connection, code: str, passkey: Passkey) -> bytes:
    """Keep a passkey for whom the code is good, and use the code up; returns the token that marks the terminal.

    Raises:
        Refused: the code is not good for this operator, or the passkey is enrolled already.
    """
    at, token = node.clock(), node.entropy(_TOKEN_SIZE)
    used = await passkeys.use_invitation(connection, _plain(code), at)
    invitation = await _may_act(node, connection, used)
    if invitation.operator != passkey.operator:
        raise Refused(CODE_NOT_GOOD)
    if not await passkeys.enrol(connection, passkey, at):
        raise Refused(PASSKEY_KNOWN)
    await passkeys.mark_terminal(connection, token, invitation.terminal, at)
    await _tell(
        node,
        connection,
        "passkey.enrolled",
        credential=passkey.credential.hex(),
        operator=invitation.operator,
        terminal=invitation.terminal,
    )
    return token


async def withdraw(node: Office, connection: Connection, operator: str) -> int:
    """Withdraw an operator's passkeys and end whatever they are signed in to; returns how many passkeys there were.

    Raises:
        Refused: there is none.
    """
    at = node.clock()
    withdrawn = await passkeys.withdraw(connection, operator, at)
    if not withdrawn:
        raise Refused(NO_PASSKEY)
    await sessions.end_all(connection, operator, at)
    await _tell(node, connection, "passkey.withdrawn", operator=operator, passkeys=withdrawn)
    return withdrawn


async def standing_at(node: Office, connection: Connection, operator: str, mark: bytes) -> Standing:
    """Who would act: an operator, at the terminal that the browser's token marks.

    Raises:
        Refused: the browser is no terminal, or the operator may not act there.
    """
    terminal = await passkeys.terminal(connection, mark)
    if terminal is None:
        raise Refused(TERMINAL_NOT_MARKED)
    return await offices.find(connection, operator, terminal, node.clock())


async def sign_in(
    node: Office, connection: Connection, operator: str, mark: bytes, locked: bytes | None
) -> Opened:
    """Sign somebody in whose passkey was verified, or unlock the session that was theirs.

    Raises:
        Refused: as `standing_at`.
    """
    at, token = node.clock(), node.entropy(_TOKEN_SIZE)
    standing = await standing_at(node, connection, operator, mark)
    if locked and await sessions.resume(connection, locked, token, operator, standing.terminal, at):
        await _tell(node, connection, "session.unlocked", operator=operator, terminal=standing.terminal)
        return Opened(token=token, standing=standing)
    await sessions.open_(connection, token, operator, standing.terminal, at, at + SESSION_LASTS)
    await _tell(node, connection, "session.opened", operator=operator, terminal=standing.terminal)
    return Opened(token=token, standing=standing)


async def sign_out(node: Office, connection: Connection, operator: str, session: int) -> bool:
    """End one of an operator's own sessions; False: it is no longer there."""
    terminal = await sessions.end(connection, session, operator, node.clock())
    if terminal is not None:
        await _tell(node, connection, "session.ended", operator=operator, terminal=terminal)
    return terminal is not None


async def _may_act(node: Office, connection: Connection, invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise Refused(CODE_NOT_GOOD)
    await offices.find(connection, invitation.operator, invitation.terminal, node.clock())
    return invitation


def _code(entropy: bytes) -> str:
    """A code in groups of four.

    >>> _code(bytes(range(10)))
    '000G-40R4-0M30-E209'
    """
    text = base64.b32encode(entropy).translate(_LETTERS).decode()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _plain(code: str) -> bytes:
    """What was typed, as it was meant: without groups, case and letters that look like figures.

    >>> _plain("oooG-40r4 0m30-e2o9")
    b'000G40R40M30E209'
    """
    return code.strip().upper().translate(_MISREAD).encode()


async def _tell(node: Office, connection: Connection, kind: str, **items: Any) -> None:
    payload = orjson.dumps(items, option=orjson.OPT_SORT_KEYS)
    salt = node.entropy(journal.SALT_SIZE)
    entry = journal.Entry(kind=kind, recorded_at=node.clock(), payload=payload, salt=salt)
    await journal.append(connection, [entry])

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Signed documents (署名文書), the form of everything signed between nodes: pure, bytes in and bytes out.

Rules of this file, specified in ``docs/spec/envelope.md``:

1. What is verified is the bytes received, never a value written anew.
2. A function returns what it verified or raises; none answers yes or no.
3. Members it does not know are ignored, since a newer node may write more.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.config import JST
from openjuki.errors import BadEnvelope, ForgedEnvelope, OversizedMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from openjuki.pki.keys import PublicKey, SigningKey

#: Largest document the network carries.
LARGEST = 1_048_576
#: What a node id looks like: a subject token, a DNS label and a file name at once.
NODE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
#: What the id of an envelope looks like.
ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
#: A SHA-256, written in hexadecimal.
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST_SIGNATURES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A signed document whose signature was verified (検証済みの署名文書)."""

    #: The payload, as it was signed.
    payload: bytes
    #: Ids of the keys that signed it and are known.
    signers: tuple[str, ...]
    #: What follows the line; not signed itself, the payload holds its digest.
    content: bytes


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_document(
    payload_type: str, payload: bytes, *keys: SigningKey, content: bytes | None = None
) -> bytes:
    """Sign a payload (署名): one line of JSON, and after it the content if there is one."""
    signed = pae(payload_type, payload)
    line = orjson.dumps(
        {
            "payload": to_base64(payload),
            "payloadType": payload_type,
            "signatures": [{"keyid": key.key_id, "sig": to_base64(key.sign(signed))} for key in keys],
        }
    )
    return line if content is None else line + b"\n" + content


def open_document(
    raw: bytes, payload_type: str, keys: Callable[[str], PublicKey | None], *, most: int = LARGEST
) -> Opened:
    """Verify a document (署名検証) over the bytes as received.

    Args:
        raw: the document.
        payload_type: the one expected.
        keys: the key of an id; None when it is not known, and its signature is then ignored.
        most: most bytes it may have.

    Raises:
        OversizedMessage: it has more.
        BadEnvelope: not a signed document of this type.
        ForgedEnvelope: a known key's signature does not verify, or no key is known.
    """
    if len(raw) > most:
        raise OversizedMessage
    line, _, content = raw.partition(b"\n")
    payload, signatures = _parse_line(line, payload_type)
    signed = pae(payload_type, payload)
    signers = []
    for key_id, signature in signatures:
        if (key := keys(key_id)) is not None:
            key.verify(signature, signed)
            signers.append(key_id)
    if not signers:
        raise ForgedEnvelope("no key we know has signed this")
    return Opened(payload=payload, signers=tuple(signers), content=content)


def _parse_line(line: bytes, payload_type: str) -> tuple[bytes, list[tuple[str, bytes]]]:
    try:
        envelope = orjson.loads(line)
        if envelope["payloadType"] != payload_type:
            raise BadEnvelope(f"not a document of type {payload_type}")
        signatures = [(str(one["keyid"]), from_base64(one["sig"])) for one in envelope["signatures"]]
        payload = from_base64(envelope["payload"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadEnvelope from error
    if not 1 <= len(signatures) <= _MOST_SIGNATURES:
        raise BadEnvelope("a document has one to eight signatures")
    return payload, signatures


def to_time(moment: datetime) -> str:
    """A time as the protocol writes it: RFC 3339 with +09:00."""
    return moment.astimezone(JST).isoformat()


def to_base64(raw: bytes) -> str:
    """Base64 as the protocol writes it."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read base64, and only the one text that encodes these bytes.

    Raises:
        BadEnvelope: it is another text.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadEnvelope("not base64") from error
    if to_base64(raw) != text:
        raise BadEnvelope("not the canonical base64 of its bytes")
    return raw


class Items:
    """Members of a payload, each read with its form checked (電文の項目)."""

    def __init__(self, payload: bytes | Mapping[str, Any]) -> None:
        """Take JSON or what JSON has been read into.

        Raises:
            BadEnvelope: not a JSON object.
        """
        try:
            self._items = orjson.loads(payload) if isinstance(payload, bytes) else payload
        except ValueError as error:
            raise BadEnvelope("not JSON") from error
        if not isinstance(self._items, dict):
            raise BadEnvelope("not a JSON object")

    def take[T](self, name: str, kind: type[T]) -> T:
        """A member of this JSON type; a bool is not an int.

        Raises:
            BadEnvelope: it is missing or of another type.
        """
        value = self._items.get(name)
        if type(value) is not kind:
            raise BadEnvelope(f"missing or malformed: {name}")
        return value

    def text(self, name: str, form: re.Pattern[str]) -> str:
        """A string that matches the form as a whole."""
        value = self.take(name, str)
        if not form.fullmatch(value):
            raise BadEnvelope(f"missing or malformed: {name}")
        return value

    def node(self, name: str) -> str:
        """A node id."""
        return self.text(name, NODE_ID)

    def id(self, name: str = "id") -> str:
        """32 hexadecimal digits."""
        return self.text(name, ID)

    def schema(self, name: str) -> None:
        """Return only where the file is of this schema."""
        if self.take("schema", str) != name:
            raise BadEnvelope(f"not a file of schema {name}")

    def digest(self, name: str) -> bytes:
        """A SHA-256, written in hexadecimal."""
        return bytes.fromhex(self.text(name, DIGEST))

    def count(self, name: str, *, least: int = 0, most: int = 2**53 - 1) -> int:
        """An integer within these bounds."""
        value = self.take(name, int)
        if not least <= value <= most:
            raise BadEnvelope(f"out of bounds: {name}")
        return value

    def time(self, name: str) -> datetime:
        """A time with its offset, in the time of the offices."""
        try:
            value = datetime.fromisoformat(self.take(name, str))
            if value.tzinfo is None:
                raise BadEnvelope(f"a time without its offset: {name}")
            return value.astimezone(JST)
        # in Japan it may have been before the first year, or be after the last
        except (ValueError, OverflowError) as error:
            raise BadEnvelope(f"missing or malformed: {name}") from error

    def raw(self, name: str) -> bytes:
        """Bytes, written in base64."""
        return from_base64(self.take(name, str))

    def maybe[T](self, name: str, read: Callable[[str], T]) -> T | None:
        """None where the member is null; the member itself must be there."""
        if name not in self._items:
            raise BadEnvelope(f"missing or malformed: {name}")
        return None if self._items[name] is None else read(name)

    def inner(self, name: str) -> Items:
        """An object within the object."""
        return Items(self.take(name, dict))

    def list(self, name: str) -> list[Items]:
        """A list of objects."""
        return [Items(item) for item in self.take(name, list)]

    def digests(self, name: str) -> tuple[bytes, ...]:
        """A list of SHA-256, written in hexadecimal."""
        found = self.take(name, list)
        if not all(isinstance(one, str) and DIGEST.fullmatch(one) for one in found):
            raise BadEnvelope(f"missing or malformed: {name}")
        return tuple(bytes.fromhex(one) for one in found)

    def __iter__(self) -> Iterator[str]:
        """Names of the members."""
        return iter(self._items)

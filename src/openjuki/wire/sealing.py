# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Sealed content (封緘された内容): one content key, sealed to each recipient; specified in ``docs/spec/envelope.md``.

This is the one place of the wire that draws random bytes: the content key, its nonce, and what HPKE draws itself.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

import orjson
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openjuki.errors import BadEnvelope, ForgedEnvelope, MisaddressedEnvelope, OversizedMessage
from openjuki.wire.document import sign_document, to_base64

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.pki.keys import NodeKeys, SealingPublicKey
    from openjuki.wire.document import Items

#: Longest plaintext; inflating stops there.
LONGEST_PLAINTEXT = 16 * 1_048_576
_WORTH_COMPRESSING = 512
_LABEL = b"openjuki/content-key/v1\n"
_KEY_BYTES = 32
_NONCE_BYTES = 12
#: At its lowest level a seventh of the time that zlib takes at its, and two thirds of the bytes.
_ZSTD = pa.Codec("zstd", 1)


class Encoding(StrEnum):
    """What was done to the plaintext before it was encrypted (圧縮の有無)."""

    #: RFC 8878.
    ZSTD = "zstd"
    #: RFC 1950; read, and written no more.
    ZLIB = "zlib"
    #: Nothing.
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Sealed content (封緘された内容): how to open it, and the ciphertext."""

    #: Per recipient's node id: id of its sealing key, and the content key sealed to it.
    keys: Mapping[str, tuple[str, bytes]]
    #: Binds the ciphertext to one content key, for GCM alone does not.
    commitment: bytes
    nonce: bytes
    encoding: Encoding
    ciphertext: bytes

    def to_dict(self) -> dict[str, Any]:
        """The member ``content`` of a payload; the ciphertext itself follows the signed line."""
        return {
            "keys": {
                node: {"key_id": key_id, "sealed": to_base64(sealed)}
                for node, (key_id, sealed) in self.keys.items()
            },
            "commitment": self.commitment.hex(),
            "nonce": to_base64(self.nonce),
            "encoding": self.encoding.value,
            "sha256": hashlib.sha256(self.ciphertext).hexdigest(),
        }

    @classmethod
    def from_items(cls, items: Items, ciphertext: bytes) -> Self:
        """Read the member ``content`` of a verified payload, beside the ciphertext that came with it.

        Raises:
            BadEnvelope: incomplete or malformed.
            ForgedEnvelope: the ciphertext is not the one that was signed.
        """
        if hashlib.sha256(ciphertext).digest() != items.digest("sha256"):
            raise ForgedEnvelope("the content is not the one that was signed")
        keys = items.inner("keys")
        nonce = items.raw("nonce")
        encoding = items.take("encoding", str)
        if len(nonce) != _NONCE_BYTES or encoding not in Encoding:
            raise BadEnvelope("missing or malformed: nonce or encoding")
        return cls(
            keys={node: _sealed_key(keys.inner(node)) for node in keys},
            commitment=items.digest("commitment"),
            nonce=nonce,
            encoding=Encoding(encoding),
            ciphertext=ciphertext,
        )

    def key_of(self, node: str) -> str | None:
        """Id of the key of a node's under which it is said to be sealed; None where it is not sealed to that node."""
        return self.keys[node][0] if node in self.keys else None

    def content_key(self, keys: NodeKeys, context: bytes) -> bytes:
        """Open the content key with the node's own sealing key.

        Raises:
            MisaddressedEnvelope: it is sealed to others, or not for this context.
        """
        key_id, sealed = self.keys.get(keys.node, ("", b""))
        if (key := keys.sealing.get(key_id)) is None:
            raise MisaddressedEnvelope("not sealed to a key of this node")
        content_key = key.unseal(sealed, _LABEL + context)
        if _commitment(content_key) != self.commitment:
            raise MisaddressedEnvelope("sealed to this node is another key than was committed to")
        return content_key


def _sealed_key(items: Items) -> tuple[str, bytes]:
    return items.id("key_id"), items.raw("sealed")


def _commitment(content_key: bytes) -> bytes:
    return hashlib.sha256(_LABEL + content_key).digest()


def seal(plaintext: bytes, recipients: Mapping[str, SealingPublicKey], context: bytes) -> Sealed:
    """Seal (封緘) to every recipient at once, bound to a context.

    Raises:
        OversizedMessage: no reader would inflate that much.
    """
    if len(plaintext) > LONGEST_PLAINTEXT:
        raise OversizedMessage
    content_key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
    encoding = Encoding.ZSTD if len(plaintext) > _WORTH_COMPRESSING else Encoding.IDENTITY
    if encoding is Encoding.ZSTD:
        plaintext = _ZSTD.compress(plaintext, asbytes=True)
    return Sealed(
        keys={
            node: (public.key_id, public.seal(content_key, _LABEL + context))
            for node, public in recipients.items()
        },
        commitment=_commitment(content_key),
        nonce=nonce,
        encoding=encoding,
        ciphertext=AESGCM(content_key).encrypt(nonce, plaintext, context),
    )


def sign_sealed(
    payload_type: str, members: Mapping[str, Any], sealed: Sealed, keys: NodeKeys, *, most: int
) -> bytes:
    """Sign a payload of these members and its sealed content (封緘文書への署名): the whole document.

    Raises:
        OversizedMessage: it became longer than ``most`` bytes.
    """
    payload = orjson.dumps({**members, "content": sealed.to_dict()}, option=orjson.OPT_SORT_KEYS)
    raw = sign_document(payload_type, payload, keys.signing, content=sealed.ciphertext)
    if len(raw) > most:
        raise OversizedMessage(f"{len(raw):,} bytes; at most {most:,} are carried")
    return raw


def unseal(sealed: Sealed, keys: NodeKeys, context: bytes) -> bytes:
    """Open (開封) what was sealed to this node under this context.

    Raises:
        MisaddressedEnvelope: sealed to others, or not for this context.
        BadEnvelope: the sender sealed something that does not open.
        OversizedMessage: it inflates beyond reason.
    """
    content_key = sealed.content_key(keys, context)
    try:
        plaintext = AESGCM(content_key).decrypt(sealed.nonce, sealed.ciphertext, context)
    except (InvalidTag, ValueError) as error:
        raise BadEnvelope("the content does not open under its key") from error
    return plaintext if sealed.encoding is Encoding.IDENTITY else _INFLATE[sealed.encoding](plaintext)


def _inflate_zlib(compressed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        plaintext = inflater.decompress(compressed, LONGEST_PLAINTEXT + 1)
    except zlib.error as error:
        raise BadEnvelope("the content does not inflate") from error
    _check_length(plaintext)
    if not inflater.eof or inflater.unused_data:
        raise BadEnvelope("the content does not inflate to its end")
    return plaintext


def _inflate_zstd(compressed: bytes) -> bytes:
    try:
        with pa.input_stream(pa.py_buffer(compressed), compression="zstd") as stream:
            plaintext: bytes = stream.read(LONGEST_PLAINTEXT + 1)
    except OSError as error:
        raise BadEnvelope("the content does not inflate") from error
    _check_length(plaintext)
    return plaintext


def _check_length(plaintext: bytes) -> None:
    if len(plaintext) > LONGEST_PLAINTEXT:
        raise OversizedMessage("the content inflates beyond what a reader accepts")


_INFLATE: Final = {Encoding.ZLIB: _inflate_zlib, Encoding.ZSTD: _inflate_zstd}

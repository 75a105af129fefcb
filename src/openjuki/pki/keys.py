# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys of a node (鍵): one pair to sign with, one pair to be sealed to; never the same pair for both.

Rules of this file:

1. A key's id is computed from its public bytes, so an id cannot name two keys.
2. Private bytes are never shown by `repr` and never lie in a file that others may read.
3. Signing is Ed25519. Sealing is HPKE (RFC 9180); the hybrid post-quantum suite is preferred, because
   what is recorded today must stay secret for longer than today's curves may last.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519

from openjuki.errors import BadConfiguration, ForgedEnvelope, MisaddressedEnvelope
from openjuki.pki.files import read_secret, write_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_X25519_BYTES = 32
_MLKEM_SEED_BYTES = 64


def key_id(kind: str, public: bytes) -> str:
    """Name of a key (鍵識別子): 32 hexadecimal digits of SHA-256 over its kind and public bytes."""
    return hashlib.sha256(kind.encode() + b"\x00" + public).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Public half of a signing key (署名検証鍵), Ed25519.

    Raises:
        BadConfiguration: the bytes are not a public key.
    """

    #: The 32 bytes of RFC 8032.
    raw: bytes
    #: Computed from `raw`.
    key_id: str = field(init=False, compare=False)
    _key: ed25519.Ed25519PublicKey = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read the bytes once; every verification uses the result."""
        try:
            key = ed25519.Ed25519PublicKey.from_public_bytes(self.raw)
        except ValueError as error:
            raise BadConfiguration("not an Ed25519 public key") from error
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "key_id", key_id("ed25519", self.raw))

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return only when the signature is this key's over these bytes.

        Raises:
            ForgedEnvelope: it is not.
        """
        try:
            self._key.verify(signature, data)
        except InvalidSignature as error:
            raise ForgedEnvelope from error


class SigningKey:
    """Signing key (署名鍵), Ed25519."""

    __slots__ = ("_key", "public")

    def __init__(self, key: ed25519.Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> SigningKey:
        """Draw a new key."""
        return cls(ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of a 32-byte seed: for test vectors and the simulation."""
        return cls(ed25519.Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read what `save` wrote.

        Raises:
            BadConfiguration: the file is not an Ed25519 key in PEM, or others may read it.
        """
        try:
            key = serialization.load_pem_private_key(read_secret(path), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadConfiguration(f"not a private key in PEM: {path}") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise BadConfiguration(f"not an Ed25519 key: {path}")
        return cls(key)

    def save(self, path: Path) -> None:
        """Write as PKCS#8 PEM, mode 0600; an existing file is never overwritten."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_secret(path, pem)

    @property
    def key_id(self) -> str:
        """Id of the public half."""
        return self.public.key_id

    def sign(self, data: bytes) -> bytes:
        """Sign (64 bytes)."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        """Which key, never what it is."""
        return f"SigningKey({self.key_id})"


class Suite(StrEnum):
    """HPKE suites we seal with (暗号方式); KDF and AEAD are HKDF-SHA256 and AES-256-GCM in both."""

    #: ML-KEM-768 with X25519 (X-Wing): safe while either of the two is.
    HYBRID = "mlkem768-x25519"
    #: X25519 alone, where the cryptographic backend lacks ML-KEM.
    CLASSICAL = "x25519"

    @property
    def hpke(self) -> hpke.Suite:
        """The suite as the library knows it."""
        kem = hpke.KEM.MLKEM768_X25519 if self is Suite.HYBRID else hpke.KEM.X25519
        return hpke.Suite(kem, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class SealingPublicKey:
    """Public half of a sealing key (封緘鍵の公開鍵).

    Raises:
        BadConfiguration: the bytes are not a public key of the suite.
    """

    #: Which HPKE suite the key belongs to.
    suite: Suite
    #: Public bytes; for the hybrid suite ML-KEM-768 (1,184) then X25519 (32).
    raw: bytes
    #: Computed from suite and bytes.
    key_id: str = field(init=False, compare=False)
    _key: Any = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read the bytes once."""
        try:
            key = _public_key(self.suite, self.raw)
        except ValueError as error:
            raise BadConfiguration(f"not a public key of suite {self.suite}") from error
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "key_id", key_id(self.suite, self.raw))

    def seal(self, secret: bytes, info: bytes) -> bytes:
        """Seal to the holder of the private half; `info` must be the same at both ends."""
        return self.suite.hpke.encrypt(secret, self._key, info)


def _public_key(suite: Suite, raw: bytes) -> Any:
    curve = x25519.X25519PublicKey.from_public_bytes(raw[-_X25519_BYTES:])
    if suite is Suite.HYBRID:
        lattice = mlkem.MLKEM768PublicKey.from_public_bytes(raw[:-_X25519_BYTES])
        return hpke.MLKEM768X25519PublicKey(lattice, curve)
    if len(raw) != _X25519_BYTES:
        raise ValueError
    return curve


class SealingKey:
    """Sealing key (封緘鍵): opens what was sealed to its public half."""

    __slots__ = ("_key", "_raw", "public", "suite")

    def __init__(self, suite: Suite, raw: bytes) -> None:
        """Take the private bytes: for the hybrid suite ML-KEM seed (64) then X25519 (32).

        Raises:
            BadConfiguration: they are not a private key of the suite.
        """
        try:
            self._key, public = _private_key(suite, raw)
        except ValueError as error:
            raise BadConfiguration(f"not a private key of suite {suite}") from error
        self._raw = raw
        self.suite = suite
        self.public = SealingPublicKey(suite, public)

    @classmethod
    def generate(cls, suite: Suite | None = None) -> SealingKey:
        """Draw a new key, of the best suite the machine has unless one is named."""
        suite = suite or best_suite()
        lattice = os.urandom(_MLKEM_SEED_BYTES) if suite is Suite.HYBRID else b""
        return cls(suite, lattice + os.urandom(_X25519_BYTES))

    @classmethod
    def load(cls, path: Path) -> SealingKey:
        """Read what `save` wrote.

        Raises:
            BadConfiguration: the file is not a sealing key, or others may read it.
        """
        try:
            suite, text = read_secret(path).decode("ascii").split()
            return cls(Suite(suite), base64.b64decode(text, validate=True))
        except (ValueError, binascii.Error) as error:
            raise BadConfiguration(f"not a sealing key: {path}") from error

    def save(self, path: Path) -> None:
        """Write as one line, suite and base64, mode 0600; an existing file is never overwritten."""
        write_secret(path, f"{self.suite} {base64.b64encode(self._raw).decode()}\n".encode())

    @property
    def key_id(self) -> str:
        """Id of the public half."""
        return self.public.key_id

    def unseal(self, sealed: bytes, info: bytes) -> bytes:
        """Open what was sealed to this key under the same `info`.

        Raises:
            MisaddressedEnvelope: it was sealed to another key, for another purpose, or damaged.
        """
        try:
            return self.suite.hpke.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise MisaddressedEnvelope from error

    def __repr__(self) -> str:
        """Which key, never what it is."""
        return f"SealingKey({self.suite}, {self.key_id})"


def _private_key(suite: Suite, raw: bytes) -> tuple[Any, bytes]:
    curve = x25519.X25519PrivateKey.from_private_bytes(raw[-_X25519_BYTES:])
    public = curve.public_key().public_bytes_raw()
    if suite is Suite.HYBRID:
        lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(raw[:-_X25519_BYTES])
        return hpke.MLKEM768X25519PrivateKey(lattice, curve), lattice.public_key().public_bytes_raw() + public
    if len(raw) != _X25519_BYTES:
        raise ValueError
    return curve, public


def best_suite() -> Suite:
    """The strongest suite this machine's backend offers (暗号方式の選択)."""
    try:
        mlkem.MLKEM768PrivateKey.from_seed_bytes(bytes(_MLKEM_SEED_BYTES))
    except UnsupportedAlgorithm:
        return Suite.CLASSICAL
    return Suite.HYBRID


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeKeys:
    """What a node signs and opens with (機関の鍵束); its TLS key is not among them."""

    #: Node id, as in the directory.
    node: str
    #: The key it signs with now.
    signing: SigningKey
    #: Sealing keys it still holds, by key id: the present one and those before it.
    sealing: Mapping[str, SealingKey]

    @classmethod
    def generate(cls, node: str) -> NodeKeys:
        """Draw new keys for a node."""
        sealing = SealingKey.generate()
        return cls(node=node, signing=SigningKey.generate(), sealing={sealing.key_id: sealing})

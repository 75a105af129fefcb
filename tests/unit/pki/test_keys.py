# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys sign and open, keep their private halves to themselves, and are named by their public ones."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, mlkem
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import BadConfiguration, ForgedEnvelope, MisaddressedEnvelope
from openjuki.pki.files import write_secret
from openjuki.pki.keys import (
    NodeKeys,
    PublicKey,
    SealingKey,
    SealingPublicKey,
    SigningKey,
    Suite,
    best_suite,
    key_id,
)

if TYPE_CHECKING:
    from pathlib import Path

KEY = SigningKey.from_seed(bytes(32))
SUITES = [pytest.param(suite, id=suite.value) for suite in Suite]


def test_a_signature_verifies():
    """What was signed verifies under the public half."""
    KEY.public.verify(KEY.sign(b"data"), b"data")


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_a_signature_is_of_its_bytes_alone(data: bytes, other: bytes):
    """A signature verifies for the bytes signed and no others."""
    signature = KEY.sign(data)
    if data == other:
        KEY.public.verify(signature, other)
    else:
        with pytest.raises(ForgedEnvelope):
            KEY.public.verify(signature, other)


@pytest.mark.parametrize("signature", [b"", bytes(64), bytes(63), bytes(1000)])
def test_what_is_no_signature_is_forged(signature: bytes):
    """Any other bytes in a signature's place are refused, whatever their length."""
    with pytest.raises(ForgedEnvelope):
        KEY.public.verify(signature, b"data")


def test_key_ids_are_those_of_the_specification():
    """An id is computed from kind and public bytes."""
    assert KEY.public.raw.hex() == "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"
    assert KEY.key_id == "02105867b7c3ce0133f05bab7871495a"
    assert key_id("ed25519", b"x") != key_id("x25519", b"x")


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_sealed_opens(suite: Suite):
    """The holder of the private half opens what was sealed for this purpose."""
    key = SealingKey.generate(suite)

    assert key.unseal(key.public.seal(b"secret", b"info"), b"info") == b"secret"


@pytest.mark.parametrize("suite", SUITES)
def test_nothing_else_opens(suite: Suite):
    """Another key, another purpose, a flipped bit or a missing byte does not open."""
    key, other = SealingKey.generate(suite), SealingKey.generate(suite)
    sealed = key.public.seal(b"secret", b"info")
    damaged = bytes([sealed[0] ^ 1]) + sealed[1:]
    for opener, content, info in [
        (other, sealed, b"info"),
        (key, sealed, b"other"),
        (key, damaged, b"info"),
        (key, sealed[:-1], b"info"),
        (key, b"", b"info"),
    ]:
        with pytest.raises(MisaddressedEnvelope):
            opener.unseal(content, info)


def test_the_hybrid_suite_is_chosen_where_there_is_one():
    """This machine has ML-KEM, so new keys are hybrid."""
    assert best_suite() is Suite.HYBRID
    assert SealingKey.generate().suite is Suite.HYBRID


def test_without_ml_kem_the_classical_suite_is_chosen(monkeypatch: pytest.MonkeyPatch):
    """A backend without ML-KEM still seals."""

    def unsupported(_seed: bytes) -> Any:
        raise UnsupportedAlgorithm("ML-KEM")

    class Absent:
        from_seed_bytes = staticmethod(unsupported)

    monkeypatch.setattr(mlkem, "MLKEM768PrivateKey", Absent)

    assert best_suite() is Suite.CLASSICAL
    assert SealingKey.generate().suite is Suite.CLASSICAL


@pytest.mark.parametrize(
    ("suite", "raw"),
    [
        pytest.param(Suite.CLASSICAL, bytes(31), id="too short"),
        pytest.param(Suite.CLASSICAL, bytes(33), id="too long"),
        pytest.param(Suite.HYBRID, bytes(32), id="only half of it"),
        pytest.param(Suite.HYBRID, bytes(5000), id="far too long"),
    ],
)
def test_what_is_no_sealing_key_is_refused(suite: Suite, raw: bytes):
    """Bytes of another length are no key of the suite, neither public nor private."""
    with pytest.raises(BadConfiguration):
        SealingPublicKey(suite, raw)
    with pytest.raises(BadConfiguration):
        SealingKey(suite, raw)


def test_what_is_no_public_key_is_refused():
    """A public key has 32 bytes."""
    with pytest.raises(BadConfiguration):
        PublicKey(bytes(31))


def test_keys_come_back_from_disk(tmp_path: Path):
    """What was saved is what is loaded, and nobody else can read it."""
    sealing = SealingKey.generate()
    KEY.save(tmp_path / "signing.pem")
    sealing.save(tmp_path / "sealing.key")

    assert SigningKey.load(tmp_path / "signing.pem").public == KEY.public
    assert SealingKey.load(tmp_path / "sealing.key").public == sealing.public
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_key_is_never_overwritten(tmp_path: Path):
    """Saving over a key is refused, and the old one stays."""
    path = tmp_path / "signing.pem"
    KEY.save(path)
    with pytest.raises(BadConfiguration, match="already"):
        SigningKey.generate().save(path)

    assert SigningKey.load(path).public == KEY.public


@pytest.mark.parametrize("load", [SigningKey.load, SealingKey.load])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, load: Any):
    """A key readable by the group is no secret; the message says what to do."""
    path = tmp_path / "key"
    write_secret(path, b"x")
    path.chmod(0o640)
    with pytest.raises(BadConfiguration, match="chmod 600"):
        load(path)


@pytest.mark.parametrize("load", [SigningKey.load, SealingKey.load])
def test_a_missing_key_is_said(tmp_path: Path, load: Any):
    """A missing file is named."""
    with pytest.raises(BadConfiguration, match="cannot read"):
        load(tmp_path / "missing")


def p256_pem() -> bytes:
    """A private key of another kind."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


@pytest.mark.parametrize(
    ("load", "content"),
    [
        pytest.param(SigningKey.load, b"nonsense", id="no PEM"),
        pytest.param(SigningKey.load, p256_pem(), id="another kind of key"),
        pytest.param(SealingKey.load, b"nonsense", id="one word"),
        pytest.param(SealingKey.load, b"rot13 AAAA", id="an unknown suite"),
        pytest.param(SealingKey.load, b"x25519 !!!!", id="no base64"),
        pytest.param(SealingKey.load, b"x25519 AAAA", id="too short"),
        pytest.param(SealingKey.load, b"\xff\xfe", id="no text"),
    ],
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, load: Any, content: bytes):
    """Whatever else lies in the file is refused with a sentence."""
    path = tmp_path / "key"
    write_secret(path, content)
    with pytest.raises(BadConfiguration):
        load(path)


def test_keys_show_their_id_and_nothing_else():
    """A key in a log or a traceback is its public id."""
    sealing = SealingKey(Suite.CLASSICAL, b"\x07" * 32)

    assert repr(KEY) == f"SigningKey({KEY.key_id})"
    assert repr(sealing) == f"SealingKey(x25519, {sealing.key_id})"


def test_a_node_draws_keys_of_its_own():
    """New keys differ from node to node, and the sealing key is found by its id."""
    one, other = NodeKeys.generate("131016"), NodeKeys.generate("131024")

    assert one.signing.key_id != other.signing.key_id
    assert all(key_id == key.key_id for key_id, key in one.sealing.items())

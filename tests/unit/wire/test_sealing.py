# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is sealed opens for each recipient, in its context, and for nobody else."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from openjuki.errors import BadEnvelope, ForgedEnvelope, MisaddressedEnvelope, OversizedMessage
from openjuki.wire import sealing
from openjuki.wire.document import Items
from openjuki.wire.sealing import LONGEST_PLAINTEXT, Encoding, Sealed, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable

    from openjuki.pki.keys import NodeKeys, SealingPublicKey

type Keys = dict[str, NodeKeys]


def to(keys: Keys, *nodes: str) -> dict[str, SealingPublicKey]:
    """Public keys to seal to these nodes with."""
    return {node: next(iter(keys[node].sealing.values())).public for node in nodes}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plaintext=st.binary(max_size=2_000))
def test_every_recipient_opens_it(keys: Keys, plaintext: bytes):
    """Each of several recipients reads the same, and so does what went over the wire as JSON."""
    sealed = seal(plaintext, to(keys, TOKYO, CENTRE), b"context")
    received = Sealed.from_items(Items(sealed.to_dict()), sealed.ciphertext)

    assert sealed == received
    assert (
        unseal(received, keys[TOKYO], b"context") == unseal(received, keys[CENTRE], b"context") == plaintext
    )


def test_nobody_else_opens_it(keys: Keys):
    """Not another node, not in another context, not with another's key."""
    sealed = seal(b"secret", to(keys, TOKYO), b"context")
    stolen = replace(keys[CHUO], node=TOKYO)
    for opener, context in [(keys[CHUO], b"context"), (stolen, b"context"), (keys[TOKYO], b"other")]:
        with pytest.raises(MisaddressedEnvelope):
            unseal(sealed, opener, context)


def test_an_old_sealing_key_still_opens(keys: Keys):
    """A node that has drawn a new key reads what was sealed to the old one."""
    old, new = keys[TOKYO], keys[CHUO].sealing
    both = replace(old, sealing={**new, **old.sealing})

    assert unseal(seal(b"secret", to(keys, TOKYO), b""), both, b"") == b"secret"


def test_long_text_is_compressed_and_short_is_not(keys: Keys):
    """Compressing pays from some length on; it is done with Zstandard."""
    long, short = seal(b"a" * 10_000, to(keys, TOKYO), b""), seal(b"a" * 100, to(keys, TOKYO), b"")

    assert (long.encoding, short.encoding) == (Encoding.ZSTD, Encoding.IDENTITY)
    assert len(long.ciphertext) < 200
    assert unseal(long, keys[TOKYO], b"") == b"a" * 10_000


@given(plaintext=st.binary(max_size=2_000), encoding=st.sampled_from(Encoding))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_encoding_is_read(keys: Keys, plaintext: bytes, encoding: Encoding):
    """What older nodes compressed with zlib is read as what is compressed now, and as what is not."""
    sealed = dishonest(keys, COMPRESS[encoding](plaintext), encoding)
    received = Sealed.from_items(Items(sealed.to_dict()), sealed.ciphertext)

    assert received.encoding is encoding
    assert unseal(received, keys[CHIYODA], b"") == plaintext


def test_two_recipients_cannot_be_shown_different_contents(keys: Keys):
    """Sealing another content key to one of the recipients breaks the commitment for that one."""
    sealed, other = (seal(b"x", to(keys, TOKYO, CENTRE), b"c") for _ in range(2))
    mixed = replace(sealed, keys={TOKYO: sealed.keys[TOKYO], CENTRE: other.keys[CENTRE]})

    assert unseal(mixed, keys[TOKYO], b"c") == b"x"
    with pytest.raises(MisaddressedEnvelope, match="committed"):
        unseal(mixed, keys[CENTRE], b"c")


def test_another_ciphertext_is_forged(keys: Keys):
    """The signed digest is compared before anything is opened."""
    sealed = seal(b"x", to(keys, TOKYO), b"")
    with pytest.raises(ForgedEnvelope):
        Sealed.from_items(Items(sealed.to_dict()), sealed.ciphertext + b"x")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"nonce": "AAAA"}, id="a short nonce"),
        pytest.param({"encoding": "gzip"}, id="an unknown encoding"),
        pytest.param({"keys": []}, id="keys that are no object"),
        pytest.param({"keys": {"centre": {"key_id": "x", "sealed": ""}}}, id="a key id of another form"),
        pytest.param({"commitment": ""}, id="no commitment"),
    ],
)
def test_a_malformed_description_is_refused(keys: Keys, change: dict[str, object]):
    """Every member of the description has its form."""
    sealed = seal(b"x", to(keys, TOKYO), b"")
    with pytest.raises(BadEnvelope):
        Sealed.from_items(Items(sealed.to_dict() | change), sealed.ciphertext)


def zstd(plaintext: bytes) -> bytes:
    """A frame of Zstandard."""
    return bytes(pa.Codec("zstd").compress(plaintext, asbytes=True))


#: How each encoding is made.
COMPRESS: dict[Encoding, Callable[[bytes], bytes]] = {
    Encoding.ZSTD: zstd,
    Encoding.ZLIB: zlib.compress,
    Encoding.IDENTITY: bytes,
}


def dishonest(keys: Keys, plaintext: bytes, encoding: Encoding) -> Sealed:
    """What a dishonest sender may seal: a content key of his own and anything under it."""
    content_key, nonce = bytes(32), bytes(12)
    (public,) = to(keys, CHIYODA).values()
    return Sealed(
        keys={CHIYODA: (public.key_id, public.seal(content_key, sealing._LABEL))},
        commitment=sealing._commitment(content_key),
        nonce=nonce,
        encoding=encoding,
        ciphertext=AESGCM(content_key).encrypt(nonce, plaintext, b""),
    )


@pytest.mark.parametrize(
    ("encoding", "plaintext"),
    [
        pytest.param(Encoding.ZLIB, b"no zlib", id="not compressed at all"),
        pytest.param(Encoding.ZLIB, zlib.compress(b"abc")[:-1], id="cut short"),
        pytest.param(Encoding.ZLIB, zlib.compress(b"abc") + b"x", id="with something behind it"),
        pytest.param(Encoding.ZLIB, zstd(b"abc"), id="compressed with Zstandard, said to be with zlib"),
        pytest.param(Encoding.ZSTD, b"no zstd", id="not compressed at all, said to be with Zstandard"),
        pytest.param(Encoding.ZSTD, zstd(b"abc")[:-1], id="a frame cut short"),
        pytest.param(Encoding.ZSTD, zstd(b"abc" * 1000)[:5], id="no more than the head of a frame"),
        pytest.param(Encoding.ZSTD, zstd(b"abc") + b"x", id="a frame with something behind it"),
        pytest.param(Encoding.ZSTD, zstd(b"abc") + zstd(b"abc")[:-1], id="a second frame cut short"),
        pytest.param(Encoding.ZSTD, zlib.compress(b"abc"), id="compressed with zlib, said to be otherwise"),
    ],
)
def test_what_does_not_inflate_is_refused(keys: Keys, encoding: Encoding, plaintext: bytes):
    """A compressed content is whole and nothing more."""
    with pytest.raises(BadEnvelope):
        unseal(dishonest(keys, plaintext, encoding), keys[CHIYODA], b"")


@pytest.mark.parametrize("encoding", [Encoding.ZSTD, Encoding.ZLIB])
def test_a_bomb_does_not_go_off(keys: Keys, encoding: Encoding):
    """Inflating stops at the longest plaintext; exactly that much is still read."""
    bomb, largest = (COMPRESS[encoding](bytes(LONGEST_PLAINTEXT + more)) for more in (1, 0))
    with pytest.raises(OversizedMessage):
        unseal(dishonest(keys, bomb, encoding), keys[CHIYODA], b"")

    assert len(unseal(dishonest(keys, largest, encoding), keys[CHIYODA], b"")) == LONGEST_PLAINTEXT


def test_frames_behind_one_another_do_not_go_off_either(keys: Keys):
    """The plaintext of all frames together has the longest length at most."""
    frames = zstd(bytes(LONGEST_PLAINTEXT)) + zstd(b"x")
    with pytest.raises(OversizedMessage):
        unseal(dishonest(keys, frames, Encoding.ZSTD), keys[CHIYODA], b"")


def test_a_ciphertext_of_no_length_is_refused(keys: Keys):
    """A ciphertext shorter than its tag does not open."""
    with pytest.raises(BadEnvelope):
        unseal(replace(dishonest(keys, b"", Encoding.ZSTD), ciphertext=b""), keys[CHIYODA], b"")


def test_what_no_reader_would_inflate_is_not_sealed(keys: Keys):
    """A sender learns at once that its content is too long."""
    with pytest.raises(OversizedMessage):
        seal(bytes(LONGEST_PLAINTEXT + 1), to(keys, CHIYODA), b"")

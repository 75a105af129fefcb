# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import BadConfiguration, BadEnvelope
from openjuki.pki.keys import PublicKey
from openjuki.wire.note import (
    LARGEST_NOTE,
    MOST_SIGNATURES,
    Note,
    Signature,
    SignatureType,
    Verifier,
    is_key_name,
)

#: The note with which Go's implementation introduces the format, and its key.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
""".encode()
#: The note with which the specification begins.
C2SP_NOTE = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()

names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="+"), min_size=1)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n")).map(
    lambda text: f"{text}\n".encode()
)
signatures = st.builds(
    Signature, name=names, key_id=st.binary(min_size=4, max_size=4), raw=st.binary(min_size=1, max_size=80)
)


def test_a_note_of_another_implementation_verifies():
    """Go's own example is read: key, key id, text and signature."""
    key, note = Verifier.from_text(GO_KEY), Note.from_bytes(GO_NOTE)
    [signature] = note.signatures

    assert signature.is_by(key)
    key.key.verify(signature.raw, note.text)


def test_the_text_ends_at_the_last_empty_line():
    """A text may have empty lines of its own."""
    note = Note.from_bytes(C2SP_NOTE)

    assert note.text.decode().endswith("sole:\n\ned è subito sera.\n")
    assert [one.name for one in note.signatures] == ["quasimodo.example/salvatore"]


@given(texts, st.lists(signatures, min_size=1, max_size=16))
def test_a_note_survives_being_written(text, found):
    """Whatever may stand in a note is read as it was written, up to 16 signatures and more."""
    note = Note(text=text, signatures=tuple(found))

    assert note == Note.from_bytes(note.to_bytes())


@pytest.mark.parametrize("raw", [C2SP_NOTE, GO_NOTE], ids=["C2SP", "Go"])
def test_bytes_survive_being_read(raw):
    """A note that was read is written byte for byte as it came."""
    assert raw == Note.from_bytes(raw).to_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"text\n", id="text alone"),
        pytest.param(b"\n\xe2\x80\x94 a AAAAAAA=\n", id="no text"),
        pytest.param(b"text\n\n", id="no signature"),
        pytest.param(b"\xe2\x80\x94 a AAAAAAA=\n", id="a signature alone"),
        pytest.param(b"text\n\n\xe2\x80\x94 a b\n", id="a signature that is not base64"),
        pytest.param(b"text\n\n\xe2\x80\x94 a AAAAAA==\n", id="a signature of no bytes"),
        pytest.param(b"text\n\n\xe2\x80\x94 a+b AAAAAAA=\n", id="a name with a plus"),
        pytest.param("text\n\n— a\u3000b AAAAAAA=\n".encode(), id="a name with a Japanese space"),
        pytest.param(b"text\n\n\xe2\x80\x94  AAAAAAA=\n", id="no name"),
        pytest.param(b"text\n\n\xe2\x80\x94 a AAAAAAA= x\n", id="something after the signature"),
        pytest.param(b"text\n\na AAAAAAA=\n", id="no dash"),
        pytest.param(b"text\n\n\xe2\x80\x94 a AAAAAAA=", id="the last line does not end"),
        pytest.param(b"t\x00xt\n\n\xe2\x80\x94 a AAAAAAA=\n", id="a control character"),
        pytest.param(b"t\x1fxt\n\n\xe2\x80\x94 a AAAAAAA=\n", id="the last control character"),
        pytest.param(b"t\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n", id="not UTF-8"),
        pytest.param(b"text\n\n" + b"\xe2\x80\x94 a AAAAAAA=\n" * 33, id="33 signatures"),
        pytest.param(b"t" * LARGEST_NOTE + b"\n\n\xe2\x80\x94 a AAAAAAA=\n", id="too large"),
    ],
)
def test_what_is_not_a_note_is_refused(raw):
    """Bytes that the specification does not allow are not a note."""
    with pytest.raises(BadEnvelope):
        Note.from_bytes(raw)


def test_a_note_has_room_for_32_signatures():
    """Twice as many as every reader has to take."""
    lines = "".join(f"\N{EM DASH} witness-{number} AAAAAAA=\n" for number in range(MOST_SIGNATURES))

    assert len(Note.from_bytes(f"text\n\n{lines}".encode()).signatures) == MOST_SIGNATURES == 32


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="its own"),
        pytest.param({"name": "PaulNeumann"}, False, id="another name with its id"),
        pytest.param({"key_id": bytes(4)}, False, id="its name with another id"),
    ],
)
def test_a_key_is_known_by_name_and_id(changes, expected):
    """A signature is a key's only where both its name and its id are the key's."""
    [signature] = Note.from_bytes(GO_NOTE).signatures

    assert expected == replace(signature, **changes).is_by(Verifier.from_text(GO_KEY))


@given(names, st.sampled_from(SignatureType))
def test_a_verifier_key_survives_being_written(name, kind):
    """A key, its name and its kind are read from the line they were written to."""
    verifier = Verifier(name=name, key=PublicKey(bytes(32)), kind=kind)

    assert verifier == Verifier.from_text(verifier.to_text())


def test_a_key_id_may_be_in_capitals():
    """Hexadecimal in capitals is the same id."""
    assert Verifier.from_text(GO_KEY) == Verifier.from_text(GO_KEY.replace("c74f20a3", "C74F20A3"))


def test_the_key_of_a_public_log_is_read():
    """The key of the Go checksum database is a verifier key, its id is as it says."""
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

    assert text == Verifier.from_text(f" {text}\n").to_text()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(GO_KEY.replace("c74f20a3", "c74f20a4"), id="another id"),
        pytest.param(GO_KEY.replace("Peter", "Paul"), id="another name"),
        pytest.param(GO_KEY.replace("ARpc", "ARpd"), id="another key"),
        pytest.param(GO_KEY[:-4], id="cut short"),
        pytest.param(GO_KEY[: GO_KEY.rindex("+")], id="no key"),
        pytest.param("a+00000000+", id="an empty key"),
        pytest.param(GO_KEY.replace("+ARpc", "+AxpC"), id="a kind that nobody uses"),
        pytest.param(GO_KEY.replace("Peter", "Peter "), id="a name with a space"),
        pytest.param(GO_KEY.replace("PeterNeumann", ""), id="no name"),
    ],
)
def test_what_is_not_a_verifier_key_is_refused(text):
    """A line that is not name, id and key, or whose id does not fit, is no key."""
    with pytest.raises(BadConfiguration):
        Verifier.from_text(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb", "a\u2028b"])
def test_a_key_cannot_be_called_anything(name):
    """Names with spaces of any kind or with a plus could not be read back."""
    assert not is_key_name(name)
    with pytest.raises(BadConfiguration):
        Verifier(name=name, key=PublicKey(bytes(32)), kind=SignatureType.ED25519)

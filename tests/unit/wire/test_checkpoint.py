# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from openjuki import errors
from openjuki.errors import BadConfiguration, BadEnvelope, ForgedEnvelope
from openjuki.pki.keys import SigningKey
from openjuki.wire.checkpoint import (
    Checkpoint,
    cosign,
    origin,
    read_checkpoint,
    read_cosignature,
    read_cosignatures,
    sign_checkpoint,
    with_cosignatures,
)
from openjuki.wire.note import MOST_SIGNATURES, Note, Signature, SignatureType, Verifier

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/v1/checkpoint.json").read_text(encoding="utf-8"))
JOURNAL = json.loads((ROOT / "tests/samples/v1/journal.json").read_text(encoding="utf-8"))["rows"]
KEYS = {name: Verifier.from_text(text) for name, text in SAMPLES["keys"].items()}
NAME = origin("demo", "131016")
LOG = [KEYS["log"].key]
WITNESSES = [KEYS["prefecture"], KEYS["centre"]]
COSIGNED = SAMPLES["cosignature"]
AT = datetime.fromisoformat(COSIGNED["time"])


def cases(kind: str):
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def refused(case):
    """The error whose code the sample names, and no other."""
    leaves = (one for one in vars(errors).values() if getattr(one, "code", None) == case["error"])
    return pytest.raises(next(leaves))


@cases("checkpoints")
def test_the_samples_verify(case):
    """Each sample is a checkpoint of its journal, cosigned when and by whom it says."""
    note = case["note"].encode()
    checkpoint = read_checkpoint(note, origin=NAME, keys=LOG)
    times = {name: time.isoformat() for name, time in read_cosignatures(note, WITNESSES).items()}

    assert (case["size"], case["root"]) == (checkpoint.size, checkpoint.root.hex())
    assert times == case["cosigned"]


def test_a_journal_is_called_after_its_node():
    """The first journal of a node has the node's name, those begun after a restore their number too."""
    assert origin("demo", "131016") == origin("demo", "131016", 1) == "openjuki/demo/131016"
    assert origin("demo", "131016", 2) == "openjuki/demo/131016/2"


def test_the_samples_are_those_of_the_journal():
    """The checkpoints are over the leaves of the journal's own sample."""
    roots = [case["root"] for case in SAMPLES["checkpoints"][1:6]]

    assert [row["root"] for row in JOURNAL] == roots


@cases("refused")
def test_samples_that_are_refused(case):
    """Each spoilt sample is refused with the error that the specification names."""
    with refused(case):
        read_checkpoint(case["note"].encode(), origin=NAME, keys=LOG)


def test_the_sample_cosignature_verifies():
    """A cosignature's line says when it was made, and is over that time and the checkpoint's text."""
    note, line = COSIGNED["note"].encode(), COSIGNED["line"].encode()
    witness = KEYS["prefecture"]

    assert read_cosignature(note, line, name=witness.name, keys=[KEYS["log"].key, witness.key]) == AT
    witness.key.verify(Signature.from_line(line).raw[8:], COSIGNED["message"].encode())


@cases("refused_cosignatures")
def test_cosignatures_that_are_refused(case):
    """Each spoilt line is refused with the error that the specification names."""
    witness = KEYS["prefecture"]
    with refused(case):
        read_cosignature(
            COSIGNED["note"].encode(), case["line"].encode(), name=witness.name, keys=[witness.key]
        )


def test_any_key_of_the_log_may_have_signed():
    """Old keys stay good for what they signed: all of the log's keys are tried."""
    case = SAMPLES["checkpoints"][0]

    assert read_checkpoint(case["note"].encode(), origin=NAME, keys=[KEYS["stranger"].key, *LOG]).size == 0


def test_signing_is_what_the_samples_show():
    """A checkpoint that is signed and cosigned is read by those who have the keys."""
    log, witness = SigningKey.generate(), SigningKey.generate()
    checkpoint = Checkpoint(origin=NAME, size=7, root=bytes(range(32)))
    note = sign_checkpoint(checkpoint, log)
    line = cosign(note, name="witness", key=witness, at=AT)

    assert checkpoint == read_checkpoint(note, origin=NAME, keys=[log.public])
    assert read_cosignature(note, line, name="witness", keys=[witness.public]) == AT
    assert with_cosignatures(note, [line]) == note + line


def test_a_cosignature_added_twice_stands_once():
    """A note that already bears a cosignature does not get it again; a later one by the same witness it does."""
    note, line = COSIGNED["note"].encode(), COSIGNED["line"].encode()
    once = with_cosignatures(note, [line, line])

    assert once == with_cosignatures(once, [line]) == note + line


def test_of_several_cosignatures_the_last_counts():
    """A witness that cosigned again has seen the log at the later time."""
    witness = SigningKey.generate()
    note = COSIGNED["note"].encode()
    times = [AT, AT.replace(hour=11), AT.replace(hour=10)]
    lines = [cosign(note, name="witness", key=witness, at=at) for at in times]
    verifier = Verifier(name="witness", key=witness.public, kind=SignatureType.COSIGNATURE)

    assert read_cosignatures(with_cosignatures(note, lines), [verifier]) == {"witness": AT.replace(hour=11)}


def test_a_spoilt_cosignature_spoils_the_note():
    """A known witness whose cosignature does not verify is not passed over."""
    line = SAMPLES["refused_cosignatures"][0]["line"].encode()
    with pytest.raises(ForgedEnvelope):
        read_cosignatures(COSIGNED["note"].encode() + line, WITNESSES)


def test_keys_of_a_log_do_not_cosign():
    """The key that signs for the log is not looked for among the cosignatures."""
    assert read_cosignatures(COSIGNED["note"].encode(), [KEYS["log"]]) == {}


def test_a_time_beyond_all_calendars_is_refused():
    """A cosignature whose time no clock can have shown is malformed, even where it verifies."""
    witness = SigningKey.generate()
    note = COSIGNED["note"].encode()
    seconds = 2**63
    signed = b"cosignature/v1\ntime %d\n%b" % (seconds, Note.from_bytes(note).text)
    verifier = Verifier(name="witness", key=witness.public, kind=SignatureType.COSIGNATURE)
    line = Signature(name="witness", key_id=verifier.id, raw=seconds.to_bytes(8) + witness.sign(signed))
    with pytest.raises(BadEnvelope):
        read_cosignature(note, line.to_line(), name="witness", keys=[witness.public])


def test_only_checkpoints_are_cosigned():
    """A note that is no checkpoint gets no cosignature."""
    key = SigningKey.generate()
    note = Note(
        text=b"three\nlines\nof prose\n", signatures=(Signature(name="a", key_id=bytes(4), raw=b"x"),)
    )
    with pytest.raises(BadEnvelope):
        cosign(note.to_bytes(), name="witness", key=key, at=AT)


def test_a_note_has_room_for_so_many():
    """More signatures than a reader takes are not added."""
    note = COSIGNED["note"].encode()
    lines = [
        Signature(name=f"witness-{number}", key_id=bytes(4), raw=b"x").to_line()
        for number in range(MOST_SIGNATURES)
    ]
    with pytest.raises(BadEnvelope):
        with_cosignatures(note, lines)
    assert len(Note.from_bytes(with_cosignatures(note, lines[1:])).signatures) == MOST_SIGNATURES


def test_a_log_whose_name_cannot_be_a_keys_cannot_sign():
    """The key is called as the journal is, so the journal's name must be a key's name."""
    with pytest.raises(BadConfiguration):
        sign_checkpoint(Checkpoint(origin="two words", size=0, root=bytes(32)), SigningKey.generate())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("log\n5\n{root}", id="the last line does not end"),
        pytest.param("\n5\n{root}\n", id="no origin"),
        pytest.param("log\n5\n{root}\n\n", id="an empty line at the end"),
        pytest.param("log\n5\n{root}\n\nmore\n", id="an empty line before another"),
        pytest.param("log\n1000000000000000000\n{root}\n", id="a size of 19 digits"),
        pytest.param("log\n\n{root}\n", id="no size"),
        pytest.param("log\n5 \n{root}\n", id="a space after the size"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_not_the_text_of_a_checkpoint_is_refused(text):
    """Three lines at least, none of them empty, all of them ended."""
    with pytest.raises(BadEnvelope):
        Checkpoint.from_text(text.format(root="A" * 43 + "="))


def test_the_page_shows_the_samples():
    """The example of docs/spec/checkpoint.md is a sample with its three keys, to the letter."""
    page = (ROOT / "docs/spec/checkpoint.md").read_text(encoding="utf-8")
    [cosigned] = [case["note"] for case in SAMPLES["checkpoints"] if case["name"] == "with two cosignatures"]
    _, note, _, keys, *_ = page.split("```\n")

    assert note == cosigned
    assert keys.split() == [SAMPLES["keys"][name] for name in ("log", "prefecture", "centre")]
    assert COSIGNED["message"] in page

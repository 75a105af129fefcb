# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The samples of every published format are read as they were written, for ever (docs/spec)."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from openjuki import errors
from openjuki.pki.keys import NodeKeys, PublicKey, SealingKey, SigningKey, Suite
from openjuki.wire.batch import read_batch
from openjuki.wire.directory import Directory, read_directory
from openjuki.wire.document import Items
from openjuki.wire.envelope import Message
from openjuki.wire.link import Mark, Pull, Pulled, receive
from openjuki.wire.post import read, read_reply
from openjuki.wire.relay import read_relay, relay_route
from openjuki.wire.sealing import Encoding

SAMPLES = Path(__file__).parents[2] / "samples" / "v1"

LEAVES = {
    leaf.code: leaf
    for leaf in vars(errors).values()
    if isinstance(leaf, type) and issubclass(leaf, errors.JukiError)
}


def sample(name: str) -> dict[str, Any]:
    """A file of samples."""
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


ENVELOPE, DIRECTORY, BATCH, RELAY, LINK = map(
    sample, ("envelope", "directory", "notice-batch", "relay", "link")
)


def cases(samples: dict[str, Any], kind: str) -> Any:
    """One test case for each sample of a kind, under its own name."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in samples[kind]])


def raw(text: str) -> bytes:
    """Bytes, from base64."""
    return base64.b64decode(text)


def time(text: str) -> datetime:
    """A time."""
    return datetime.fromisoformat(text)


def refused(case: dict[str, Any]) -> Any:
    """The error whose code the sample names, and no other."""
    return pytest.raises(LEAVES[case["code"]], check=lambda error: error.code == case["code"])


def roots(samples: dict[str, Any]) -> list[PublicKey]:
    """Root keys of a file of samples."""
    return [PublicKey(bytes.fromhex(key)) for key in samples["roots"]]


def directory_of(samples: dict[str, Any], case: dict[str, Any]) -> Directory:
    """The directory that a case is read with: its own, or that of all."""
    document = raw(case.get("directory", samples["directory"]))
    payload = Items(raw(json.loads(document)["payload"]))
    return read_directory(document, roots=roots(samples), at=payload.time("issued"))


def keys_of(samples: dict[str, Any], node: str) -> NodeKeys:
    """Keys of a node of the samples."""
    one = samples["keys"][node]
    sealing = [SealingKey(Suite(key["suite"]), raw(key["private"])) for key in one["sealing"]]
    return NodeKeys(
        node=node,
        signing=SigningKey.from_seed(bytes.fromhex(one["signing_seed"])),
        sealing={key.key_id: key for key in sealing},
    )


def message(case: dict[str, Any]) -> Message:
    """The message that a case says."""
    header = dict(case)
    body = raw(header.pop("body"))
    sealed = Message.from_header(Items(header))
    return Message(**{name: getattr(sealed, name) for name in Message.__slots__} | {"body": body})


@cases(DIRECTORY, "read")
def test_directories_are_read(case: dict[str, Any]):
    """A directory says what its payload says."""
    known = case["known"] and edition(case["known"])
    directory = read_directory(
        raw(case["document"]), roots=roots(DIRECTORY), at=time(case["at"]), known=known
    )

    assert directory.to_dict() == case["payload"]


def edition(version: int) -> Directory:
    """An edition that the reader knows already."""
    document = raw(DIRECTORY["editions"][str(version)])
    payload = Items(raw(json.loads(document)["payload"]))
    return read_directory(document, roots=roots(DIRECTORY), at=payload.time("issued"))


@cases(DIRECTORY, "refused")
def test_directories_are_refused(case: dict[str, Any]):
    """A directory that breaks a rule is refused with that rule's error."""
    known = case["known"] and edition(case["known"])
    with refused(case):
        read_directory(raw(case["document"]), roots=roots(DIRECTORY), at=time(case["at"]), known=known)


@cases(ENVELOPE, "read")
def test_requests_are_read(case: dict[str, Any]):
    """A request says what was written."""
    expected = message(case["message"])
    found = read(
        raw(case["document"]),
        subject_sender=case["subject_sender"],
        keys=keys_of(ENVELOPE, expected.recipient),
        directory=directory_of(ENVELOPE, case),
        at=time(case["at"]),
    )

    assert expected == found


def test_every_encoding_has_a_sample():
    """What was written before contents were compressed with Zstandard is read for ever."""
    payloads = [
        Items(raw(json.loads(raw(case["document"]).partition(b"\n")[0])["payload"]))
        for case in ENVELOPE["read"]
    ]

    assert {one.inner("content").take("encoding", str) for one in payloads} == set(Encoding)


@cases(ENVELOPE, "read_reply")
def test_replies_are_read(case: dict[str, Any]):
    """A reply says what was written, to whoever asked."""
    expected = message(case["message"])
    found = read_reply(
        raw(case["document"]),
        request=message(case["request"]),
        sent=raw(case["sent"]),
        keys=keys_of(ENVELOPE, expected.recipient),
        directory=directory_of(ENVELOPE, case),
        at=time(case["at"]),
    )

    assert expected == found


@cases(ENVELOPE, "refused")
def test_envelopes_are_refused(case: dict[str, Any]):
    """An envelope that fails a check is refused with that check's error."""
    with refused(case):
        read(
            raw(case["document"]),
            subject_sender=case["subject_sender"],
            keys=keys_of(ENVELOPE, case["me"]),
            directory=directory_of(ENVELOPE, case),
            at=time(case["at"]),
        )


@cases(BATCH, "read")
def test_batches_are_read(case: dict[str, Any]):
    """Each recipient of a batch reads the same notices."""
    for reader in case["readers"]:
        batch = read_batch(
            raw(case["document"]), keys=keys_of(BATCH, reader), directory=directory_of(BATCH, case)
        )

        assert batch.header() == {name: case["batch"][name] for name in batch.header()}
        assert batch.notices == tuple(raw(notice) for notice in case["batch"]["notices"])


@cases(BATCH, "refused")
def test_batches_are_refused(case: dict[str, Any]):
    """A batch that fails a check is refused with that check's error."""
    with refused(case):
        read_batch(
            raw(case["document"]), keys=keys_of(BATCH, case["me"]), directory=directory_of(BATCH, case)
        )


@cases(RELAY, "read")
def test_relayed_messages_are_read(case: dict[str, Any]):
    """The centre learns the route and the recipient the message."""
    directory, expected = directory_of(RELAY, case), case["relay"]
    route = relay_route(raw(case["document"]), directory=directory, at=time(expected["issued"]))
    relay = read_relay(raw(case["document"]), keys=keys_of(RELAY, expected["to"]), directory=directory)

    assert route == (expected["from"], expected["to"], expected["id"])
    assert relay.header() == {name: expected[name] for name in relay.header()}
    assert relay.body == raw(expected["body"])


@cases(RELAY, "refused")
def test_relayed_messages_are_refused(case: dict[str, Any]):
    """A relayed message that fails a check is refused by its recipient."""
    with refused(case):
        read_relay(
            raw(case["document"]), keys=keys_of(RELAY, case["me"]), directory=directory_of(RELAY, case)
        )


@cases(RELAY, "refused_to_carry")
def test_relayed_messages_are_not_carried(case: dict[str, Any]):
    """A relayed message that fails a check is refused by the centre."""
    with refused(case):
        relay_route(raw(case["document"]), directory=directory_of(RELAY, case), at=time(case["at"]))


def mark(case: dict[str, Any]) -> Mark:
    """A mark of the samples."""
    return Mark.from_items(Items(case))


@cases(LINK, "pull")
def test_pulls_are_read(case: dict[str, Any]):
    """A pull says from where, and how much."""
    assert Pull.from_bytes(raw(case["body"])) == Pull(mark=mark(case["mark"]), limit=case["limit"])


@cases(LINK, "pull_refused")
def test_pulls_are_refused(case: dict[str, Any]):
    """A malformed pull is refused."""
    with refused(case):
        Pull.from_bytes(raw(case["body"]))


@cases(LINK, "receive")
def test_answers_advance_the_mark(case: dict[str, Any]):
    """An answer has its documents, and leads to the next mark."""
    pulled = Pulled.from_bytes(raw(case["body"]))

    assert [[one.first, one.last, one.document] for one in pulled.entries] == [
        [first, last, raw(document)] for first, last, document in case["entries"]
    ]
    assert [one.hex() for one in pulled.consistency] == case["consistency"]
    assert receive(mark(case["mark"]), pulled, journal=case.get("journal", 1)) == mark(case["next"])


@cases(LINK, "receive_refused")
def test_answers_are_refused(case: dict[str, Any]):
    """An answer that fails a check is refused, and the mark stays."""
    with refused(case):
        receive(mark(case["mark"]), Pulled.from_bytes(raw(case["body"])), journal=case.get("journal", 1))

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What OpenJuki writes is accepted by a verifier that shares no code with it, and so is what others wrote."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from independent import verifier
from independent.verifier import Wrong
from openjuki.errors import IntegrityFailure, PeerError
from openjuki.pki.keys import PublicKey, SigningKey
from openjuki.wire import provided
from openjuki.wire.checkpoint import Checkpoint, cosign, read_checkpoint, sign_checkpoint, with_cosignatures
from openjuki.wire.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from openjuki.wire.note import SignatureType, Verifier
from openjuki.wire.tiles import WIDTH, entries_path, entry_bundle, tile_path, tiles

ROOT = Path(__file__).parents[2]
SAMPLES = {
    name: json.loads((ROOT / f"tests/samples/v1/{name}.json").read_text(encoding="utf-8"))
    for name in ("checkpoint", "proof", "provision", "provision-proof", "tiles")
}
ORIGIN = "openjuki/demo/131016"
LOG, WITNESS = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(bytes(31) + b"\x01")
KEYS = [
    Verifier(name=ORIGIN, key=LOG.public, kind=SignatureType.ED25519).to_text(),
    Verifier(name="openjuki/demo/centre", key=WITNESS.public, kind=SignatureType.COSIGNATURE).to_text(),
]
KNOWN = [verifier.parse_key(text) for text in KEYS]
AT = datetime(2026, 4, 1, tzinfo=UTC)

#: The leaves with which implementations of RFC 6962 are tested, and what others computed over them.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOT_OF_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
PATH_0_IN_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
PROOF_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


def cases(name: str, kind: str):
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case["name"]) for case in SAMPLES[name][kind]]
    )


def raw(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def test_the_verifier_shares_no_code_with_us():
    """It imports the standard library and cryptography, and nothing of this repository."""
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}

    assert ours == {
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
    }


def test_what_others_computed():
    """The published root, path and proof over the customary leaves are found and accepted by both."""
    hashes = [verifier.hash_leaf(leaf) for leaf in LEAVES]
    root, old_root = verifier.tree_hash(hashes), verifier.tree_hash(hashes[:6])

    assert root.hex() == ROOT_OF_8
    verifier.check_inclusion(hashes[0], 0, 8, raw(PATH_0_IN_8), root)
    verify_inclusion(hashes[0], 0, 8, raw(PATH_0_IN_8), root)
    verifier.check_consistency(6, old_root, 8, root, raw(PROOF_6_TO_8))
    verify_consistency(6, old_root, 8, root, raw(PROOF_6_TO_8))


@cases("proof", "inclusion")
def test_inclusion_samples(case):
    """Our inclusion proofs are accepted."""
    leaf, root = raw([case["leaf_hash"], case["root"]])
    verifier.check_inclusion(leaf, case["index"], case["size"], raw(case["proof"]), root)


@cases("proof", "inclusion_refused")
def test_inclusion_samples_that_are_refused(case):
    """What we refuse is refused."""
    leaf, root = raw([case["leaf_hash"], case["root"]])
    with pytest.raises(Wrong):
        verifier.check_inclusion(leaf, case["index"], case["size"], raw(case["proof"]), root)


@cases("proof", "consistency")
def test_consistency_samples(case):
    """Our consistency proofs are accepted."""
    old_root, root = raw([case["old_root"], case["root"]])
    verifier.check_consistency(case["old_size"], old_root, case["size"], root, raw(case["proof"]))


@cases("proof", "consistency_refused")
def test_consistency_samples_that_are_refused(case):
    """What we refuse is refused."""
    old_root, root = raw([case["old_root"], case["root"]])
    with pytest.raises(Wrong):
        verifier.check_consistency(case["old_size"], old_root, case["size"], root, raw(case["proof"]))


def both(ours, theirs) -> bool:
    """Whether both verifiers accept; they must not differ."""
    verdicts = []
    for check in (ours, theirs):
        verdicts.append(False)
        with suppress(IntegrityFailure, Wrong):
            check()
            verdicts[-1] = True
    assert verdicts[0] == verdicts[1]
    return verdicts[0]


hashes = st.sampled_from([verifier.hash_leaf(leaf) for leaf in LEAVES] + [bytes(31), verifier.sha256(b"")])
sizes = st.integers(0, 9)


@given(hashes, st.integers(-1, 9), sizes, st.lists(hashes, max_size=5), hashes)
def test_both_verifiers_agree_on_any_inclusion(leaf, index, size, path, root):
    """Whatever is shown as an inclusion proof, either both accept it or both refuse it."""
    both(
        lambda: verify_inclusion(leaf, index, size, path, root),
        lambda: verifier.check_inclusion(leaf, index, size, path, root),
    )


@given(sizes, hashes, sizes, hashes, st.lists(hashes, max_size=5))
def test_both_verifiers_agree_on_any_consistency(old_size, old_root, size, root, path):
    """Whatever is shown as a consistency proof, either both accept it or both refuse it."""
    both(
        lambda: verify_consistency(old_size, old_root, size, root, path),
        lambda: verifier.check_consistency(old_size, old_root, size, root, path),
    )


@given(st.integers(1, 300), st.data())
def test_both_verifiers_accept_what_either_proves(size, data):
    """Proofs made by ours are accepted by theirs; with the sizes or one hash changed, both say the same."""
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(size)]
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    nodes = partial(subtree, leaves)
    path, proof = inclusion_proof(index, size, nodes), consistency_proof(old_size, size, nodes)
    root, old_root = verifier.tree_hash(leaves), verifier.tree_hash(leaves[:old_size])
    verifier.check_inclusion(leaves[index], index, size, list(path), root)
    verifier.check_consistency(old_size, old_root, size, root, list(proof))
    other, place = data.draw(st.integers(0, 310)), data.draw(st.integers(0, len(proof)))
    changed = [*proof[:place], bytes(32), *proof[place + 1 :]]
    for first, second, shown in ((other, size, proof), (old_size, other, proof), (old_size, size, changed)):
        both(
            partial(verify_consistency, first, old_root, second, root, shown),
            partial(verifier.check_consistency, first, old_root, second, root, list(shown)),
        )
    for first, second in ((other, size), (index, other)):
        both(
            partial(verify_inclusion, leaves[index], first, second, path, root),
            partial(verifier.check_inclusion, leaves[index], first, second, list(path), root),
        )


def subtree(leaves: list[bytes], level: int, index: int) -> bytes:
    """Root of a perfect subtree, as provers ask for it."""
    return verifier.tree_hash(leaves[index << level : (index + 1) << level])


def _tile(leaves: list[bytes], level: int, number: int) -> bytes:
    row = leaves
    for _ in range(level):
        row = [verifier.tree_hash(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
    return b"".join(row[number * 256 : number * 256 + 256])


# Notes


def test_a_note_of_another_implementation():
    """Go's own example verifies, so the verifier reads what others write."""
    key = verifier.parse_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    text, [line] = verifier.parse_note(note.encode())

    assert (key.name, key.id) == (line.name, line.id)
    verifier.check_ed25519(key.public, line.signature, text, "note")


SAMPLE_KEYS = [
    verifier.parse_key(SAMPLES["checkpoint"]["keys"][name]) for name in ("log", "prefecture", "centre")
]


@cases("checkpoint", "checkpoints")
def test_checkpoint_samples(case):
    """Our checkpoints and cosignatures verify, and say what we say they do."""
    found = verifier.open_checkpoint(case["note"].encode(), SAMPLE_KEYS)
    times = {name: int(datetime.fromisoformat(time).timestamp()) for name, time in case["cosigned"].items()}

    assert (ORIGIN, case["size"], case["root"]) == (found.origin, found.size, found.root.hex())
    assert times == found.cosigned


#: Of no concern to C2SP: another log's checkpoint is a good one, notes may have as many signatures as they like,
#: and nobody says how the bits are set that base64 leaves over.
OUR_OWN_RULES = {
    "another journal's": pytest.raises(Wrong),
    "33 signatures": nullcontext(),
    "a root in another spelling": nullcontext(),
}


@cases("checkpoint", "refused")
def test_checkpoint_samples_that_are_refused(case):
    """What we refuse is refused, but for rules that are stricter than C2SP's."""
    with OUR_OWN_RULES.get(case["name"], pytest.raises(Wrong)):
        verifier.open_checkpoint(case["note"].encode(), SAMPLE_KEYS)


@cases("checkpoint", "refused_cosignatures")
def test_cosignature_samples_that_are_refused(case):
    """A line that we refuse is refused, or by nobody that the verifier knows; in a note two lines are two."""
    expected = {SAMPLE_KEYS[1].name, SAMPLE_KEYS[2].name} if case["name"] == "two lines" else set()
    note = SAMPLES["checkpoint"]["cosignature"]["note"] + case["line"]
    with suppress(Wrong):
        found = verifier.open_checkpoint(note.encode(), SAMPLE_KEYS[:2] if not expected else SAMPLE_KEYS)
        assert expected == found.cosigned.keys()


@cases("proof", "files")
def test_proof_files(case):
    """Our proof files are accepted, with the same witnesses."""
    keys = [verifier.parse_key(text) for text in case["keys"]]
    found = verifier.check_proof_file(json.dumps(case["file"]).encode(), keys)

    assert found.cosigned.keys() == case["cosigned"].keys()


@cases("proof", "files_refused")
def test_proof_files_that_are_refused(case):
    """What we refuse is refused: a file that does not add up, or whose leaf is none."""
    keys = [verifier.parse_key(text) for text in case["keys"]]
    with pytest.raises(Wrong):
        verifier.check_proof_file(json.dumps(case["file"]).encode(), keys)


@cases("provision-proof", "files")
def test_proofs_of_provisions(case):
    """Our proofs of provisions are accepted, opened and closed, with the same witnesses."""
    keys = [verifier.parse_key(text) for text in case["keys"]]
    found = verifier.check_proof_file(json.dumps(case["file"]).encode(), keys)

    assert found.cosigned.keys() == case["cosigned"].keys()


@cases("provision-proof", "files_refused")
def test_proofs_of_provisions_that_are_refused(case):
    """What we refuse is refused: a row that is not under the root, a root that is not in the journal."""
    keys = [verifier.parse_key(text) for text in case["keys"]]
    with pytest.raises(Wrong):
        verifier.check_proof_file(json.dumps(case["file"]).encode(), keys)


@cases("provision", "read")
def test_what_is_written_of_an_envelope(case):
    """From what went between asker and provider follow the same rows, the same root and what was promised."""
    request, reply = (base64.b64decode(case[name]) for name in ("request", "reply"))
    found = verifier.build_record(request, reply, case["asker"], case["envelope"], case["through"])
    journal = case["journal"]

    assert found.rows == [(row["payload"], bytes.fromhex(row["commitment"])) for row in case["rows"]]
    assert (found.payload, found.commitment.hex()) == (journal["payload"], journal["commitment"])
    assert found.promised == [[journal["kind"], journal["commitment"]]]


@given(st.integers(1, 256), st.data())
def test_both_verifiers_agree_on_any_row_of_an_envelope(questions, data):
    """The path that ours makes for a row is accepted by theirs, for this row in this place and for no other."""
    leaves = [leaf_hash(number.to_bytes(2)) for number in range(questions)]
    place, other = (data.draw(st.integers(0, questions - 1)) for _ in range(2))
    root, way = verifier.tree_hash(leaves), list(provided.path(leaves, place))
    verifier.check_inclusion(leaves[place], place, questions, way, root)

    for leaf, at in ((leaves[other], place), (leaves[place], other)):
        accepted = both(
            partial(verify_inclusion, leaf, at, questions, way, root),
            partial(verifier.check_inclusion, leaf, at, questions, way, root),
        )
        assert accepted is (place == other)


@given(st.data())
def test_no_byte_of_a_checkpoint_can_be_changed(data):
    """A checkpoint with one byte changed is refused by both, or says the same with a signature less."""
    note = SAMPLES["checkpoint"]["checkpoints"][5]["note"].encode()
    place, value = data.draw(st.integers(0, len(note) - 1)), data.draw(st.integers(0, 255))
    changed = note[:place] + bytes([value]) + note[place + 1 :]
    original = verifier.open_checkpoint(note, SAMPLE_KEYS)
    with suppress(Wrong):
        assert original == verifier.open_checkpoint(changed, SAMPLE_KEYS)
    with suppress(PeerError):
        keys = [PublicKey(SAMPLE_KEYS[0].public)]
        found = read_checkpoint(changed, origin=ORIGIN, keys=keys)
        assert (original.size, original.root) == (found.size, found.root)


# Folders


def write_log(folder: Path, size: int) -> list[bytes]:
    """A log of so many leaves, as OpenJuki lays it out: its leaves, checkpoint, tiles and bundles."""
    leaves = [b"leaf %d" % number for number in range(size)]
    row = [leaf_hash(leaf) for leaf in leaves]
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=Tree.EMPTY.append(row).root), LOG)
    line = cosign(note, name="openjuki/demo/centre", key=WITNESS, at=AT)
    files = {"checkpoint": with_cosignatures(note, [line])}
    for level, index, width in tiles(size):
        start, end = index * WIDTH, index * WIDTH + width
        files[tile_path(level, index, width)] = _tile(row, level, index)
        if not level:
            files[entries_path(index, width)] = entry_bundle(leaves[start:end])
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return leaves


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 600])
def test_a_log_in_a_folder(tmp_path, size):
    """A log of any size, empty ones and full tiles included, is accepted as a whole and cosigned."""
    write_log(tmp_path, size)
    found = verifier.check_folder(tmp_path, KNOWN)

    assert (ORIGIN, size, {"openjuki/demo/centre": int(AT.timestamp())}) == (
        found.origin,
        found.size,
        found.cosigned,
    )


def test_a_log_with_a_full_tile_of_tiles(tmp_path):
    """A log of 65,537 leaves has tiles of three levels; proofs made from them by theirs are accepted by ours."""
    size, old_size, index = 65_537, 65_280, 65_279
    row = [leaf_hash(leaf) for leaf in write_log(tmp_path, size)]
    client = verifier.Tiles(tmp_path, size)
    root, old_root = Tree.EMPTY.append(row).root, Tree.EMPTY.append(row[:old_size]).root

    assert verifier.check_folder(tmp_path, KNOWN).root == root
    assert (tmp_path / "tile/2/000.p/1").is_file()
    verify_inclusion(row[index], index, size, client.inclusion(index), root)
    verify_consistency(old_size, old_root, size, root, client.consistency(old_size))


def test_every_proof_from_tiles(tmp_path):
    """For a log of 600, a client that fetches tiles finds the proofs that we make."""
    row = [leaf_hash(leaf) for leaf in write_log(tmp_path, 600)]
    client = verifier.Tiles(tmp_path, 600)
    nodes = partial(subtree, row)
    for number in range(0, 600, 7):
        assert list(inclusion_proof(number, 600, nodes)) == client.inclusion(number)
        assert list(consistency_proof(number, 600, nodes)) == client.consistency(number)


def test_every_file_of_a_log_counts(tmp_path):
    """One bit changed in any file, a file cut short or taken away: the log is refused, and the file is named."""
    write_log(tmp_path, 600)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    for path in files:
        content = path.read_bytes()
        for damaged in (bytes([content[0] ^ 1]) + content[1:], content[:-1], content + content[-1:], None):
            path.unlink()
            if damaged is not None:
                path.write_bytes(damaged)
            with pytest.raises(Wrong) as wrong:
                verifier.check_folder(tmp_path, KNOWN)
            if damaged is None:
                assert str(path.relative_to(tmp_path)) in str(wrong.value)
            path.write_bytes(content)
    verifier.check_folder(tmp_path, KNOWN)


def test_it_needs_only_files_and_keys(tmp_path):
    """As a program of its own, with nothing of ours to import, it says good or wrong and exits 0 or 5."""
    write_log(tmp_path / "log", 300)
    (tmp_path / "keys").write_text("\n".join(KEYS), encoding="utf-8")
    command = [sys.executable, "-I", verifier.__file__, str(tmp_path / "log"), str(tmp_path / "keys")]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    (tmp_path / "log/tile/0/000").write_bytes(bytes(8192))
    wrong = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (good.returncode, good.stdout.startswith(f"good: {ORIGIN}, 300 leaves")) == (0, True)
    assert (wrong.returncode, wrong.stdout) == (5, "WRONG: tile/0/000: not the hashes of the entries\n")

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A verifier of exported logs that shares no line with OpenJuki, so that one mistake cannot hide in both.

Written from RFC 6962 (trees), RFC 9162 2.1.3.2 and 2.1.4.2 (verifying proofs), and C2SP's signed-note,
tlog-checkpoint, tlog-cosignature and tlog-tiles; the proof file (docs/spec/proof.md), and what is written of questions
and answers and the proof of that (docs/spec/provision.md), are OpenJuki's own.
It needs Python and the package ``cryptography``, and nothing of this repository:

    python verifier.py FOLDER VKEY [VKEY...]        an exported log
    python verifier.py PROOF.json VKEY [VKEY...]    a proof in a file, of a row or of a provision

VKEY is a verifier key, or a file with one on each line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):  # noqa: N818 - it is raised and caught by its name: this is wrong
    """What was shown is not what it claims to be; the text says which part."""


def require(holds: object, otherwise: str) -> None:
    """Go on only where it holds."""
    if not holds:
        raise Wrong(otherwise)


# RFC 6962


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hash_leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def hash_children(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH over leaf hashes: levels from the bottom up, an odd one at the end moves up as it is."""
    if not leaves:
        return sha256(b"")
    row = leaves
    while len(row) > 1:
        paired = [hash_children(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
        row = paired + row[len(row) - len(row) % 2 :]
    return row[0]


def check_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> None:
    """RFC 9162 2.1.3.2."""
    require(0 <= index < size, "leaf index out of range")
    require(all(len(node) == 32 for node in path), "a node of the path is no SHA-256")
    fn, sn, r = index, size - 1, leaf
    for node in path:
        require(sn != 0, "inclusion path too long")
        if fn & 1 or fn == sn:
            r = hash_children(node, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hash_children(r, node)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "inclusion path too short")
    require(r == root, "inclusion path leads to another root")


def check_consistency(
    first: int, first_hash: bytes, second: int, second_hash: bytes, path: list[bytes]
) -> None:
    """RFC 9162 2.1.4.2; the trivial cases, which it leaves out, as RFC 6962's definition of MTH implies."""
    require(0 <= first <= second, "the older tree is the larger one")
    require(all(len(node) == 32 for node in path), "a node of the path is no SHA-256")
    if first == 0:
        require(first_hash == sha256(b""), "the empty tree has another hash")
        require(second > 0 or second_hash == first_hash, "the empty tree has another hash")
        require(not path, "nothing to prove from the empty tree")
        return
    if first == second:
        require(first_hash == second_hash, "one size, two roots")
        require(not path, "nothing to prove at the same size")
        return
    require(path, "consistency path is empty")
    if first & (first - 1) == 0:
        path = [first_hash, *path]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for node in path[1:]:
        require(sn != 0, "consistency path too long")
        if fn & 1 or fn == sn:
            fr, sr = hash_children(node, fr), hash_children(node, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hash_children(sr, node)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "consistency path too short")
    require(fr == first_hash, "consistency path leads to another older root")
    require(sr == second_hash, "consistency path leads to another root")


# C2SP signed-note


class Key(NamedTuple):
    """A verifier key."""

    name: str
    id: bytes
    type: int
    public: bytes


class Line(NamedTuple):
    """A signature line."""

    name: str
    id: bytes
    signature: bytes


def decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong("not base64") from error


def parse_key(text: str) -> Key:
    """``<name>+<hex key id>+<base64 of type and public key>``."""
    require(text.count("+") >= 2, "not a verifier key")
    name, key_id, encoded = text.strip().split("+", 2)
    raw = decode(encoded)
    require(len(raw) == 33 and raw[0] in {1, 4}, "not an Ed25519 verifier key")
    computed = sha256(name.encode() + b"\n" + raw)[:4]
    require(key_id == computed.hex(), "the verifier key's id is another")
    return Key(name, computed, raw[0], raw[1:])


def parse_note(raw: bytes) -> tuple[bytes, list[Line]]:
    """Text and signature lines."""
    try:
        note = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Wrong("note is not UTF-8") from error
    require(not any(ord(letter) < 32 and letter != "\n" for letter in note), "control character in a note")
    end = note.rfind("\n\n")
    require(end >= 0 and note.endswith("\n"), "note without signatures")
    lines = []
    for line in note[end + 2 : -1].split("\n"):
        words = line.split(" ")
        require(len(words) == 3 and words[0] == "\u2014" and words[1] != "", "malformed signature line")
        require("+" not in words[1] and not any(map(str.isspace, words[1])), "malformed key name")
        raw_signature = decode(words[2])
        require(len(raw_signature) > 4, "empty signature")
        lines.append(Line(words[1], raw_signature[:4], raw_signature[4:]))
    return note[: end + 1].encode(), lines


def check_ed25519(public: bytes, signature: bytes, message: bytes, what: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise Wrong(f"{what} does not verify") from error


# C2SP tlog-checkpoint and tlog-cosignature


class Checkpoint(NamedTuple):
    """A checkpoint that a known key signed."""

    origin: str
    size: int
    root: bytes
    #: Witness name to POSIX time.
    cosigned: dict[str, int]


def parse_checkpoint(text: bytes) -> tuple[str, int, bytes]:
    lines = text.decode().split("\n")
    require(len(lines) >= 4 and lines.pop() == "" and all(lines), "malformed checkpoint")
    digits = lines[1]
    require(
        digits.isascii() and digits.isdigit() and len(digits) < 20 and str(int(digits)) == digits,
        "malformed tree size",
    )
    root = decode(lines[2])
    require(len(root) == 32, "malformed root hash")
    return lines[0], int(digits), root


def open_checkpoint(raw: bytes, keys: list[Key]) -> Checkpoint:
    """Verify with every key that is known; at least one has to be the log's."""
    text, lines = parse_note(raw)
    origin, size, root = parse_checkpoint(text)
    signed, cosigned = False, {}
    for line in lines:
        for key in keys:
            if (line.name, line.id) != (key.name, key.id):
                continue
            if key.type == 1:
                check_ed25519(key.public, line.signature, text, "log signature")
                signed = signed or key.name == origin
            else:
                require(len(line.signature) == 72, "malformed cosignature")
                (seconds,) = struct.unpack(">Q", line.signature[:8])
                message = b"cosignature/v1\ntime " + str(seconds).encode() + b"\n" + text
                check_ed25519(key.public, line.signature[8:], message, f"cosignature of {key.name}")
                cosigned[key.name] = max(seconds, cosigned.get(key.name, 0))
    require(signed, "checkpoint not signed by a known key of the log")
    return Checkpoint(origin, size, root, cosigned)


# C2SP tlog-tiles


def path_of(kind: str, index: int, width: int) -> str:
    """``tile/<L>/<N>[.p/<W>]`` or ``tile/entries/<N>[.p/<W>]``."""
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{kind}/{name}" + (f".p/{width}" if width < 256 else "")


def widths(count: int) -> list[int]:
    """Widths of the tiles of a level with so many hashes; empty tiles are never served."""
    return [256] * (count // 256) + ([count % 256] if count % 256 else [])


def read(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except OSError as error:
        raise Wrong(f"{path}: not there") from error


def read_entries(raw: bytes, path: str) -> list[bytes]:
    """Big-endian uint16 length-prefixed entries."""
    entries, at = [], 0
    while at < len(raw):
        require(at + 2 <= len(raw), f"{path}: cut short")
        (length,) = struct.unpack_from(">H", raw, at)
        require(at + 2 + length <= len(raw), f"{path}: cut short")
        entries.append(raw[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


def check_folder(folder: Path, keys: list[Key]) -> Checkpoint:
    """Verify a whole log: the checkpoint, every entry, every tile."""
    checkpoint = open_checkpoint(read(folder, "checkpoint"), keys)
    row = []
    for index, width in enumerate(widths(checkpoint.size)):
        path = path_of("entries", index, width)
        entries = read_entries(read(folder, path), path)
        require(len(entries) == width, f"{path}: {len(entries)} entries, not {width}")
        row += [hash_leaf(entry) for entry in entries]
    require(tree_hash(row) == checkpoint.root, "the entries' root is not the checkpoint's")
    level = 0
    while row:
        for index, width in enumerate(widths(len(row))):
            path = path_of(str(level), index, width)
            expected = b"".join(row[index * 256 : index * 256 + width])
            require(read(folder, path) == expected, f"{path}: not the hashes of the entries")
        row = [tree_hash(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
        level += 1
    return checkpoint


class Tiles:
    """A client of the log: makes proofs from tiles, as one would who fetches them one by one."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree of 2**level leaves."""
        tile_level, height = divmod(level, 8)
        first = index << height
        number, offset = divmod(first, 256)
        count = (self.size >> 8 * tile_level) - number * 256
        path = path_of(str(tile_level), number, min(count, 256))
        tile = read(self.folder, path)
        require(len(tile) == 32 * min(count, 256), f"{path}: of another width")
        return tree_hash([tile[32 * at : 32 * at + 32] for at in range(offset, offset + (1 << height))])

    def range_hash(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) by RFC 6962's own recursion, stopping at complete subtrees."""
        length = end - start
        if length & (length - 1) == 0:
            return self.node(length.bit_length() - 1, start // length)
        k = 1 << ((length - 1).bit_length() - 1)
        return hash_children(self.range_hash(start, start + k), self.range_hash(start + k, end))

    def inclusion(self, m: int, start: int = 0, end: int | None = None) -> list[bytes]:
        """PATH(m, D[start:end]), RFC 6962 2.1.1; m counts from the beginning of the log."""
        end = self.size if end is None else end
        if end - start == 1:
            return []
        k = 1 << ((end - start - 1).bit_length() - 1)
        if m < start + k:
            return [*self.inclusion(m, start, start + k), self.range_hash(start + k, end)]
        return [*self.inclusion(m, start + k, end), self.range_hash(start, start + k)]

    def consistency(self, m: int) -> list[bytes]:
        """PROOF(m, D[n]), RFC 6962 2.1.2."""
        return self._subproof(m, 0, self.size, whole=True) if m else []

    def _subproof(self, m: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if m == end:
            return [] if whole else [self.range_hash(start, end)]
        k = 1 << ((end - start - 1).bit_length() - 1)
        if m <= start + k:
            return [*self._subproof(m, start, start + k, whole=whole), self.range_hash(start + k, end)]
        return [*self._subproof(m, start + k, end, whole=False), self.range_hash(start, start + k)]


# OpenJuki's proof files


def canonical(value: object) -> str:
    """RFC 8785, as far as there are no fractions."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def unhex(text: str, length: int = 32) -> bytes:
    require(len(text) == 2 * length and text == text.lower(), "not so many bytes in hexadecimal")
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Wrong("not hexadecimal") from error


def unjson(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise Wrong("not JSON") from error
    require(isinstance(found, dict), "not a JSON object")
    return found


def check_proof_file(raw: bytes, keys: list[Key]) -> Checkpoint:
    return check_proof(json.loads(raw), keys)


def check_proof(proof: dict[str, Any], keys: list[Key]) -> Checkpoint:
    if proof["schema"] == "openjuki/provision-proof/1":
        return check_provision(proof, keys)
    require(proof["schema"] == "openjuki/proof/1", "not a proof file")
    checkpoint = open_checkpoint(proof["checkpoint"].encode(), keys)
    require((checkpoint.origin, checkpoint.size) == (proof["origin"], proof["size"]), "another checkpoint")
    leaf = proof["leaf"].encode()
    path = [unhex(node) for node in proof["proof"]]
    check_inclusion(hash_leaf(leaf), proof["index"], proof["size"], path, checkpoint.root)
    says = unjson(leaf)
    require(says.keys() == {"commitment", "index", "kind", "time"}, "the leaf is no leaf")
    require(canonical(says) == proof["leaf"], "the leaf is not canonical")
    require(says["index"] == proof["index"], "the leaf says another index")
    if "payload" in proof:
        committed = sha256(decode(proof["salt"]) + decode(proof["payload"]))
        require(committed.hex() == says["commitment"], "the leaf commits to another payload")
    return checkpoint


def check_provision(proof: dict[str, Any], keys: list[Key]) -> Checkpoint:
    """The proof of a provision: a row under the root of its envelope, and the envelope's row in a journal."""
    within = proof["envelope"]
    require(within["schema"] == "openjuki/proof/1", "the envelope is not shown by a proof file")
    checkpoint = check_proof(within, keys)
    require(json.loads(within["leaf"])["kind"] == "provision.envelope", "the leaf is not that of an envelope")
    require("payload" in within, "the envelope does not show what it says")
    says = unjson(decode(within["payload"]))
    require(says.keys() >= {"questions", "root"}, "the envelope does not say its root")
    row, path = unhex(proof["commitment"]), [unhex(node) for node in proof["proof"]]
    check_inclusion(row, proof["place"], says["questions"], path, unhex(says["root"]))
    if "payload" in proof:
        payload = decode(proof["payload"])
        require(hash_leaf(decode(proof["salt"]) + payload) == row, "the row commits to another payload")
        unjson(payload)
    return checkpoint


# OpenJuki's provision


class Record(NamedTuple):
    """What is written of an envelope: payload and leaf of each question's row, and those of the journal's."""

    rows: list[tuple[str, bytes]]
    payload: str
    commitment: bytes
    #: The kinds and commitments that the reply promises.
    promised: list[list[str]]


def build_record(request: bytes, reply: bytes, asker: str, envelope: str, through: str | None) -> Record:
    """What both ends write, from what went between them."""
    first, promise, *answers = reply.split(b"\n")
    head, salts = unjson(first), decode(unjson(first)["salts"])
    asked = [(ask, question) for ask in unjson(request)["asks"] for question in ask["questions"]]
    told = list(zip(asked, answers, head["persons"], head["retentions"], strict=True))
    require(len(salts) == 32 * (len(told) + 1), "not as many salts as rows")
    rows, refused = [], 0
    for place, ((ask, question), answer, persons, retention) in enumerate(told, 1):
        says = unjson(answer)
        shown = [*says["hits"], *(says["candidates"] or []), says["items"] or {}]
        payload = canonical(
            {
                "answer": sha256(answer).hex(),
                "ask": {name: ask[name] for name in ask if name != "questions"},
                "persons": persons,
                "question": question,
                "told": {name: says[name] for name in ("articles", "count", "malformed", "result")}
                | {"items": sorted({item for one in shown for item in one if item != "candidate"})}
                | {"retention": retention, "rule": says["refusal"] and says["refusal"]["rule"]},
            }
        )
        refused += says["refusal"] is not None or says["malformed"] is not None
        rows.append((payload, hash_leaf(salts[32 * place : 32 * place + 32] + payload.encode())))
    payload = canonical(
        {
            "asker": asker,
            "envelope": envelope,
            "questions": len(rows),
            "refused": refused,
            "root": tree_hash([leaf for _, leaf in rows]).hex(),
            "through": through,
            "time": head["time"],
        }
    )
    promises = unjson(decode(unjson(promise)["payload"]))
    return Record(rows, payload, sha256(salts[:32] + payload.encode()), promises["rows"])


def main(target: str, *keys: str) -> int:
    texts = [Path(key).read_text().splitlines() if Path(key).is_file() else [key] for key in keys]
    known = [parse_key(text) for lines in texts for text in lines if text.strip()]
    try:
        path = Path(target)
        found = check_folder(path, known) if path.is_dir() else check_proof_file(path.read_bytes(), known)
    except Wrong as wrong:
        sys.stdout.write(f"WRONG: {wrong}\n")
        return 5
    witnesses = len(found.cosigned)
    sys.stdout.write(f"good: {found.origin}, {found.size} leaves, {found.root.hex()}, {witnesses} cosigned\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

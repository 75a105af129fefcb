# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A journal as a folder of files (記録簿の書き出し; C2SP tlog-tiles): for whoever verifies it without us.

::

    DIR/
    ├── checkpoint           the newest one, with its cosignatures
    ├── tile/0/000           hashes; tile/<level>/<index>, the last ones as <index>.p/<width>
    ├── tile/entries/000     leaves, 256 to a file
    ├── log.vkey             public keys that sign checkpoints of this log, one a line
    ├── witnesses.vkey       public keys that cosign them
    └── README.md

Leaves say when something of which kind happened and commit to what it was; payloads are never exported.

What is full never changes. A later export adds to the folder, and the checkpoint comes last: an export that was
interrupted leaves the log of the former checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.errors import BadEnvelope, BadLog, ForgedEnvelope, IntegrityFailure
from openjuki.pki.files import write_public
from openjuki.store import checkpoints
from openjuki.wire.checkpoint import with_cosignatures
from openjuki.wire.merkle import Tree, leaf_hash
from openjuki.wire.note import Note
from openjuki.wire.tiles import HEIGHT, WIDTH, entries_path, entry_bundle, tile_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from openjuki.store.checkpoints import Signed
    from openjuki.store.database import Connection
    from openjuki.store.verification.trust import Trust
    from openjuki.wire.checkpoint import Checkpoint

CHECKPOINT: Final = "checkpoint"
LOG_KEYS, WITNESS_KEYS = "log.vkey", "witnesses.vkey"

#: Leaves read at once: whole bundles.
_AT_ONCE: Final = 8 * WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What lies in the folder afterwards (書き出しの結果)."""

    origin: str
    size: int
    root: bytes
    #: How many witnesses have cosigned the checkpoint.
    cosignatures: int


async def export(
    connection: Connection,
    trust: Trust,
    folder: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Exported:
    """Write the journal of a node, up to its newest cosigned checkpoint, into a folder (記録簿の書き出し).

    Args:
        connection: to the node's database.
        trust: keys of its log and witnesses.
        folder: empty, not there yet, or an earlier export of the same journal.
        progress: told how many leaves are written, of how many.

    Raises:
        IntegrityFailure: the leaves are not those that were signed, or do not extend what lies in the folder.
        BadLog: there is no checkpoint yet, or the folder holds something else.
    """
    former = _former(folder, trust)
    signed = await _newest(connection, former.size if former else 0)
    writer = _Writer(folder)
    for first in range(0, signed.size, _AT_ONCE):
        leaves = await checkpoints.leaves(connection, first, min(first + _AT_ONCE, signed.size))
        for start in range(0, len(leaves), WIDTH):
            writer.write(leaves[start : start + WIDTH], former)
        progress(writer.tree.size, signed.size)
    if writer.tree.root != signed.root:
        raise IntegrityFailure("the leaves are not those that were signed: run `juki log verify --node`")
    writer.finish()
    return _publish(folder, trust, signed)


async def _newest(connection: Connection, least: int) -> Signed:
    """The newest checkpoint that is cosigned; where the folder holds more already, the newest of all."""
    newest = await checkpoints.latest(connection)
    if newest is None:
        raise BadLog("nothing of this journal has been signed yet; is the signer running?")
    if newest.size < least:
        raise IntegrityFailure(
            f"the folder holds {least} leaves of this journal, and only {newest.size} of it are signed: "
            "was it restored from an old backup?"
        )
    cosigned = await checkpoints.latest_cosigned(connection)
    return cosigned if cosigned is not None and cosigned.size >= least else newest


def _former(folder: Path, trust: Trust) -> Checkpoint | None:
    """What lies in the folder already."""
    path = folder / CHECKPOINT
    if not path.exists():
        if folder.exists() and any(folder.iterdir()) and not (folder / "tile").is_dir():
            raise BadLog(f"{folder} holds something else; name an empty folder")
        return None
    try:
        return trust.read(path.read_bytes())
    except (BadEnvelope, ForgedEnvelope) as error:
        raise BadLog(f"{folder} holds another log, or a damaged one; name an empty folder") from error


class _Writer:
    """Writes bundles and tiles as leaves come; holds one tile a level."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._levels: list[list[bytes]] = []
        self.tree = Tree.EMPTY

    def write(self, leaves: Sequence[bytes], former: Checkpoint | None) -> None:
        """The next bundle: 256 leaves, or the last ones."""
        index = self.tree.size // WIDTH
        hashes = [leaf_hash(leaf) for leaf in leaves]
        if former is not None and self.tree.size < former.size <= self.tree.size + len(hashes):
            self._check_extends(former, hashes)
        self.tree = self.tree.append(hashes)
        self._put(entries_path(index, len(leaves)), entry_bundle(leaves))
        for one in hashes:
            self._add(0, one)

    def finish(self) -> None:
        """The tiles that are not full."""
        for level, hashes in enumerate(self._levels):
            if hashes:
                index = self.tree.size >> HEIGHT * (level + 1)
                self._put(tile_path(level, index, len(hashes)), b"".join(hashes))

    def _check_extends(self, former: Checkpoint, hashes: Sequence[bytes]) -> None:
        if self.tree.append(hashes[: former.size - self.tree.size]).root != former.root:
            raise IntegrityFailure(f"the journal does not extend the {former.size} leaves in the folder")

    def _add(self, level: int, one: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
        hashes = self._levels[level]
        hashes.append(one)
        if len(hashes) == WIDTH:
            index = (self.tree.size >> HEIGHT * (level + 1)) - 1
            self._put(tile_path(level, index), b"".join(hashes))
            self._add(level + 1, Tree.EMPTY.append(hashes).root)
            hashes.clear()

    def _put(self, path: str, content: bytes) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_public(file, content)


def _publish(folder: Path, trust: Trust, signed: Signed) -> Exported:
    """Keys, explanation, and last of all the checkpoint."""
    note = with_cosignatures(signed.note, signed.cosignatures)
    signatures = Note.from_bytes(note).signatures
    checkpoint = trust.read(note)
    witnesses = [one for one in trust.witnesses if any(line.name == one.name for line in signatures)]
    log = [one for one in trust.log if one.name == checkpoint.origin]
    write_public(folder / LOG_KEYS, "".join(f"{one.to_text()}\n" for one in log).encode())
    write_public(folder / WITNESS_KEYS, "".join(f"{one.to_text()}\n" for one in witnesses).encode())
    write_public(folder / "README.md", _README.format(origin=checkpoint.origin).encode())
    write_public(folder / CHECKPOINT, note)
    return Exported(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        cosignatures=len(signed.cosignatures),
    )


_README: Final = """\
# {origin}

この機関の記録簿（RFC 6962 のハッシュ木、C2SP tlog-tiles 形式）です。
葉には「いつ、どの種類の記録があったか」と、内容のハッシュ（乱数を加えたもの）だけがあり、住民の情報は含まれません。
検証には、このフォルダーと公開鍵だけがあれば足ります。

```
juki log verify . --key log.vkey
```

The journal of this office: a Merkle tree as in RFC 6962, in the layout of C2SP tlog-tiles.
A leaf says when something of which kind happened, and commits to what it was; no resident's data are here.
To verify it takes this folder and a public key, and nothing else; any verifier of C2SP logs will do.

`log.vkey` lies here for convenience.
Compare it with one that you have from elsewhere: the office's node directory, or an earlier export.
Keep the file `checkpoint`: `juki log verify . --kept FILE` shows later that nothing before it was changed.
"""

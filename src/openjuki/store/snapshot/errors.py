# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a snapshot may lack (スナップショットの誤り); drawn with all the others in `openjuki.errors`."""

from __future__ import annotations

from openjuki.errors import Unavailable


class SnapshotMissing(Unavailable):
    """There is no snapshot near enough to the present state of the book; `juki snapshot build` makes one."""

    code = "JK-UNAVAILABLE-0008"
    message_ja = "現在の台帳に近いスナップショットがありません。juki snapshot build で作成してください。"

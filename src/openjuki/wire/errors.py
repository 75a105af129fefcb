# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong between nodes in bulk (一括提供の通信の誤り); drawn with all the others in `openjuki.errors`."""

from __future__ import annotations

from openjuki.errors import PeerError, Unavailable


class NotOnOffer(PeerError):  # noqa: N818 - read aloud with the tree of all errors
    """There is nothing of this name to be pulled: it is not recorded yet, has been receipted, or was let go."""

    code = "JK-PEER-0016"
    message_ja = "取り寄せる分割がありません。まだ用意されていないか、受領済み又は保存期間を過ぎています。"


class RequestDiffers(PeerError):  # noqa: N818 - likewise
    """A request in bulk with this id and other content was accepted before."""

    code = "JK-PEER-0017"
    message_ja = "同じ番号で内容の異なる一括照会を既に受け付けています。"


class StateBehind(Unavailable):
    """The state of the register from which requests in bulk are answered is too old; nothing is told from it."""

    code = "JK-UNAVAILABLE-0007"
    message_ja = "一括提供の基準となる台帳の状態が古いため、提供を見合わせています。"

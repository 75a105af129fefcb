# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Everything that can go wrong, drawn once.

::

    JukiError                      anything OpenJuki tells a user
    ├── BadInput                   what we were given is wrong            exit 3
    │   ├── BadCode                a code or number the law assigns
    │   ├── BadDate                a date that cannot be read
    │   ├── BadName                a name that cannot be recorded
    │   ├── BadAddress             an address that cannot be recorded
    │   ├── BadNotice              a notice whose items are malformed
    │   ├── BadLetter              a letter between municipalities that cannot be read
    │   ├── BadQuestion            a look-up with a malformed item
    │   ├── BadFile                a file that cannot be read as a register
    │   │   ├── FileMissing        there is no such file, or it may not be read
    │   │   ├── FileEmpty          the file holds nothing
    │   │   ├── NotText            not text of an encoding that we read
    │   │   └── BadHeader          the first row does not name the columns
    │   ├── BadLog                 not an exported log or a proof, or none can be written
    │   ├── BadRequest             a request to a gateway that is not of its form
    │   │   ├── NotJson            not even JSON
    │   │   ├── OversizedRequest   more than a gateway takes at a time
    │   │   └── NothingThere       there is nothing of this name
    │   ├── BadPlace               nothing can be written there: no folder, or no file
    │   ├── BadCommand             a command that is called wrongly       exit 2
    │   └── BadConfiguration       a setting that cannot be used          exit 2
    ├── Refused                    a rule says no; carries its `Refusal`  exit 1
    ├── PeerError                  another node broke the protocol        exit 1
    │   ├── BadEnvelope            not an envelope of ours
    │   ├── ForgedEnvelope         the signature does not verify
    │   ├── MisaddressedEnvelope   sealed or addressed to someone else
    │   ├── ExpiredEnvelope        outside its time of validity
    │   ├── ReplayedEnvelope       this (from, id) was accepted before
    │   ├── UnlistedNode           the directory does not know the node
    │   ├── RevokedNode            the directory has revoked the node
    │   ├── SubjectMismatch        the subject's sender is not the signer
    │   ├── NotPermitted           the directory does not allow the message
    │   ├── OversizedMessage       larger than the network carries
    │   ├── LinkGap                the link is not dense
    │   ├── PeerRefused            the other node answered with a problem
    │   ├── StaleDirectory         the node directory has expired or is old
    │   ├── BadCertificate         not a certificate of this network
    │   ├── NotOnOffer             a part that cannot be pulled: not yet, or not any more
    │   └── RequestDiffers         another request in bulk bears this id already
    ├── Unavailable                try again later                        exit 4
    │   ├── PeerUnavailable        the other node does not answer
    │   ├── StoreUnavailable       the database does not answer
    │   ├── SnapshotMissing        no snapshot near enough to the present state
    │   ├── SetUpFailed            the machine lacks something we need
    │   ├── Overtaken              another worker did it first
    │   ├── LogNotSigned           nobody vouches for the node's journal
    │   ├── StateBehind            the snapshot is too old to answer from
    │   ├── TooManyStrangers       a gateway is shown too many credentials that nobody knows
    │   └── NotWritable            a file cannot be written
    └── IntegrityFailure           a book does not add up                 exit 5
        └── JournalForked          another node has seen another journal of this node

The docstring of a class is its message for engineers, `message_ja` its sentence for people at a
counter, `code` its stable name. Personal data never enter a message: a row, a column and the class
of the value say where to look. A refusal by law is a value (`Refusal`), not a failure; `Refused`
only carries it to the edge.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from openjuki.refusal import Where

if TYPE_CHECKING:
    from openjuki.refusal import Refusal


class JukiError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "JK-GENERAL-0001"
    message_ja: ClassVar[str] = "処理できませんでした。"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None, *, where: Where | None = None) -> None:
        """Take the class docstring as the message where none is given."""
        super().__init__(message or inspect.getdoc(type(self)) or type(self).__name__)
        self.where = where or Where()

    def to_dict(self) -> dict[str, Any]:
        """RFC 9457 problem details."""
        return {
            "type": f"urn:openjuki:{self.code}",
            "kind": "error",
            "code": self.code,
            "message_ja": self.message_ja,
            "message_en": str(self),
            "where": self.where.to_dict(),
        }


class BadInput(JukiError):
    """What was given cannot be used."""

    code = "JK-INPUT-0001"
    message_ja = "入力内容に誤りがあります。"
    exit_code = 3


class BadCode(BadInput):
    """The code or number is malformed or its check digit is wrong."""

    code = "JK-INPUT-0002"
    message_ja = "コード又は番号の桁数か検査数字が誤っています。"


class BadDate(BadInput):
    """The date cannot be read."""

    code = "JK-INPUT-0003"
    message_ja = "日付を読み取れません。"


class BadName(BadInput):
    """The name cannot be recorded as it is."""

    code = "JK-INPUT-0004"
    message_ja = "氏名に記録できない文字又は形式があります。"


class BadAddress(BadInput):
    """The address cannot be recorded as it is."""

    code = "JK-INPUT-0005"
    message_ja = "住所に記録できない文字又は形式があります。"


class BadNotice(BadInput):
    """The notice lacks an item or has a malformed one."""

    code = "JK-INPUT-0006"
    message_ja = "通知の項目に不足又は誤りがあります。"


class BadLetter(BadInput):
    """The letter from another municipality lacks an item or has a malformed one."""

    code = "JK-INPUT-0013"
    message_ja = "他市区町村からの通知の項目に不足又は誤りがあります。"


class BadQuestion(BadInput):
    """The look-up has a malformed item."""

    code = "JK-INPUT-0014"
    message_ja = "照会の条件に誤りがあります。項目の形式を確認してください。"


class BadFile(BadInput):
    """The file cannot be read as a register."""

    code = "JK-INPUT-0007"
    message_ja = "ファイルを住民基本台帳として読み取れません。"


class FileMissing(BadFile):
    """The file does not exist or may not be read."""

    code = "JK-INPUT-0009"
    message_ja = "ファイルがないか、読み取る権限がありません。場所と名前を確認してください。"


class FileEmpty(BadFile):
    """The file holds nothing."""

    code = "JK-INPUT-0010"
    message_ja = "ファイルに内容がありません。書き出しをやり直してください。"


class NotText(BadFile):
    """The file is not text in UTF-8, cp932 or Shift_JIS-2004; save it as CSV UTF-8."""

    code = "JK-INPUT-0011"
    message_ja = (
        "文字のファイルとして読み取れません。「CSV UTF-8（コンマ区切り）」の形式で保存し直してください。"
    )


class BadHeader(BadFile):
    """The first row does not name the columns that are needed."""

    code = "JK-INPUT-0012"
    message_ja = "見出し行に必要な列がありません。1行目に列の名前を置いてください。"


class BadLog(BadInput):
    """The folder or file is not an exported log or a proof, or none can be written there."""

    code = "JK-INPUT-0015"
    message_ja = "記録簿の書き出し又は証明として扱えません。"


class BadPlace(BadInput):
    """Nothing can be written there: the folder does not exist, or a folder is named where a file is meant."""

    code = "JK-INPUT-0020"
    message_ja = "書き出し先がありません。フォルダーの場所と名前、ファイルの名前を確認してください。"


class BadCommand(BadInput):
    """The command is called wrongly: an option, an argument or the command itself."""

    code = "JK-INPUT-0021"
    message_ja = "コマンドの書き方に誤りがあります。--help で使い方を確認してください。"
    exit_code = 2


class BadConfiguration(BadInput):
    """A setting is missing or cannot be used."""

    code = "JK-INPUT-0008"
    message_ja = "設定に誤りがあります。"
    exit_code = 2


class Refused(JukiError):
    """A rule says no."""

    code = "JK-REFUSED-0001"
    message_ja = "認められません。"

    def __init__(self, refusal: Refusal, *, where: Where | None = None) -> None:
        """Speak the refusal's sentence."""
        super().__init__(refusal.message_en, where=where)
        self.refusal = refusal

    def to_dict(self) -> dict[str, Any]:
        """The refusal as problem details, with its place in the input."""
        return self.refusal.to_dict() | {"where": self.where.to_dict()}


class PeerError(JukiError):
    """Another node broke the protocol."""

    code = "JK-PEER-0001"
    message_ja = "相手方の通信内容に誤りがあります。"


class BadEnvelope(PeerError):
    """The bytes are not an envelope of this protocol."""

    code = "JK-PEER-0002"
    message_ja = "電文の形式が誤っています。"


class ForgedEnvelope(PeerError):
    """The signature does not verify under the sender's listed keys."""

    code = "JK-PEER-0003"
    message_ja = "電文の署名を確認できません。"


class MisaddressedEnvelope(PeerError):
    """The envelope is addressed or sealed to another node."""

    code = "JK-PEER-0004"
    message_ja = "電文の宛先がこの機関ではありません。"


class ExpiredEnvelope(PeerError):
    """The envelope is outside its time of validity."""

    code = "JK-PEER-0005"
    message_ja = "電文の有効期間を過ぎています。"


class ReplayedEnvelope(PeerError):
    """An envelope with this sender and id was accepted before."""

    code = "JK-PEER-0006"
    message_ja = "同じ電文を既に受け付けています。"


class UnlistedNode(PeerError):
    """The node directory does not list the node."""

    code = "JK-PEER-0007"
    message_ja = "機関名簿にない機関です。"


class RevokedNode(PeerError):
    """The node directory has revoked the node."""

    code = "JK-PEER-0008"
    message_ja = "接続を取り消された機関です。"


class SubjectMismatch(PeerError):
    """The subject names another sender than the signer."""

    code = "JK-PEER-0009"
    message_ja = "電文の差出人と経路が一致しません。"


class NotPermitted(PeerError):
    """The node directory does not allow this node to send this message there."""

    code = "JK-PEER-0010"
    message_ja = "この電文を送ることは許されていません。"


class OversizedMessage(PeerError):
    """The message is larger than the network carries."""

    code = "JK-PEER-0011"
    message_ja = "電文が大きすぎます。"


class LinkGap(PeerError):
    """The link's sequence is not dense: entries are missing, doubled or out of order."""

    code = "JK-PEER-0012"
    message_ja = "通知の連番が続いていません。"


class PeerRefused(PeerError):
    """The other node answered with a problem."""

    code = "JK-PEER-0013"
    message_ja = "相手方が処理を受け付けませんでした。"

    def __init__(self, message: str | None = None, *, peer_code: str | None = None) -> None:
        """Keep the code the other node gave, for whoever decides what to do next."""
        super().__init__(message)
        self.peer_code = peer_code


class StaleDirectory(PeerError):
    """The node directory has expired, or is older than the one already known."""

    code = "JK-PEER-0014"
    message_ja = "機関名簿が古くなっています。"


class BadCertificate(PeerError):
    """The certificate is not one that this network's authority issues to a node."""

    code = "JK-PEER-0015"
    message_ja = "この接続網の証明書ではありません。"


class Unavailable(JukiError):
    """Something we need does not answer; try again later."""

    code = "JK-UNAVAILABLE-0001"
    message_ja = "現在利用できません。時間をおいて再度お試しください。"
    exit_code = 4


class PeerUnavailable(Unavailable):
    """The other node does not answer."""

    code = "JK-UNAVAILABLE-0002"
    message_ja = "相手方に接続できません。"


class StoreUnavailable(Unavailable):
    """The database does not answer."""

    code = "JK-UNAVAILABLE-0003"
    message_ja = "データベースに接続できません。"


class SetUpFailed(Unavailable):
    """The machine lacks something that is needed."""

    code = "JK-UNAVAILABLE-0004"
    message_ja = "動作に必要なものがこの機械にありません。"


class Overtaken(Unavailable):
    """Another worker was faster: what was about to be done is done; look again."""

    code = "JK-UNAVAILABLE-0005"
    message_ja = "他の処理が先に完了しました。もう一度確認してください。"


class LogNotSigned(Unavailable):
    """No signer vouches for this node's journal, so it provides nothing; register work goes on."""

    code = "JK-UNAVAILABLE-0006"
    message_ja = "記録簿の署名が途絶えているため、情報を提供できません。署名プロセスを確認してください。"


class NotWritable(Unavailable):
    """A file of this machine cannot be written: its folder is missing, no permission, or no space."""

    code = "JK-UNAVAILABLE-0010"
    message_ja = (
        "ファイルに書き込めません。保存先のフォルダーの有無、書込みの権限、空き容量を確認してください。"
    )


class IntegrityFailure(JukiError):
    """A book does not add up."""

    code = "JK-INTEGRITY-0001"
    message_ja = "記録の完全性を確認できません。"
    exit_code = 5


class JournalForked(IntegrityFailure):
    """Another node has seen a journal that this one does not extend; perhaps an old backup was restored."""

    code = "JK-INTEGRITY-0002"
    message_ja = (
        "相手方が確認済みのこの機関の記録簿と、現在の記録簿が続いていません。"
        "古いバックアップから復元した場合は `juki log status` で確認してください。"
    )

    def __init__(self, message: str | None = None, *, seq: int = 0, size: int = 0) -> None:
        """Keep the point up to which the other node has it: its last number on the link, and the size it saw."""
        super().__init__(message)
        self.seq = seq
        self.size = size

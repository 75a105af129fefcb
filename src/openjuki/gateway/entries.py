# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The office's ledger (照会台帳): it fills itself; here it is read, filtered, and taken along as a file."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response
from starlette.routing import Route

from openjuki.config import JST
from openjuki.documents.words import FAILED, METHODS, RESULTS, WHATS, item
from openjuki.errors import Refused
from openjuki.gateway.answers import is_own
from openjuki.refusal import Refusal
from openjuki.store import ledger, offices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from openjuki.gateway.frame import Frame
    from openjuki.screens.sessions import Visit
    from openjuki.store.database import Connection
    from openjuki.store.ledger import Line

NO_SUCH_LINE: Final = Refusal(
    code="JK-SIGNIN-0006",
    rule="line-of-the-office",
    article=None,
    message_ja="この番号の行は、あなたの部署の台帳にありません。",
    message_en="The ledger of your office has no such line.",
)
#: Lines of a page, and of a file.
_ON_A_PAGE, _IN_A_FILE = 50, 10_000
#: What spreadsheets would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = (
    "台帳番号",
    "照会日時",
    "部署",
    "操作者",
    "端末",
    "事務",
    "事務の名称",
    "種類",
    "方法",
    "受付番号",
    "照会条件",
    "件数",
    "結果",
    "根拠条文",
    "照会先",
    "回答日時",
    "エラー",
)


class Entries:
    """The pages of the ledger."""

    def __init__(self, frame: Frame) -> None:
        """In a frame."""
        self._frame, self._node = frame, frame.node

    def routes(self) -> list[Route]:
        """The roads of the ledger."""
        frame = self._frame
        return [
            Route("/ledger", frame.within(self._ledger), methods=["GET"]),
            Route("/ledger.csv", frame.within(self._file), methods=["GET"]),
            Route("/ledger/{id}", frame.within(self._line), methods=["GET"]),
        ]

    async def _ledger(self, visit: Visit, request: Request) -> Response:
        """The office's lines, newest first."""
        chosen = _chosen(request)

        async def look(connection: Connection) -> tuple[list[Line], list[offices.Operator]]:
            lines = await ledger.search(
                connection,
                office=visit.session.office,
                before=request.query_params.get("before") or None,
                limit=_ON_A_PAGE + 1,
                **_filter(chosen),
            )
            return lines, await offices.operators(connection)

        lines, everybody = await self._node.read(look)
        return self._frame.show(
            "ledger",
            request,
            visit=visit,
            chosen=chosen,
            lines=[self._told(line) for line in lines[:_ON_A_PAGE]],
            following=lines[_ON_A_PAGE - 1].id if len(lines) > _ON_A_PAGE else None,
            affairs=self._titles(sorted(visit.standing.affairs | {chosen["affair"]} - {""})),
            operators=[one for one in everybody if one.office == visit.session.office],
        )

    async def _line(self, visit: Visit, request: Request) -> Response:
        """One line, with everything but whom it was about."""
        line = await self._node.read(lambda connection: ledger.line(connection, request.path_params["id"]))
        if line is None or line.office != visit.session.office:
            raise Refused(NO_SUCH_LINE)
        told = self._told(line)
        return self._frame.show("line", request, visit=visit, own=is_own(line, visit), **told)

    async def _file(self, visit: Visit, request: Request) -> Response:
        """The same as a file that spreadsheets open (BOM and all)."""
        found = await self._node.read(
            lambda connection: ledger.search(
                connection, office=visit.session.office, limit=_IN_A_FILE, **_filter(_chosen(request))
            )
        )
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows(self._row(line) for line in found)
        name = f"ledger-{visit.session.office}-{self._node.clock().astimezone(JST):%Y%m%d}.csv"
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        content = text.getvalue().encode("utf-8-sig")
        return Response(content, media_type="text/csv; charset=utf-8", headers=disposition)

    def _told(self, line: Line) -> dict[str, Any]:
        """What the pages say of a line."""
        return {
            "line": line,
            "title": self._titles([line.affair])[line.affair],
            "what": WHATS.get(line.what, item(line.what)),
            "method": METHODS.get(line.method, item(line.method)),
            "verdicts": [RESULTS.get(one, FAILED) for one in line.results] or [FAILED],
        }

    def _titles(self, affairs: Sequence[str]) -> dict[str, str]:
        known = self._frame.edition.affairs
        return {one: known[one].title_ja if one in known else one for one in affairs}

    def _row(self, line: Line) -> list[str]:
        told = self._told(line)
        cells = (
            line.id,
            _moment(line.asked_at),
            line.office,
            line.operator,
            line.terminal,
            line.affair,
            told["title"],
            told["what"].ja,
            told["method"].ja,
            line.reason,
            "・".join(item(key).ja for key in line.keys),
            str(line.persons),
            "・".join(dict.fromkeys(verdict.title.ja for verdict in told["verdicts"])),
            "・".join(line.articles),
            "・".join(map(self._frame.road, line.routes)),
            "" if line.answered_at is None else _moment(line.answered_at),
            line.code or "",
        )
        return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]


def _moment(moment: datetime) -> str:
    return moment.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S")


def _chosen(request: Request) -> dict[str, str]:
    names = ("affair", "operator", "since", "until")
    return {name: request.query_params.get(name, "") for name in names}


def _filter(chosen: Mapping[str, str]) -> dict[str, Any]:
    """What was chosen, as the ledger is searched; a day that is none is passed over."""
    since, until = _day(chosen["since"]), _day(chosen["until"])
    return {
        "affair": chosen["affair"] or None,
        "operator": chosen["operator"] or None,
        "since": since,
        "until": None if until is None else until + timedelta(days=1),
    }


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), JST)
    except ValueError:
        return None

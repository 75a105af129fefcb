# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a gateway says when it cannot answer (問題の詳細, RFC 9457): one form for every error and refusal.

`docs/reference/errors.md` lists the codes; the status says only what a program should do next. No item of a
person stands in any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response

from openjuki.errors import BadInput, IntegrityFailure, JukiError, PeerError, Refused, Unavailable
from openjuki.gateway.errors import NothingThere, NotJson, OversizedRequest, TooManyStrangers
from openjuki.store.credentials import CREDENTIAL_OUT_OF_TIME, UNKNOWN_CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.refusal import Refusal

MEDIA_TYPE: Final = "application/problem+json"
#: Seconds after which a program should try again.
RETRY_AFTER: Final = 2
#: Refusals of whoever cannot be told who they are.
UNKNOWN: Final = frozenset((UNKNOWN_CREDENTIAL, CREDENTIAL_OUT_OF_TIME))
#: What a program should do next; the first class that fits.
_STATUSES: Final[tuple[tuple[type[JukiError], int], ...]] = (
    (OversizedRequest, 413),
    (NothingThere, 404),
    (NotJson, 400),
    (BadInput, 422),
    (PeerError, 502),
    (IntegrityFailure, 502),
    (TooManyStrangers, 429),
    (Unavailable, 503),
    (JukiError, 500),
)
_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"www-authenticate": 'Bearer realm="openjuki"'},
    429: {"retry-after": str(RETRY_AFTER)},
    503: {"retry-after": str(RETRY_AFTER)},
}


def problem(
    error: JukiError, status: int | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """An error as a response; more members may be said with it."""
    refusal = error.refusal if isinstance(error, Refused) else None
    status = status or status_of(error)
    body = {
        **error.to_dict(),
        "title": refusal.message_ja if refusal else error.message_ja,
        "status": status,
        "detail": str(error),
        **more,
    }
    dress = {**_HEADERS.get(status, {}), **(headers or {})}
    return Response(orjson.dumps(body), status, dress, MEDIA_TYPE)


def status_of(error: JukiError) -> int:
    """The status of an error."""
    if isinstance(error, Refused):
        return 401 if error.refusal in UNKNOWN else 403
    return next(status for kind, status in _STATUSES if isinstance(error, kind))


def refused(refusal: Refusal, **more: Any) -> Response:
    """A refusal of a whole request as a response."""
    return problem(Refused(refusal), **more)

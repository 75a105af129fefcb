# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Draw docs/spec/transitions.md from the tables of openjuki.residents.transitions.

    .venv/bin/python scripts/draw_transitions.py    writes the page anew

What stands outside the two drawn parts of the page is written by hand and kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from openjuki.residents.changes import Reason
from openjuki.residents.transitions import (
    BEGINNINGS,
    TRANSITIONS,
    UNTIL_DEPARTURE,
    VERSIONS,
    AnyReason,
    State,
)

PAGE = Path(__file__).parents[1] / "docs" / "spec" / "transitions.md"


def _label(reason: AnyReason) -> str:
    return f"{reason.value} {reason.japanese}" if isinstance(reason, Reason) else reason.japanese


def diagram() -> str:
    """Changes of state as a mermaid diagram; what leaves the state as it is stands in the table below it."""
    arrows: dict[tuple[State, State], list[AnyReason]] = defaultdict(list)
    for before, changes in TRANSITIONS.items():
        for reason, after in changes.items():
            if before is not after:
                arrows[before, after].append(reason)
    lines = [
        f"    {before.name} --> {after.name}: {'<br/>'.join(map(_label, reasons))}"
        for (before, after), reasons in arrows.items()
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> NOT_RECORDED", *lines, "```"])


def _mark(state: State, reason: AnyReason) -> str:
    after = TRANSITIONS[state].get(reason)
    if after is None:
        return ""
    limit = " ≤" if reason in UNTIL_DEPARTURE.get(state, ()) else ""
    if after is not state:
        return f"→ {after.name}{' (new stay)' if reason in BEGINNINGS else ''}{limit}"
    return f"✓{limit}"


def table() -> str:
    """Every reason against every state."""
    reasons = list(dict.fromkeys(reason for changes in TRANSITIONS.values() for reason in changes))
    reasons.sort(key=lambda reason: (not isinstance(reason, Reason), reason.value))
    rows = [" | ".join([_label(reason), *(_mark(state, reason) for state in State)]) for reason in reasons]
    head = " | ".join(["reason", *(state.name for state in State)])
    return "\n".join(f"| {row} |" for row in [head, " | ".join(["---"] * (len(State) + 1)), *rows])


def versions() -> str:
    """What the upper tiers take in as the next version of a stay."""
    rows = [
        f"| {_label(closing) if closing else 'open'} | {' '.join(sorted(VERSIONS[closing]))} |"
        for closing in VERSIONS
    ]
    return "\n".join(["| the stay is | the next version may be |", "|---|---|", *rows])


def draw(page: str) -> str:
    """The page with its drawn parts as the tables are now."""
    for name, part in (("diagram", diagram()), ("table", table()), ("versions", versions())):
        pattern = rf"(<!-- {name}: drawn by scripts/draw_transitions.py -->\n).*?(<!-- end -->)"
        page = re.sub(
            pattern, lambda match, part=part: f"{match[1]}{part}\n{match[2]}", page, flags=re.DOTALL
        )
    return page


if __name__ == "__main__":
    PAGE.write_text(draw(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

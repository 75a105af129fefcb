# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How far a nation has come, for whoever waits for it: one line per stage, bars for what can be counted."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from rich.console import Console


class Progress:
    """Stages with their bars (進捗) on a console; on anything but a terminal, a line at the end of each stage."""

    def __init__(self, console: Console) -> None:
        """Where to show it."""
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bars = Bars(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)
        self._console = console

    def __enter__(self) -> Self:
        """Start showing."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop showing."""
        self._bars.stop()

    def pause(self) -> None:
        """Leave the screen to others."""
        self._bars.stop()

    @contextmanager
    def stage(self, description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show a stage while the block runs; what it yields advances the bar."""
        task = self._bars.add_task(description, total=total)
        began = time.monotonic()
        yield lambda done: self._bars.advance(task, done)
        self._bars.update(task, total=total or 1, completed=total or 1)
        if not self._console.is_terminal:
            self._console.print(f"{description} ({time.monotonic() - began:.1f} s)", markup=False)

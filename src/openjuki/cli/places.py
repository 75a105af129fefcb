# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a command writes: a mistyped path is told before anything is done, and no folder is made of it.

A file, or a folder of the command's own, comes into a folder that is there. Callbacks of options and arguments.
"""

from __future__ import annotations

from pathlib import Path

from openjuki.errors import BadPlace


def new_file(path: Path | None) -> Path | None:
    """A file to write.

    Raises:
        BadPlace: its folder is not there, or it is a folder itself.
    """
    if path is not None and path.is_dir():
        raise BadPlace(f"{path} is a folder; name a file")
    return own_folder(path)


def own_folder(path: Path | None) -> Path | None:
    """A folder that the command makes where there is none.

    Raises:
        BadPlace: the folder above is not there.
    """
    if path is not None:
        there(path.absolute().parent)
    return path


def there(path: Path) -> Path:
    """A folder that must be there, as a medium is.

    Raises:
        BadPlace: it is not.
    """
    if not path.is_dir():
        raise BadPlace(f"there is no folder {path}")
    return path

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Registers written as files, right ones and wrong ones."""

from __future__ import annotations

import csv
import io

import pytest

from openjuki.carriage.importing import read_register

#: A row that nothing is wrong with.
RIGHT = {
    "resident_number": "0000000019",
    "resident_code": "24727059608",
    "individual_number": "123456789018",
    "name": "渡邉　葵",
    "furigana": "ワタナベ　アオイ",
    "birth_date": "1980-01-31",
    "sex": "female",
    "municipality": "131016",
    "town": "千代田一丁目",
    "block": "1番1号",
    "household_number": "27",
    "relationship": "世帯主",
    "became_resident_on": "2010-04-01",
}
#: Another person of the same household.
OTHER = RIGHT | {
    "resident_number": "0000000027",
    "resident_code": "24846016224",
    "individual_number": "983205673214",
    "name": "渡邉　蓮",
    "furigana": "ワタナベ　レン",
    "birth_date": "平成12年5月6日",
    "sex": "男",
    "relationship": "子",
}


def as_csv(*rows, header=None, end="\r\n"):
    """Rows as text of a CSV file; the header is that of the first row unless one is given."""
    header = header or list(rows[0])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header)
    writer.writerows([[row.get(name, "") for name in header] for row in rows])
    return text.getvalue()


@pytest.fixture
def right():
    return dict(RIGHT)


@pytest.fixture
def other():
    return dict(OTHER)


@pytest.fixture
def write(tmp_path):
    """Write a register: rows as dictionaries, or text, or bytes."""

    def write(*content, encoding="utf-8", **kwargs):
        path = tmp_path / "register.csv"
        if isinstance(content[0], bytes):
            path.write_bytes(content[0])
        else:
            text = content[0] if isinstance(content[0], str) else as_csv(*content, **kwargs)
            path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def read(write):
    """Write a register and read it back: its rows, rejections and alerts."""

    def read(*content, encoding="utf-8", header=None, end="\r\n", **kwargs):
        is_rows = isinstance(content[0], dict)
        path = write(*content, encoding=encoding, **({"header": header, "end": end} if is_rows else {}))
        chunks = list(read_register(path, **kwargs))
        return tuple(
            [one for chunk in chunks for one in getattr(chunk, part)]
            for part in ("rows", "rejected", "alerts")
        )

    return read

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys of a file as a provider takes them (照会条件の値): whole columns at once, with the results of `carriage.forms`.

What nearly every cell looks like is read by the column; the cells that are left are read one by one, by the form
that reads a register. So a key means the same in a file of ten million as on an operator's screen.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.carriage import forms
from openjuki.errors import BadInput
from openjuki.residents.writing import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from openjuki.carriage.forms import Form

    #: A `pyarrow.Array`; its stubs cannot follow the compute functions.
    type Column = Any
    #: Values where they can be read, and which can.
    type Read = tuple[Column, NDArray[np.bool_]]

#: Weights of a check digit from the left, as 住民票コード and 個人番号 have them; both take a remainder of 0 or 1 for 0.
_WEIGHTS: Final = {11: (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 12: (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)}
_MODULUS: Final = 11
#: By what the weighed digits come to, however large they are: the check digit.
_CHECK_DIGITS: Final = np.array(
    [0 if of <= 1 else _MODULUS - of for of in (sum_ % _MODULUS for sum_ in range(1000))], np.uint8
)
#: The digits of a number that have room in four bytes.
_SHORT: Final = 9
_SPACES: Final = " \u3000\t"
_ORDINARY: Final = (
    r"\A[!-~、-〩〰-〼ぁ-ゖ゛-ヿ㐀-鿿！-ﾟ]+(?:[ \x{3000}]+[!-~、-〩〰-〼ぁ-ゖ゛-ヿ㐀-鿿！-ﾟ]+)*\z"
)


class Item(NamedTuple):
    """An item by which persons are looked up in a file (照会条件の項目)."""

    name: str
    japanese: str
    #: What says of a value what is wrong with it.
    form: Form
    #: Reads a column of texts.
    read: Callable[[Column], Read]


def tidy(values: Column) -> Column:
    """Texts without spaces at their ends; what is missing is empty."""
    return pc.utf8_trim(pc.fill_null(values.cast(pa.string()), ""), characters=_SPACES)


def _numbers(form: Form, width: int, values: Column) -> Read:
    """Codes or numbers as whole numbers, of those whose check digit is right."""
    digits, right = _digits(values, width)
    found = _number(digits[:-_SHORT]) * np.int64(10**_SHORT) + _number(digits[-_SHORT:])
    right &= _check_digit(digits[:-1]) == digits[-1]
    for place in np.flatnonzero(~right):
        if (one := _read(form, values[int(place)].as_py())) is not None:
            found[place], right[place] = int(one), True
    return pa.array(found), right


def _digits(values: Column, width: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The first digits of all values, then the second ones and so on; and which values are so many digits."""
    _, bounds, text = values.buffers()
    ends = np.frombuffer(bounds, np.int32)[values.offset : values.offset + len(values) + 1]
    plain: NDArray[np.bool_] = np.diff(ends) == width
    raw = np.frombuffer(text or b"", np.uint8)
    if plain.all():
        cells = raw[ends[0] : ends[-1]].reshape(-1, width)
    else:
        starts = np.where(plain, ends[:-1], 0)[:, np.newaxis]
        cells = np.resize(raw, max(width, len(raw)))[starts + np.arange(width)]
    digits = np.ascontiguousarray(cells.T) - np.uint8(ord("0"))
    for column in digits:
        plain &= column <= 9  # noqa: PLR2004 - the largest digit
    return digits, plain


def _number(digits: NDArray[np.uint8]) -> NDArray[np.int32]:
    """A few digits of each value as a number."""
    found = np.zeros(digits.shape[1], np.int32)
    for column in digits:
        found *= 10
        found += column
    return found


def _check_digit(digits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The check digit of the digits before it; of what is no digit, some number."""
    weighed = np.zeros(digits.shape[1], np.uint16)
    for weight, column in zip(_WEIGHTS[len(digits) + 1], digits, strict=True):
        weighed += np.uint16(weight) * column
    found: NDArray[np.uint8] = _CHECK_DIGITS.take(weighed, mode="clip")
    return found


def _texts(form: Form, values: Column) -> Read:
    """Names or addresses that could stand in a register."""
    lengths: Column = pc.utf8_length(values)
    ordinary: Column = pc.and_(
        pc.match_substring_regex(values, _ORDINARY), pc.less_equal(lengths, pa.scalar(LONGEST))
    )
    right = ordinary.to_numpy(zero_copy_only=False).copy()
    for place in np.flatnonzero(~right):
        right[place] = _read(form, values[int(place)].as_py()) is not None
    return values, right


def _words(form: Form, written: Callable[[Any], str], values: Column) -> Read:
    """Values of which a nation has few: each is read once."""
    coded = values.dictionary_encode()
    read = [_read(form, value) for value in coded.dictionary.to_pylist()]
    known = np.array([one is not None for one in read], bool)
    words = pa.array([None if one is None else written(one) for one in read], pa.string())
    places = coded.indices.to_numpy(zero_copy_only=False)
    return words.take(coded.indices), known[places] if len(known) else np.zeros(len(values), bool)


def _read(form: Form, value: str) -> Any:
    """A value, or None where it is of another form."""
    if not value:
        return None
    try:
        return form.read(value)
    except BadInput:
        return None


_CODE, _NUMBER = forms.RESIDENT_CODE, forms.INDIVIDUAL_NUMBER
RESIDENT_CODE: Final = Item("resident_code", "住民票コード", _CODE, partial(_numbers, _CODE, 11))
INDIVIDUAL_NUMBER: Final = Item("individual_number", "個人番号", _NUMBER, partial(_numbers, _NUMBER, 12))
NAME: Final = Item("name", "氏名", forms.TEXT, partial(_texts, forms.TEXT))
BIRTH_DATE: Final = Item(
    "birth_date",
    "生年月日",
    forms.DATE,
    partial(_words, forms.DATE, lambda recorded: recorded.text),
)
SEX: Final = Item("sex", "性別", forms.SEX, partial(_words, forms.SEX, str))
ADDRESS: Final = Item("address", "住所", forms.TEXT, partial(_texts, forms.TEXT))

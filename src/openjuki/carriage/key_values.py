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
    plain: Column = pc.match_substring_regex(values, rf"\A[0-9]{{{width}}}\z")
    found = pc.if_else(plain, values, "0" * width).cast(pa.int64()).to_numpy(zero_copy_only=False).copy()
    right = plain.to_numpy(zero_copy_only=False) & _is_checked(found, width)
    for place in np.flatnonzero(~right):
        if (one := _read(form, values[int(place)].as_py())) is not None:
            found[place], right[place] = int(one), True
    return pa.array(found), right


def _is_checked(numbers: NDArray[np.int64], width: int) -> NDArray[np.bool_]:
    """Whether the last digit is the check digit of those before it."""
    weighed = np.zeros(len(numbers), np.int64)
    left = numbers // 10
    for weight in reversed(_WEIGHTS[width]):
        weighed += left % 10 * weight
        left //= 10
    remainder = weighed % _MODULUS
    right: NDArray[np.bool_] = np.where(remainder <= 1, 0, _MODULUS - remainder) == numbers % 10
    return right


def _texts(form: Form, values: Column) -> Read:
    """Names or addresses that could stand in a register."""
    lengths: Column = pc.utf8_length(values)
    ordinary: Column = pc.and_(
        pc.match_substring_regex(values, _ORDINARY), pc.less_equal(lengths, pa.scalar(forms.LONGEST))
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

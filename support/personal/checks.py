"""Arithmetic that tells a real number from one that only looks like it. Standard library only.

Every check takes the number as it is written, blanks and dashes included.
"""

from __future__ import annotations

import re
from datetime import date

# GB 11643: ISO 7064 MOD 11-2 over the first 17 digits.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def compact(number: str) -> str:
    """Digits and letters only, in capitals."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def is_id_card(number: str) -> bool:
    """An identity card of mainland China: 18 places, a possible birthday, the right check digit."""
    digits = compact(number)
    if not re.fullmatch(r"[1-8]\d{16}[\dX]", digits):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, digits, strict=False))
    return _ID_CHECKS[total % 11] == digits[17] and is_day(digits[6:14]) and digits[6:10] > "1900"


def is_day(digits: str) -> bool:
    """Whether eight digits are a day: 20260519."""
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def passes_luhn(number: str) -> bool:
    """A bank card's check digit (ISO/IEC 7812)."""
    digits = compact(number)
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return len(set(digits)) > 1 and (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def is_iban(number: str) -> bool:
    """ISO 13616: the first four places moved to the end, letters as numbers from 10, modulo 97 gives 1."""
    places = compact(number)
    turned = places[4:] + places[:4]
    return int("".join(str(int(place, 36)) for place in turned)) % 97 == 1


def is_no_day(number: str) -> bool:
    """Dates are written as eight digits too, and are nobody's number."""
    return not (len(number) == 8 and number.isdigit() and number[:2] in ("19", "20") and is_day(number))


def always(_number: str) -> bool:
    return True

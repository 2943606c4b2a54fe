"""JSON text as LAYER-003 wants it, for OCI documents and for tables of contents.

Objects become dicts, strings str, and numbers objects of class Number, which keep how they are written.
"""

import json

LARGEST_NUMBER = 2**53 - 1
CASE_VARIANTS = str.maketrans({"\u0130": "i", "\u017f": "s", "\u212a": "k"})  # TOC-021


class NotJson(Exception):
    """The bytes are not such a text; the argument says why."""


class TooDeep(NotJson):
    """Objects or arrays are nested too deeply for this reader (LAYER-114)."""


class Number:
    def __init__(self, text):
        self.text = text

    def whole(self):
        """The number if it is written in decimal digits only and is at most 2^53-1, or None (LAYER-004, TOC-023)."""
        if not self.text.isdecimal() or len(self.text) > 16 or int(self.text) > LARGEST_NUMBER:
            return None
        return int(self.text)


def read_json(data):
    """The value of a JSON text in UTF-8."""
    try:
        text = data.decode("utf-8")
        return json.loads(
            text,
            object_pairs_hook=members,
            parse_int=Number,
            parse_float=Number,
            parse_constant=no_constant,
            cls=StringChecker,
        )
    except RecursionError as error:
        raise TooDeep("nested too deeply") from error
    except ValueError as error:
        raise NotJson(str(error)) from error


class StringChecker(json.JSONDecoder):
    """Finds half surrogate pairs, which the decoder of Python accepts: no UTF-8 text has them, only escapes do."""

    def decode(self, text):
        value = super().decode(text)
        if "\\u" in text:
            check_surrogates(value)
        return value


def check_surrogates(value):
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            value.encode("utf-8")  # raises a ValueError
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value


def members(pairs):
    """The members of an object, no two of which have one name."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("two members of the same name in one object")
    return found


def no_constant(name):
    raise NotJson(f"{name} is not JSON")


def fold_case(name):
    """A name without the difference between upper and lower case."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name).translate(CASE_VARIANTS)


def case_variant(name, known_names):
    """Whether a name differs only in case from one of the known names."""
    return name not in known_names and fold_case(name) in map(fold_case, known_names)

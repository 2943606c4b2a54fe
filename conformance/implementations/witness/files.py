"""Files that a request names, and files of an answer (spec/introduction.md, "Requests")."""

import pathlib

from errors import Rejected


def read_file(path):
    """All bytes of a file."""
    try:
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        raise Rejected("REQUEST_FILE", f"cannot read {path}: {error.strerror}") from error


def write_file(path, data):
    """Writes one file of an answer."""
    try:
        pathlib.Path(path).write_bytes(data)
    except OSError as error:
        raise Rejected("REQUEST_FILE", f"cannot write {path}: {error.strerror}") from error

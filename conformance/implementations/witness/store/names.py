"""The names of images in a store, and links (STORE-013, STORE-071, STORE-090, STORE-091)."""

import re

from errors import Rejected
from oci.layout import DIGEST

NAME_LIMIT = 255
NAMES = "streams/refs/oci"
OCI_STREAM = re.compile(rf"oci-(?P<kind>manifest|config|layer|blob)-(?P<digest>{DIGEST.pattern})")
CONTROL = re.compile("[\x00-\x1f\x7f]")


def escape(name):
    """STORE-090."""
    return name.replace("%", "%25").replace("/", "%2F")


def is_allowed(name):
    """STORE-013. A byte that is not UTF-8 is a surrogate here."""
    try:
        length = len(escape(name).encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return name not in ("", ".", "..") and name[0] != "@" and not CONTROL.search(name) and length <= NAME_LIMIT


def check_name(name):
    if name is None or not is_allowed(name):
        raise Rejected("STORE_NAME", f"name {name!r}")
    return name


def name_path(name):
    return f"{NAMES}/{escape(name)}"


def is_name_file(file_name):
    """STORE-091."""
    text = file_name.replace("%2F", "/").replace("%25", "%")
    return escape(text) == file_name and is_allowed(text)


def stream_path(kind, digest):
    return f"streams/oci-{kind}-{digest}"


def up(path, top):
    """STORE-071: the `../` for each directory between a root and a directory above it."""
    return "../" * (path.count("/") - top.count("/") - 1)

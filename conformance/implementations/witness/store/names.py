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


def is_stream_name(name):
    """Whether the layout has streams of this name, of any kind."""
    if name in ("", ".", "..", "refs") or "/" in name:
        return False
    return not name.startswith("oci-") or OCI_STREAM.fullmatch(name) is not None


def stream_path(kind, digest):
    return f"streams/oci-{kind}-{digest}"


def named_target(path, target):
    """STORE-071: the name in `streams` or `images` to which a root leads; "" if the target does not have this form."""
    up = "../" * (path.count("/") - 1)
    return target.removeprefix(up) if target.startswith(up) else ""


def named_manifest(path, target):
    """The digest of the manifest to which a name leads, or None if the target does not have the required form."""
    match = OCI_STREAM.fullmatch(named_target(path, target))
    return match["digest"] if match and match["kind"] == "manifest" else None

"""The description of a store, meta.json (STORE-080 to STORE-085)."""

import json
from dataclasses import dataclass

from errors import Rejected
from json_text import NotJson, Number, read_json

PATH = "meta.json"
SIZE_LIMIT = 65536
ALGORITHMS = ("fsverity-sha256-12", "fsverity-sha512-12")
V1_EROFS = "v1_erofs"
FORMATS = {"1": "v1", "2": "v2"}


@dataclass
class Meta:
    algorithm: str
    format_name: str


def fail(reason):
    raise Rejected("STORE_META", reason)


def new_meta(algorithm):
    """STORE-080."""
    features = {"compatible": [], "read-only-compatible": [V1_EROFS], "incompatible": []}
    meta = {"version": 1, "algorithm": algorithm, "features": features, "erofs_formats": {"default": 1}}
    return json.dumps(meta, indent=2).encode()


def read_meta(files, writes):
    """STORE-081 to STORE-083; `writes` says whether the operation changes the store."""
    text = files.file(PATH)
    if text is None or len(text) > SIZE_LIMIT:
        fail("meta.json is missing, not a regular file, or too long")
    try:
        value = read_json(text)
    except NotJson as error:
        raise Rejected("STORE_META", f"meta.json: {error}") from error
    if not isinstance(value, dict):
        fail("meta.json is not an object")
    version = value.get("version")
    if not isinstance(version, Number) or version.text != "1" or value.get("algorithm") not in ALGORITHMS:
        fail("version or algorithm")
    features = member(value, "features", dict, {})
    lists = {name: strings(features, name) for name in ("compatible", "read-only-compatible", "incompatible")}
    if lists["incompatible"] or (writes and set(lists["read-only-compatible"]) - {V1_EROFS}):
        raise Rejected("STORE_FEATURE", "a feature of the store that is unknown")
    default = member(value, "erofs_formats", dict, {}).get("default")
    if default is None:
        return Meta(value["algorithm"], "v1" if V1_EROFS in lists["read-only-compatible"] else "v2")
    if not isinstance(default, Number) or default.text not in FORMATS:
        fail("erofs_formats.default")
    return Meta(value["algorithm"], FORMATS[default.text])


def member(value, name, kind, default):
    if name not in value:
        return default
    if not isinstance(value[name], kind):
        fail(name)
    return value[name]


def strings(value, name):
    found = member(value, name, list, [])
    if not all(isinstance(item, str) for item in found):
        fail(name)
    return found

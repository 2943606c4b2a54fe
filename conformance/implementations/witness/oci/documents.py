"""OCI documents and their schema (spec/layers.md, "Documents").

A document is read into a dict with exactly the members of its row of the table; an absent one is None, or an empty list.
"""

from dataclasses import dataclass
from typing import Callable

from errors import Rejected
from json_text import NotJson, Number, TooDeep, case_variant, read_json

DOCUMENT_LIMIT = 4194304

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST_TYPES = {OCI_MANIFEST, DOCKER_MANIFEST}  # LAYER-018
INDEX_TYPES = {  # LAYER-016
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
}
CONFIG_TYPES = {  # LAYER-021
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
}
OLDER_CONFIG_TYPES = {"application/octet-stream", "application/json", "text/html", "", None}  # LAYER-112


def wrong(what):
    return Rejected("IMAGE_SCHEMA", what)


@dataclass(frozen=True)
class Member:
    """A member of an object: what reads its value, and whether it can be absent."""

    read: Callable
    required: bool = True
    is_array: bool = False


def read_object(value, row, forbidden=()):
    """LAYER-004, LAYER-005, LAYER-006, LAYER-110: an object of the table. `forbidden` are names that it must not have."""
    if not isinstance(value, dict):
        raise wrong("not an object")
    for name in value:
        if name in forbidden or case_variant(name, {*row, *forbidden}):
            raise wrong(f"the member {name!r}")
    return {name: read_member(value, name, member) for name, member in row.items()}


def read_member(value, name, member):
    found = value.get(name)
    if found is None and member.is_array and (name in value or not member.required):
        return []
    if found is None:
        if member.required:
            raise wrong(f"no member {name!r}")
        return None
    return member.read(found)


def string(value):
    if not isinstance(value, str):
        raise wrong("not a string")
    return value


def whole(value):
    number = value.whole() if isinstance(value, Number) else None
    if number is None:
        raise wrong("not a whole number")
    return number


def exactly(read, wanted):
    def read_exactly(value):
        if read(value) != wanted:
            raise wrong(f"not {wanted!r}")
        return wanted

    return read_exactly


def array_of(read, required=True):
    def read_array(value):
        if not isinstance(value, list):
            raise wrong("not an array")
        return [read(element) for element in value]

    return Member(read_array, required, is_array=True)


def object_of_strings(value):
    if not isinstance(value, dict):
        raise wrong("not an object")
    return {name: string(member) for name, member in value.items()}


def object_of(row):
    return lambda value: read_object(value, row)


# The rows of the table.
PLATFORM = {
    "os": Member(string, required=False),
    "architecture": Member(string, required=False),
    "variant": Member(string, required=False),
    "os.version": Member(string, required=False),
    "os.features": array_of(string, required=False),
}
DESCRIPTOR = {
    "mediaType": Member(string),
    "digest": Member(string),
    "size": Member(whole),
    "annotations": Member(object_of_strings, required=False),
    "artifactType": Member(string, required=False),
    "platform": Member(object_of(PLATFORM), required=False),
}
DOCKER_CONFIG = {**DESCRIPTOR, "mediaType": Member(string, required=False)}  # LAYER-112
LAYOUT = {"imageLayoutVersion": Member(string)}
INDEX = {
    "schemaVersion": Member(exactly(whole, 2)),
    "manifests": array_of(object_of(DESCRIPTOR)),
    "mediaType": Member(string, required=False),
}
MANIFEST = {
    "schemaVersion": Member(exactly(whole, 2)),
    "config": Member(object_of(DESCRIPTOR)),
    "layers": array_of(object_of(DESCRIPTOR)),
    "mediaType": Member(string, required=False),
}
DOCKER_MANIFEST_ROW = {**MANIFEST, "config": Member(object_of(DOCKER_CONFIG))}
ROOTFS = {"type": Member(exactly(string, "layers")), "diff_ids": array_of(string)}
CONFIG = {"rootfs": Member(object_of(ROOTFS)), **PLATFORM}

FORBIDDEN_IN_INDEX = ("config", "layers")  # LAYER-006
FORBIDDEN_IN_MANIFEST = ("manifests",)


def parse(data):
    """LAYER-003, LAYER-008, LAYER-114."""
    if len(data) > DOCUMENT_LIMIT:
        raise Rejected("IMAGE_LIMIT", "a document of more than 4 MiB")
    try:
        return read_json(data)
    except TooDeep as error:
        raise Rejected("IMAGE_LIMIT", str(error)) from error
    except NotJson as error:
        raise Rejected("IMAGE_JSON", str(error)) from error


def read_layout_marker(data):
    return read_object(parse(data), LAYOUT)


def read_index(data, media_type=None):
    """The media type is that of the descriptor; index.json has none."""
    index = read_object(parse(data), INDEX, FORBIDDEN_IN_INDEX)
    if media_type is not None:
        check_media_type(index, media_type)
    return index


def read_manifest(data, media_type):
    row = DOCKER_MANIFEST_ROW if media_type == DOCKER_MANIFEST else MANIFEST
    manifest = read_object(parse(data), row, FORBIDDEN_IN_MANIFEST)
    check_media_type(manifest, media_type)
    return manifest


def check_media_type(document, media_type):
    """LAYER-006."""
    if document["mediaType"] not in (None, media_type):
        raise wrong(f"the mediaType is {document['mediaType']!r}, but the descriptor has {media_type!r}")


def read_config(data):
    return read_object(parse(data), CONFIG)


def is_config_type(media_type, manifest_type):
    """LAYER-021, LAYER-112."""
    return media_type in CONFIG_TYPES or manifest_type == DOCKER_MANIFEST and media_type in OLDER_CONFIG_TYPES

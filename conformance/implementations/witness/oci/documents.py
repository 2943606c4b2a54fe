"""JSON documents and the members that the standard gives them (spec/layers.md, "Documents")."""

from errors import Rejected
from json_text import NotJson, Number, TooDeep, read_json

SIZE_LIMIT = 4194304  # LAYER-008

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MANIFEST_TYPES = (OCI_MANIFEST, DOCKER_MANIFEST)
CONFIG_TYPES = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
OLDER_CONFIG_TYPES = ("application/octet-stream", "application/json", "text/html", "", None)  # LAYER-112

# The members of each row of the table.
LAYOUT = ("imageLayoutVersion",)
INDEX = ("schemaVersion", "manifests", "mediaType")
MANIFEST = ("schemaVersion", "config", "layers", "mediaType")
PLATFORM = ("os", "architecture", "variant", "os.version", "os.features")
CONFIG = ("rootfs", *PLATFORM)
ROOTFS = ("type", "diff_ids")
DESCRIPTOR = ("mediaType", "digest", "size", "annotations", "artifactType", "platform")
SEALED = ("annotations", "artifactType", "subject")  # VERIFY-014


def fail(what):
    raise Rejected("IMAGE_SCHEMA", what)


def fold(name):
    """LAYER-005, VERIFY-010: a name without the difference between upper and lower case."""
    ascii_lower = "".join(letter.lower() if letter.isascii() else letter for letter in name)
    return ascii_lower.replace("\u017f", "s").replace("\u212a", "k")


def check_length(data):
    """LAYER-008, SEAL-047: the document, if it is not too long."""
    if len(data) > SIZE_LIMIT:
        raise Rejected("IMAGE_LIMIT", "a document of more than 4,194,304 bytes")
    return data


def parse(data):
    """The object of a document (LAYER-003)."""
    try:
        value = read_json(check_length(data))
    except TooDeep as error:
        raise Rejected("IMAGE_LIMIT", str(error)) from error  # LAYER-114
    except NotJson as error:
        raise Rejected("IMAGE_JSON", str(error)) from error
    if not isinstance(value, dict):
        fail("a document that is not an object")
    return value


def check_names(value, names, forbidden=()):
    """LAYER-005, LAYER-006."""
    folded = {fold(name) for name in (*names, *forbidden)}
    for name in value:
        if name in forbidden or (name not in names and fold(name) in folded):
            fail(f"member {name!r}")


def member(value, name, kind, required=True):
    """A member of one type; `null` counts as absent (LAYER-110)."""
    found = value.get(name)
    if found is None:
        if kind is list and name in value:
            return []
        if required:
            fail(f"{name} is missing")
        return None
    if not isinstance(found, kind):
        fail(f"the type of {name}")
    return found


def strings(value, name):
    found = member(value, name, list, required=False) or []
    if not all(isinstance(item, str) for item in found):
        fail(f"{name} is not an array of strings")
    return found


def check_annotations(value):
    for text in (member(value, "annotations", dict, required=False) or {}).values():
        if not isinstance(text, str):
            fail("annotations are not an object of strings")


def check_platform(value):
    check_names(value, PLATFORM)
    check_platform_members(value)


def check_platform_members(value):
    for name in ("os", "architecture", "variant", "os.version"):
        member(value, name, str, required=False)
    strings(value, "os.features")


def check_descriptor(value, media_type_required=True):
    if not isinstance(value, dict):
        fail("a descriptor that is not an object")
    check_names(value, DESCRIPTOR)
    member(value, "mediaType", str, media_type_required)
    member(value, "digest", str)
    if member(value, "size", Number).whole() is None:
        fail("the size of a descriptor")
    check_annotations(value)
    member(value, "artifactType", str, required=False)
    platform = member(value, "platform", dict, required=False)
    if platform is not None:
        check_platform(platform)


def check_versioned(value, media_type):
    """What an index and a manifest have; `media_type` is that of the descriptor, or None for index.json."""
    if member(value, "schemaVersion", Number).text != "2":
        fail("schemaVersion")
    own = member(value, "mediaType", str, required=False)
    if media_type is not None and own not in (None, media_type):
        fail(f"mediaType {own!r} under a descriptor with {media_type!r}")  # LAYER-006


def read_index(data, media_type=None):
    value = parse(data)
    check_names(value, INDEX, ("config", "layers"))
    check_versioned(value, media_type)
    for entry in member(value, "manifests", list):
        check_descriptor(entry)
    return value


def read_manifest(data, media_type):
    value = parse(data)
    check_names(value, MANIFEST, ("manifests",))
    check_versioned(value, media_type)
    check_descriptor(member(value, "config", dict), media_type_required=media_type != DOCKER_MANIFEST)  # LAYER-112
    for layer in member(value, "layers", list):
        check_descriptor(layer)
    return value


def check_sealed_members(manifest):
    """VERIFY-014: what a verifier and a sealer read of a manifest as well."""
    check_names(manifest, SEALED)
    check_annotations(manifest)
    member(manifest, "artifactType", str, required=False)
    subject = member(manifest, "subject", dict, required=False)
    if subject is not None:
        check_descriptor(subject)


def read_config(data):
    value = parse(data)
    check_names(value, CONFIG)
    check_platform_members(value)
    rootfs = member(value, "rootfs", dict)
    check_names(rootfs, ROOTFS)
    if member(rootfs, "type", str) != "layers":
        fail("the type of rootfs")
    if "diff_ids" not in rootfs:
        fail("diff_ids is missing")
    strings(rootfs, "diff_ids")
    return value


def is_config_type(media_type, manifest_type):
    """LAYER-021, LAYER-112."""
    return media_type in CONFIG_TYPES or (manifest_type == DOCKER_MANIFEST and media_type in OLDER_CONFIG_TYPES)

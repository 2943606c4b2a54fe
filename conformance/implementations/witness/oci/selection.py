"""Which image of a layout a request is about (spec/layers.md, "Image selection")."""

from dataclasses import dataclass

from decompression import COMPRESSION
from errors import Rejected
from oci.documents import CONFIG_TYPES, INDEX_TYPES, MANIFEST_TYPES, is_config_type, read_index
from oci.layout import check_digest_form, has_digest
from oci.platform import Platform

REFERENCE = "org.opencontainers.image.ref.name"
DEEPEST_INDEX = 4


@dataclass(frozen=True)
class Wanted:
    """What a request says of the image; None where it says nothing."""

    reference: str = None
    manifest_digest: str = None
    platform: Platform = None

    @classmethod
    def of(cls, params):
        """LAYER-030, LAYER-118."""
        digest, platform = params.get("manifestDigest"), params.get("platform")
        if digest is not None:
            check_digest_form(digest)
        return cls(params.get("reference"), digest, None if platform is None else Platform.parse(platform))


@dataclass(frozen=True)
class Entry:
    """An entry of an index, and whether an index below index.json that leads to it has the manifest digest."""

    descriptor: dict
    pinned: bool

    @property
    def digest(self):
        return self.descriptor["digest"]


def select_image(layout, wanted):
    """The descriptor of the manifest of the image."""
    images = remaining_images(layout, wanted)
    first = {}  # LAYER-020: of the entries for one manifest digest, the first
    for entry in images:
        first.setdefault(entry.digest, entry)
    images = list(first.values())
    if len(images) > 1:
        images = [entry for entry in images if not is_other_manifest(layout, entry.descriptor)]  # LAYER-113
    if len(images) != 1:
        raise Rejected("IMAGE_AMBIGUOUS", f"{len(images) or 'none'} of several manifests is that of an image")
    return images[0].descriptor


def remaining_images(layout, wanted):
    """The entries of images for the reference, the manifest digest and the platform, before LAYER-113."""
    images = [entry for entry in considered_entries(layout, wanted) if is_image(entry.descriptor)]
    if wanted.manifest_digest is not None:  # LAYER-115
        images = [entry for entry in images if entry.pinned or leads_to(layout, entry, wanted.manifest_digest)]
    if not images:
        raise Rejected("IMAGE_REFERENCE", "no image for the reference and the manifest digest")  # LAYER-029
    if wanted.platform is None:
        images = [entry for entry in images if not needs_features(layout, entry, wanted)]
    else:
        images = [entry for entry in images if is_for_platform(layout, entry.descriptor, wanted.platform)]
    if not images:
        raise Rejected("IMAGE_PLATFORM", "no image for the platform")  # LAYER-024
    return images


def considered_entries(layout, wanted):
    """The entries of index.json and, instead of those of indexes, the entries of these (LAYER-014 to LAYER-017)."""
    entries = []
    opened = set()
    waiting = [(Entry(descriptor, False), 1) for descriptor in reversed(layout.index["manifests"])]
    if wanted.reference is not None:
        waiting = [item for item in waiting if reference_of(item[0].descriptor) == wanted.reference]
    while waiting:
        entry, depth = waiting.pop()
        if entry.descriptor["mediaType"] not in INDEX_TYPES:
            entries.append(entry)
            continue
        if depth > DEEPEST_INDEX:
            raise Rejected("IMAGE_LIMIT", f"an index {depth} deep below index.json")
        data = layout.read_document(entry.descriptor)
        index = read_index(data, entry.descriptor["mediaType"])
        pinned = entry.pinned or wanted.manifest_digest is not None and has_digest(data, wanted.manifest_digest)
        key = entry.digest, depth, pinned
        if key not in opened:  # Opened again, it would only give equal entries, and indexes can multiply them.
            opened.add(key)
            waiting += [(Entry(descriptor, pinned), depth + 1) for descriptor in reversed(index["manifests"])]
    return entries


def reference_of(descriptor):
    return (descriptor["annotations"] or {}).get(REFERENCE)


def is_image(descriptor):
    """LAYER-018."""
    return (
        descriptor["mediaType"] in MANIFEST_TYPES
        and (descriptor["platform"] is None or descriptor["platform"]["os"] != "unknown")
        and (descriptor["artifactType"] is None or descriptor["artifactType"] in CONFIG_TYPES)
    )


def leads_to(layout, entry, manifest_digest):
    """LAYER-115: whether the manifest of an entry has a digest, perhaps by the other hash function."""
    if entry.digest.partition(":")[0] == manifest_digest.partition(":")[0]:
        return entry.digest == manifest_digest
    try:
        return has_digest(layout.read_document(entry.descriptor), manifest_digest)
    except Rejected:
        return False


def needs_features(layout, entry, wanted):
    """LAYER-116."""
    platform = entry.descriptor["platform"]
    if platform is None or not platform["os.features"]:
        return False
    return wanted.manifest_digest is None or not leads_to(layout, entry, wanted.manifest_digest)


def is_for_platform(layout, descriptor, platform):
    """LAYER-019."""
    if descriptor["platform"] is not None:
        return platform.fits(descriptor["platform"])
    config = layout.manifest(descriptor)["config"]
    return is_config_type(config["mediaType"], descriptor["mediaType"]) and platform.fits(layout.config(config))


def is_other_manifest(layout, descriptor):
    """LAYER-113: whether a manifest is not that of an image. One that is rejected is not among these."""
    try:
        manifest = layout.manifest(descriptor)
    except Rejected:
        return False
    return not is_config_type(manifest["config"]["mediaType"], descriptor["mediaType"]) or any(
        layer["mediaType"] not in COMPRESSION for layer in manifest["layers"]
    )

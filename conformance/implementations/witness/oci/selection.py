"""Which images of a layout a request is about (spec/layers.md, "Image selection"; SEAL-046)."""

from dataclasses import dataclass

from decompression import COMPRESSION
from errors import Rejected
from oci import documents
from oci.layout import Layout, check_digest_form
from oci.platform import WantedPlatform, platform_key

TAG = "org.opencontainers.image.ref.name"
INDEX_DEPTH = 4  # LAYER-016


@dataclass(frozen=True)
class Listed:
    """An entry of an index: `trail` is the entries of indexes that lead to it, that of index.json first."""

    entry: dict
    trail: tuple

    @property
    def digest(self):
        return self.entry["digest"]

    @property
    def platform(self):
        """The platform of the entry, or None if it has none."""
        return self.entry.get("platform")

    @property
    def top(self):
        """The entry of index.json by which it is found."""
        return self.trail[0] if self.trail else self.entry


@dataclass(frozen=True)
class Selected:
    """An image: its descriptor is that of its first entry that remains (LAYER-020)."""

    entries: list

    @property
    def descriptor(self):
        return self.entries[0].entry

    @property
    def digest(self):
        return self.descriptor["digest"]


class Selection:
    """The steps of the choice, with what they read; `unlisted` is the code for a manifest digest that is not listed."""

    def __init__(self, layout, params, unlisted="IMAGE_REFERENCE"):
        self.layout = layout
        self.reference = params.get("reference")
        self.manifest_digest = params.get("manifestDigest")
        self.unlisted = unlisted
        self.pinned_indexes = set()  # their digests
        if self.manifest_digest is not None:
            check_digest_form(self.manifest_digest)  # LAYER-118, VERIFY-004
        self.wanted = WantedPlatform(params["platform"]) if "platform" in params else None

    def one(self):
        """The image of a request that is about one (LAYER-020)."""
        images = self.remaining()
        if len(images) > 1:
            raise Rejected("IMAGE_AMBIGUOUS", "several images remain")
        return images[0]

    def all_platforms(self):
        """The images of a request that is about those of all platforms (SEAL-046)."""
        images = self.remaining()
        if len(images) > 1 and (self.wanted or not self.have_one_name(images) or self.share_a_platform(images)):
            raise Rejected("IMAGE_AMBIGUOUS", "several images remain")
        return images

    def have_one_name(self, images):
        tags = {tag_of(listed.top) for image in images for listed in image.entries}
        return self.manifest_digest is not None or len(tags) == 1

    def share_a_platform(self, images):
        seen = {}
        for image in images:
            for listed in image.entries:
                if seen.setdefault(platform_key(self.platform_of(listed)), image.digest) != image.digest:
                    return True
        return False

    def remaining(self):
        """The images that remain, in the order in which they are listed."""
        found = [listed for listed in self.walk() if is_image(listed.entry)]
        if not found:
            raise Rejected("IMAGE_REFERENCE", "no image, or none with the reference")  # LAYER-029
        found = self.with_manifest_digest(found)
        if not found:
            raise Rejected(self.unlisted, "no image with the manifest digest")  # LAYER-029, VERIFY-003
        found = [listed for listed in found if self.is_for_platform(listed)]
        if not found:
            raise Rejected("IMAGE_PLATFORM", "no image for the platform")  # LAYER-024
        entries_of = {}
        for listed in found:
            entries_of.setdefault(listed.digest, []).append(listed)
        images = [Selected(entries) for entries in entries_of.values()]
        if len(images) > 1:
            images = [image for image in images if not self.is_other_document(image.descriptor)]
            if not images:
                raise Rejected("IMAGE_AMBIGUOUS", "several documents, and no image")  # LAYER-020
        return images

    def top_entries(self):
        """LAYER-014, LAYER-015: the entries of index.json from which the selection starts."""
        return [
            entry
            for entry in self.layout.index["manifests"] or []
            if self.reference is None or tag_of(entry) == self.reference
        ]

    def walk(self):
        """LAYER-016, LAYER-017: the entries that are not indexes, in order."""
        waiting = [Listed(entry, ()) for entry in reversed(self.top_entries())]
        while waiting:
            listed = waiting.pop()
            if listed.entry["mediaType"] not in documents.INDEX_TYPES:
                yield listed
                continue
            if len(listed.trail) == INDEX_DEPTH:
                raise Rejected("IMAGE_LIMIT", "indexes are nested too deeply")
            trail = (*listed.trail, listed.entry)
            entries = self.layout.index_at(listed.entry)["manifests"] or []
            waiting += [Listed(entry, trail) for entry in reversed(entries)]

    def with_manifest_digest(self, found):
        """LAYER-115."""
        if self.manifest_digest is None:
            return found
        self.pinned_indexes = {each["digest"] for listed in found for each in self.pinned_part(listed.trail)}
        return [
            listed
            for listed in found
            if self.layout.has_digest(listed.entry, self.manifest_digest) or self.is_pinned(listed)
        ]

    def pinned_part(self, trail):
        """The part of a trail that begins with an index that has the digest of the request."""
        for number, index in enumerate(trail):
            if self.layout.has_digest(index, self.manifest_digest):
                return trail[number:]
        return ()

    def is_pinned(self, listed):
        """Whether an index with the digest of the request leads to an entry, whichever way it was found."""
        return bool(listed.trail) and listed.trail[-1]["digest"] in self.pinned_indexes

    def is_for_platform(self, listed):
        """LAYER-019, LAYER-116."""
        if self.wanted:
            platform = self.platform_of(listed)
            return platform is not None and self.wanted.matches(platform)
        if not (listed.platform or {}).get("os.features"):
            return True
        return self.manifest_digest is not None and self.layout.has_digest(listed.entry, self.manifest_digest)

    def platform_of(self, listed):
        """The platform of an entry, or of the config if the entry has none, or None if it is for no platform."""
        if listed.platform is not None:
            return listed.platform
        manifest = self.layout.manifest_at(listed.entry)
        config = manifest["config"]
        if not documents.is_config_type(config.get("mediaType"), listed.entry["mediaType"]):
            return None
        return self.layout.config_at(config)

    def is_other_document(self, descriptor):
        """LAYER-113: what is not an image, or not one that a tree builder can read."""
        try:
            manifest = self.layout.manifest_at(descriptor)
        except Rejected:
            return False
        if not documents.is_config_type(manifest["config"].get("mediaType"), descriptor["mediaType"]):
            return True
        return any(layer["mediaType"] not in COMPRESSION for layer in manifest["layers"] or [])


def tag_of(entry):
    return (entry.get("annotations") or {}).get(TAG)


def is_image(entry):
    """LAYER-018."""
    return (
        entry["mediaType"] in documents.MANIFEST_TYPES
        and (entry.get("platform") or {}).get("os") != "unknown"
        and (entry.get("artifactType") is None or entry["artifactType"] in documents.CONFIG_TYPES)
    )


def select(path, params, unlisted="IMAGE_REFERENCE"):
    """A selection in the layout at a path."""
    return Selection(Layout(path), params, unlisted)

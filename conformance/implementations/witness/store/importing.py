"""Putting an image into a store (STORE-001 to STORE-014, STORE-100 to STORE-108, STORE-120)."""

from decompression import SizeLimits
from fsverity import fsverity_digest
from oci.image import read_image
from oci.selection import tag_of
from store.files import Link
from store.names import check_name, name_path, stream_path
from store.purposes import Purpose, images_of, make_image
from store.repository import diff_ids, is_compressed, object_path
from store.streams import TYPES, Malformed, Stream, write_stream
from tar_archive import read_archive

FILE_TYPES = (b"0", b"7", b"\0")
INLINE_LIMIT = 64


class Import:
    def __init__(self, repository):
        self.repository = repository
        self.files = repository.files
        self.algorithm = repository.meta.algorithm

    def run(self, selection, params):
        """The digests of the manifest and of the config, and the numbers of the layers with kept blobs."""
        selected = selection.one()
        name = check_name(params.get("name", tag_of(selected.entries[0].top)))  # STORE-012, STORE-013
        image = read_image(selection.layout, selected.descriptor)
        archives = image.read_archives(SizeLimits())
        layers = [read_archive(archive) for archive in archives]
        images = self.make_images(layers, params["xattrs"], "bootable" in params)
        config_digest = image.manifest["config"]["digest"]
        ids = diff_ids(image.config)
        for diff_id, archive, entries in zip(ids, archives, layers):
            self.keep_layer(diff_id, archive, entries)
        self.keep_config(config_digest, image.config_text, ids, images)
        kept = self.keep_manifest(selected.digest, image, ids, "blobs" in params)
        self.follow_config(config_digest)
        self.files.put(name_path(name), Link(f"../../oci-manifest-{selected.digest}"))  # STORE-004, STORE-014
        return selected.digest, config_digest, kept

    def make_images(self, layers, policy, bootable):
        """STORE-001 to STORE-003, STORE-085: the images by their keys."""
        roles = ("merged", "merged.bootable") if bootable else ("merged",)
        purposes = [Purpose(role, self.repository.meta.format_name, policy) for role in roles]
        return {purpose.key: make_image(layers, purpose, self.algorithm) for purpose in purposes}

    # Objects, links and streams

    def put_object(self, content):
        """STORE-008, STORE-010."""
        digest = fsverity_digest(content, self.algorithm).hex()
        if self.repository.intact_object(digest) is None:
            self.files.put(object_path(digest), content)
            self.repository.intact[digest] = content
        return digest

    def put_stream(self, kind, digest, content, stream):
        """STORE-108: a stream with the right content and exactly the right references stays."""
        path = stream_path(kind, digest)
        held = self.held(kind, digest)
        if held and self.repository.verified(kind, digest) == content and held.named == stream.named:
            return
        self.link(path, self.put_object(write_stream(stream, self.algorithm)))

    def link(self, path, digest):
        self.files.put(path, Link(f"../{object_path(digest)}"))

    def held(self, kind, digest):
        try:
            return self.repository.linked_stream(kind, digest)
        except Malformed:
            return None

    def one_object(self, kind, content, named=()):
        """STORE-105."""
        return Stream(TYPES[kind], [0], [], [self.put_object(content)], dict(named), len(content))

    def reference(self, kind, digest):
        return self.repository.linked(stream_path(kind, digest))

    # Layers, blobs and documents

    def keep_layer(self, diff_id, archive, entries):
        self.put_stream("layer", diff_id, archive, self.cut(archive, entries))

    def cut(self, archive, entries):
        """STORE-101, STORE-103, STORE-120."""
        stream = Stream(TYPES["layer"], [], total_size=len(archive))
        at = 0
        for entry in entries:
            if entry.header.type in FILE_TYPES and entry.size > INLINE_LIMIT:
                end = entry.content_start + entry.size
                digest = self.put_object(archive[entry.content_start : end])
                if digest not in stream.object_references:
                    stream.object_references.append(digest)
                stream.records += [archive[at : entry.content_start], stream.object_references.index(digest)]
                at = end
        if at < len(archive):
            stream.records.append(archive[at:])
        return stream

    def keep_config(self, digest, text, ids, images):
        """STORE-106: the images that the config already has stay."""
        named = {diff_id: self.reference("layer", diff_id) for diff_id in ids}
        held = self.held("config", digest)
        if held and self.repository.verified("config", digest) == text:
            named |= {purpose.key: image for purpose, image in images_of(held)}
        for key, image in images.items():
            named[key] = self.put_object(image)
            self.files.put(f"images/{named[key]}", Link(f"../{object_path(named[key])}"))
        self.put_stream("config", digest, text, self.one_object("config", text, named))

    def keep_manifest(self, digest, image, ids, with_blobs):
        """STORE-011; returns the numbers of the layers that can be returned as they were published."""
        config_digest = image.manifest["config"]["digest"]
        named = {f"config:{config_digest}": self.reference("config", config_digest)}
        named |= {diff_id: self.reference("layer", diff_id) for diff_id in ids}
        held = self.held("manifest", digest)
        former = self.repository.kept_blobs(held) if held else set()
        kept = []
        for number, descriptor in enumerate(image.layer_descriptors):
            compressed = is_compressed(descriptor)
            if compressed and (with_blobs or descriptor["digest"] in former):
                self.keep_blob(descriptor["digest"], image.layout.blob(descriptor))
                named[descriptor["digest"]] = self.reference("blob", descriptor["digest"])
            if not compressed or descriptor["digest"] in named:
                kept.append(number)
        text = image.manifest_text
        self.put_stream("manifest", digest, text, self.one_object("manifest", text, named))
        return kept

    def keep_blob(self, digest, blob):
        self.put_stream("blob", digest, blob, self.one_object("blob", blob))

    def follow_config(self, config_digest):
        """STORE-107: the intact manifests that refer to another stream of the config than its link leads to."""
        name = f"config:{config_digest}"
        config = self.reference("config", config_digest)
        for digest in self.repository.digests("manifest"):
            text = self.repository.verified("manifest", digest)
            named = {} if text is None else self.held("manifest", digest).named
            if named.get(name, config) != config:
                self.put_stream("manifest", digest, text, self.one_object("manifest", text, named | {name: config}))

"""What the roots of a store need, and the removal of everything else (STORE-020 to STORE-025, STORE-092)."""

import re
from contextlib import suppress

from errors import Rejected
from store.names import OCI_STREAM, named_target, stream_path
from store.purposes import images_of
from store.repository import diff_ids, is_image
from store.streams import Malformed

TEMPORARY = "objects/.tmp-object-"
OBJECT_PATH = re.compile(r"objects/([0-9a-f]{2})/([0-9a-f]+)")


def damaged(what):
    raise Rejected("STORE_DAMAGED", f"{what} is missing or damaged, and a root needs it")  # STORE-023


def well_formed(read, digest, *arguments):
    """A stream or a composefs image that a root needs, read from its object (STORE-023)."""
    try:
        return read(digest, *arguments)
    except Malformed as error:
        raise Rejected("STORE_DAMAGED", f"object {digest}: {error}") from error


class Needed:
    """Collects the digests of the objects that the roots need."""

    def __init__(self, repository):
        self.repository = repository
        self.objects = set()
        self.seen = set()
        for path in repository.files.links_below("streams/refs"):
            self.root(path, "streams")
        for path in repository.files.links_below("images/refs"):
            self.root(path, "images")

    def root(self, path, top):
        """STORE-092. A link whose target does not have the form of STORE-071 is not a root (STORE-075)."""
        name = named_target(path, self.repository.files.link(path))
        if top == "images":
            if self.repository.is_hex(name):
                self.image(name)
        elif name and "/" not in name:
            self.stream(name)

    def stream(self, name):
        match = OCI_STREAM.fullmatch(name)
        if match is None:
            self.other_stream(self.link(f"streams/{name}"))
        elif match["kind"] == "manifest":
            self.manifest(match["digest"])
        else:
            self.content(match["kind"], match["digest"])

    def once(self, path):
        if path in self.seen:
            return False
        self.seen.add(path)
        return True

    def link(self, path):
        """Needs the object to which a link leads, and returns its digest."""
        digest = self.repository.linked(path)
        if digest is None:
            damaged(path)
        self.objects.add(digest)
        return digest

    def oci_stream(self, kind, digest):
        stream = well_formed(self.repository.stream, self.link(stream_path(kind, digest)), kind)
        self.references(stream)
        return stream

    def other_stream(self, digest):
        """A stream whose content is unknown: it needs the streams to which it refers, and they theirs."""
        well_formed(self.repository.stream, digest)
        self.referenced(digest)

    def references(self, stream):
        """STORE-024: what the layout refers to, in addition to what the documents name."""
        self.objects.update(stream.object_references)
        for digest in stream.stream_references:
            self.referenced(digest)

    def referenced(self, digest):
        """STORE-024: an object to which a stream refers, which is a stream, a composefs image, or neither."""
        if not self.once(digest):
            return
        self.objects.add(digest)
        if self.repository.intact_object(digest) is None:
            damaged(f"object {digest}")
        try:
            self.references(self.repository.stream(digest))
        except Malformed:
            with suppress(Malformed):
                self.objects |= self.repository.image_objects(digest)

    def manifest(self, digest):
        if not self.once(stream_path("manifest", digest)):
            return
        stream = self.oci_stream("manifest", digest)
        found = self.repository.manifest(digest)
        if found is None:
            damaged(f"manifest {digest}")
        self.content("config", found[1]["config"]["digest"])
        for blob in self.repository.linked_blobs(stream):  # STORE-024
            self.content("blob", blob)
        if is_image(found[1]):
            self.layers_and_images(found[1]["config"]["digest"])

    def layers_and_images(self, config_digest):
        """What only the manifest of an image needs of its config: any other config can be anything."""
        found = self.repository.config(config_digest)
        if found is None:
            damaged(f"config {config_digest}")
        for diff_id in diff_ids(found[1]):
            self.content("layer", diff_id)
        for _, image_digest in images_of(self.repository.linked_stream("config", config_digest)):
            self.image(image_digest)

    def content(self, kind, digest):
        if not self.once(stream_path(kind, digest)):
            return
        self.oci_stream(kind, digest)
        # The content of a layer or a blob is not compared with its digest.
        if kind == "config" and self.repository.verified(kind, digest) is None:
            damaged(f"{kind} {digest}")

    def image(self, digest):
        if not self.once(f"images/{digest}"):
            return
        if self.link(f"images/{digest}") != digest:
            damaged(f"image {digest}")
        self.objects |= well_formed(self.repository.image_objects, digest)


def unneeded(repository):
    """The paths that are removed (STORE-021, STORE-022)."""
    kept = {digest for digest in Needed(repository).objects if repository.is_present(digest)}
    return [path for path in repository.files.entries if is_unneeded(repository, path, kept)]


def is_unneeded(repository, path, kept):
    """STORE-021: a link goes with its object, whatever the name of the link."""
    if is_object(repository, path):
        return path.removeprefix("objects/").replace("/", "") not in kept
    if path.startswith(("images/", "streams/")):
        digest = repository.linked(path)
        return path.count("/") == 1 and digest is not None and digest not in kept
    return path.startswith(TEMPORARY) and path.count("/") == 1


def is_object(repository, path):
    match = OBJECT_PATH.fullmatch(path)
    return match is not None and repository.is_hex(match[1] + match[2]) and repository.files.file(path) is not None


def remove(repository, dry_run):
    """The number of objects that are removed, and their size (STORE-025)."""
    removed = unneeded(repository)
    sizes = [len(repository.files.entries[path]) for path in removed if is_object(repository, path)]
    if not dry_run:
        for path in removed:
            del repository.files.entries[path]
    return len(sizes), sum(sizes)

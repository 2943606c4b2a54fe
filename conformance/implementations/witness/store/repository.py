"""The objects, streams and documents of a store, by the paths of the repository layout (STORE-070, STORE-075)."""

import re

from decompression import COMPRESSION
from erofs.reader import read_image
from errors import Rejected
from fsverity import digest_size, fsverity_digest
from oci import documents
from oci.layout import DIGEST, digest_of
from store.files import Files
from store.meta import read_meta
from store.names import OCI_STREAM, stream_path
from store.streams import TYPES, Malformed, read_stream
from tree import inodes


def object_path(digest):
    return f"objects/{digest[:2]}/{digest[2:]}"


DIRECTORIES = ("objects", "images", "images/refs", "streams", "streams/refs", "streams/refs/oci")


def check_directories(files):
    """STORE-135."""
    for path in files.links():
        if path in DIRECTORIES or re.fullmatch("objects/[0-9a-f]{2}", path):
            raise Rejected("STORE_DAMAGED", f"the directory {path} is a link")


class Repository:
    def __init__(self, files, writes):
        self.files = files
        self.meta = read_meta(files, writes)
        if writes:
            check_directories(files)
        self.hex_length = 2 * digest_size(self.meta.algorithm)
        self.payload_form = re.compile(rf"[0-9a-f]{{2}}/[0-9a-f]{{{self.hex_length - 2}}}".encode())
        self.link_form = re.compile(rf"\.\./objects/([0-9a-f]{{2}})/([0-9a-f]{{{self.hex_length - 2}}})")
        self.intact = {}

    @classmethod
    def unpack(cls, archive, writes=False):
        return cls(Files.unpack(archive), writes)

    def is_hex(self, text):
        return re.fullmatch(f"[0-9a-f]{{{self.hex_length}}}", text) is not None

    def is_present(self, digest):
        return self.files.file(object_path(digest)) is not None

    def intact_object(self, digest):
        """The content of an object, or None if it is missing or does not match its digest."""
        if digest not in self.intact:
            content = self.files.file(object_path(digest))
            matches = content is not None and fsverity_digest(content, self.meta.algorithm).hex() == digest
            self.intact[digest] = content if matches else None
        return self.intact[digest]

    def linked(self, path):
        """The digest of the object that a link of `images` or `streams` leads to, or None."""
        match = self.link_form.fullmatch(self.files.link(path) or "")
        return match and match[1] + match[2]

    def digests(self, kind):
        """The digests in the names of the manifests, configs, layers or blobs that have a link."""
        matches = (OCI_STREAM.fullmatch(path.removeprefix("streams/")) for path in self.files.links_below("streams"))
        return [match["digest"] for match in matches if match and match["kind"] == kind]

    def stream(self, digest, kind=None):
        """The stream in an object; it is Malformed if the object is damaged, or if it is not one of the given kind."""
        data = self.intact_object(digest)
        if data is None:
            raise Malformed("the object of the stream is missing or damaged")
        stream = read_stream(data, self.meta.algorithm)
        if kind is not None and not has_type(stream, kind):
            raise Malformed("the content type")  # STORE-118
        if kind not in (None, "layer") and stream.only_object is None:
            raise Malformed("the content is not one object")  # STORE-113
        self.check_size(stream)
        return stream

    def check_size(self, stream):
        """STORE-112, as far as the objects are there."""
        content = self.content(stream)
        if content is not None and len(content) != stream.total_size:
            raise Malformed("the total size")

    def content(self, stream):
        """The content of a stream, or None if an object of it is missing or damaged."""
        pieces = [
            self.intact_object(stream.object_references[record]) if isinstance(record, int) else record
            for record in stream.records
        ]
        return None if None in pieces else b"".join(pieces)

    def linked_stream(self, kind, digest):
        """The stream of a manifest, config, layer or blob, or None if it has no link."""
        linked = self.linked(stream_path(kind, digest))
        return None if linked is None else self.stream(linked, kind)

    def verified(self, kind, digest):
        """The content of such a stream, or None if it is missing, damaged or does not match its digest."""
        try:
            stream = self.linked_stream(kind, digest)
        except Malformed:
            return None
        content = stream and self.content(stream)
        return content if content is not None and digest_of(content, digest) == digest else None

    def kept_blobs(self, stream):
        """STORE-011: the linked blobs to which the references of a manifest's stream lead."""
        return {digest for digest, link in self.linked_blobs(stream).items() if stream.named[digest] == link}

    def linked_blobs(self, stream):
        """STORE-024: the blobs that have a link and are named in a stream, each with the object behind its link."""
        links = {name: self.linked(stream_path("blob", name)) for name in stream.named if DIGEST.fullmatch(name)}
        return {digest: link for digest, link in links.items() if link is not None}

    def image_objects(self, digest):
        """STORE-136: the objects of the files in a composefs image; it is Malformed if its object is damaged, too."""
        image = self.intact_object(digest)
        if image is None:
            raise Malformed("the object of the image is missing or damaged")
        try:
            payloads = {inode.external.payload or b"" for inode in inodes(read_image(image)) if inode.external}
        except Rejected as rejection:
            raise Malformed(str(rejection)) from rejection
        if not all(map(self.payload_form.fullmatch, payloads)):
            raise Malformed("a payload that is not the path of an object")
        return {payload.decode().replace("/", "") for payload in payloads}

    def manifest(self, digest):
        """The text and the members of a manifest, or None if it is missing, damaged or is not one."""
        return self.document("manifest", digest, read_any_manifest)

    def config(self, digest):
        return self.document("config", digest, documents.read_config)

    def document(self, kind, digest, read):
        text = self.verified(kind, digest)
        try:
            return None if text is None else (text, read(text))
        except Rejected:
            return None


def read_any_manifest(text):
    """A manifest whose descriptor the store does not keep; without a media type of its own, it can be Docker's."""
    own = documents.parse(text).get("mediaType")
    return documents.read_manifest(text, documents.DOCKER_MANIFEST if own is None else own)


def is_image(manifest):
    """Whether a manifest is that of an image: its config has the media type of a config, as far as the store knows."""
    manifest_type = manifest.get("mediaType") or documents.DOCKER_MANIFEST
    return documents.is_config_type(manifest["config"].get("mediaType"), manifest_type)


def is_compressed(layer):
    """Whether the layer of a descriptor is compressed; one with an unknown media type is not taken for an archive."""
    return COMPRESSION.get(layer["mediaType"]) != "none"


def has_type(stream, kind):
    """STORE-117: the stream of a layer can have the content type of a blob."""
    return stream.content_type == TYPES[kind] or (kind == "layer" and stream.content_type == TYPES["blob"])


def diff_ids(config):
    return config["rootfs"]["diff_ids"] or []

"""The check of a store: all findings (spec/storage.md, "Check" and "Links in the check")."""

from errors import Rejected
from oci import documents
from oci.layout import digest_of
from store.names import NAMES, OCI_STREAM, is_name_file, is_stream_name, named_manifest, named_target, stream_path
from store.purposes import images_of, made_digest
from store.removal import OBJECT_PATH, TEMPORARY
from store.repository import diff_ids, is_compressed, is_image, object_path, read_any_manifest
from store.streams import Malformed

TOP_DIRECTORIES = ("objects", "images", "streams")


class Check:
    def __init__(self, repository):
        self.repository = repository
        self.files = repository.files
        self.findings = set()
        self.image_configs = set(self.configs_of_images())

    def run(self):
        """The findings in the order of STORE-040, as pairs of a code and a path."""
        self.check_places()
        for path in self.files.entries:
            if self.is_object(path):
                digest = path.removeprefix("objects/").replace("/", "")
                if self.repository.intact_object(digest) is None:
                    self.add("object-digest", path)
        for path in self.files.links_below("images"):
            if path.startswith("images/refs/"):
                self.check_root(path, "images")
            elif self.repository.is_hex(path.removeprefix("images/")):
                self.check_image(path)
        for path in self.files.links_below("streams"):
            if path.startswith("streams/refs/"):
                self.check_root(path, "streams")
            elif is_stream_name(path.removeprefix("streams/")):
                self.check_stream(path)
        return sorted(self.findings, key=lambda finding: (sort_key(finding[1]), finding[0]))

    def configs_of_images(self):
        """The digests of the configs to which the manifest of an image leads: other configs can be anything."""
        for digest in self.repository.digests("manifest"):
            found = self.repository.manifest(digest)
            if found and is_image(found[1]):
                yield found[1]["config"]["digest"]

    def add(self, code, path):
        self.findings.add((code, path))

    # Places

    def is_object(self, path):
        match = OBJECT_PATH.fullmatch(path)
        return match and self.repository.is_hex(match[1] + match[2]) and self.files.file(path) is not None

    def check_places(self):
        """STORE-134: only the outermost directory that the layout does not have."""
        strays = {path for path in self.files.directories if not self.has_directory(path)}
        strays |= {path for path in self.files.entries if not self.has_file(path)}
        for path in strays:
            parts = path.split("/")
            if not any("/".join(parts[:count]) in strays for count in range(1, len(parts))):
                self.add("stray", path)

    def has_directory(self, path):
        parts = path.split("/")
        if len(parts) == 1:
            return path in TOP_DIRECTORIES
        if parts[0] == "objects":
            return len(parts) == 2 and len(parts[1]) == 2 and set(parts[1]) <= set("0123456789abcdef")
        return parts[0] in TOP_DIRECTORIES and parts[1] == "refs"

    def has_file(self, path):
        top, _, rest = path.partition("/")
        if path == "meta.json" or path.startswith(TEMPORARY):
            return True
        if top == "objects":
            return self.is_object(path)
        if top not in TOP_DIRECTORIES or rest == "" or self.files.link(path) is None:
            return False
        if rest.startswith("refs/"):
            return True
        return self.repository.is_hex(rest) if top == "images" else is_stream_name(rest)

    # Links

    def check_root(self, path, top):
        """STORE-130."""
        target = self.files.link(path)
        name = named_target(path, target)
        of_name = path.startswith(NAMES + "/")
        if of_name and not is_name_file(path.removeprefix(NAMES + "/")):
            self.add("name-invalid", path)
        if top == "images":
            valid = self.repository.is_hex(name)
        elif of_name:
            valid = named_manifest(path, target) is not None
        else:
            valid = is_stream_name(name)
        if not valid:
            self.add("link-target", path)
        elif self.files.link(f"{top}/{name}") is None:
            self.add("link-dangling", path)

    def linked(self, path, wanted=None):
        """The digest of the object of a link, or None with a finding."""
        digest = self.repository.linked(path)
        if digest is None or wanted not in (None, digest):
            self.add("link-target", path)
            return None
        if not self.repository.is_present(digest):
            self.add("link-dangling", path)
            return None
        return digest

    def require(self, digests):
        for digest in digests:
            if not self.repository.is_present(digest):
                self.add("object-missing", object_path(digest))

    # Images and streams

    def check_image(self, path):
        digest = self.linked(path, path.removeprefix("images/"))
        if digest is None or self.repository.intact_object(digest) is None:
            return  # STORE-042
        try:
            self.require(self.repository.image_objects(digest))
        except Malformed:
            self.add("image-invalid", path)

    def check_stream(self, path):
        digest = self.linked(path)
        if digest is None or self.repository.intact_object(digest) is None:
            return
        match = OCI_STREAM.fullmatch(path.removeprefix("streams/"))
        try:
            stream = self.repository.stream(digest, match and match["kind"])
        except Malformed:
            self.add("stream-invalid", path)
            return
        self.require(stream.stream_references)
        self.require(stream.object_references)
        if match is None:
            return  # STORE-133
        content = self.repository.content(stream)
        if content is None:
            return
        if digest_of(content, match["digest"]) != match["digest"]:
            self.add("content-digest", path)
        elif match["kind"] == "manifest":
            self.check_manifest(path, stream, content)
        elif match["kind"] == "config" and match["digest"] in self.image_configs:
            self.check_config(path, stream, content)

    def check_manifest(self, path, stream, content):
        """STORE-131."""
        manifest = read_or_none(read_any_manifest, content)
        if manifest is None:
            self.add("document-invalid", path)
            return
        digest = manifest["config"]["digest"]
        self.check_reference(path, stream, f"config:{digest}", stream_path("config", digest))
        if not is_image(manifest):
            return
        for layer in manifest["layers"] or []:
            if layer["digest"] in stream.named and is_compressed(layer):
                self.check_reference(path, stream, layer["digest"], stream_path("blob", layer["digest"]))
        config = self.repository.config(digest)
        if config is None:
            return
        if len(diff_ids(config[1])) != len(manifest["layers"] or []):
            self.add("document-invalid", path)
        for diff_id in diff_ids(config[1]):
            self.check_reference(path, stream, diff_id, stream_path("layer", diff_id))

    def check_reference(self, path, stream, name, referred_path):
        """A required named reference, to the object to which the link of the other stream leads, if there is one."""
        if self.files.link(referred_path) is None:
            self.add("content-missing", referred_path)
        linked = self.repository.linked(referred_path)
        if name not in stream.named or linked not in (None, stream.named[name]):
            self.add("stream-references", path)

    def check_config(self, path, stream, content):
        """STORE-132, STORE-043: of the config of an image. What is not a config has no other findings (STORE-042)."""
        config = read_or_none(documents.read_config, content)
        if config is None:
            self.add("document-invalid", path)
            return
        for diff_id in diff_ids(config):
            self.check_reference(path, stream, diff_id, stream_path("layer", diff_id))
        for _, digest in images_of(stream):
            if self.files.link(f"images/{digest}") is None:
                self.add("image-missing", f"images/{digest}")
        archives = [self.repository.verified("layer", diff_id) for diff_id in diff_ids(config)]
        if None in archives:
            return
        for purpose, digest in images_of(stream):
            if made_digest(archives, purpose, self.repository.meta.algorithm) != digest:
                self.add("image-mismatch", path)


def read_or_none(read, content):
    try:
        return read(content)
    except Rejected:
        return None


def sort_key(path):
    return path.encode("utf-8", "surrogateescape")

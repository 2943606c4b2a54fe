"""The manifests that a composefs image can come from (STORE-060 to STORE-066)."""

from errors import Rejected
from oci import documents
from store.purposes import images_of, made_digest
from store.repository import diff_ids, is_image


def find(repository, digest, verify):
    """The lines of the answer, in the order of STORE-061: each is a tuple of fields."""
    if not repository.is_hex(digest):
        raise Rejected("STORE_DIGEST", f"digest {digest!r}")  # STORE-065
    if repository.linked(f"images/{digest}") != digest or repository.intact_object(digest) is None:
        return []
    found = set()
    for manifest_digest in repository.digests("manifest"):
        found |= entries_of(repository, manifest_digest, digest, verify)
    return sorted(found, key=lambda line: [line[at].encode() for at in (0, 2, 3, 5)])


def entries_of(repository, manifest_digest, digest, verify):
    """The entries of a manifest: none if it is not that of an image, or if STORE-064 excludes it."""
    found = repository.manifest(manifest_digest)
    if found is None or not is_image(found[1]):
        return set()
    manifest = found[1]
    config = repository.config(manifest["config"]["digest"])
    if config is None or len(diff_ids(config[1])) != len(manifest["layers"] or []):
        return set()
    stream = repository.linked_stream("config", manifest["config"]["digest"])
    lines = set()
    for purpose, image_digest in images_of(stream):
        if image_digest == digest and (not verify or is_made(repository, config[1], purpose, digest)):
            state = "verified" if verify else "unverified"
            names = purpose.role, purpose.format_name, repository.meta.algorithm, purpose.policy
            lines.add((manifest_digest, platform_text(config[1]), *names, state))
    return lines


def is_made(repository, config, purpose, digest):
    """STORE-066."""
    archives = [repository.verified("layer", diff_id) for diff_id in diff_ids(config)]
    return None not in archives and made_digest(archives, purpose, repository.meta.algorithm) == digest


def platform_text(config):
    """STORE-062, LAYER-030."""
    features = "".join("+" + escape_feature(feature) for feature in documents.strings(config, "os.features"))
    parts = [(config.get("os") or "?") + (f"({features})" if features else ""), config.get("architecture") or "?"]
    return "/".join([*parts, config["variant"]] if config.get("variant") else parts)


def escape_feature(feature):
    return "".join(
        "".join(f"%{byte:02x}" for byte in letter.encode()) if letter in "+%/()" else letter for letter in feature
    )

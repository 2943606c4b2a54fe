"""The artifacts of an image in its layout (spec/verification.md, "Artifacts")."""

from dataclasses import dataclass

from errors import Rejected
from oci import documents
from oci.layout import digest_of
from verification.keys import (
    ARTIFACT_ORDER,
    DIGEST_KEYS,
    KNOWN_KEYS,
    SIGNATURE_KEYS,
    check_case,
    check_digest,
    check_places,
)
from verification.published import Published, annotations_of, check_message

ARTIFACT_TYPE = "application/vnd.composefs.metadata.v1"
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
SIGNATURE_TYPE = "application/vnd.composefs.signature.v1+pkcs7"
EMPTY_BLOB = b"{}"
ENTRY_TYPES = (ARTIFACT_TYPE, EMPTY_TYPE, None)
INDEX_DEPTH = 4


@dataclass(frozen=True)
class Artifact:
    """An artifact with at least one known key: the digest that names it, its text, and what it publishes."""

    digest: str
    text: bytes
    published: list


def find_artifacts(layout, image_digest):
    """The artifacts of the image that was selected by a digest, in the order in which they are listed."""
    artifacts = []
    for digest, entries in listed_manifests(layout).items():
        of_type = [entry for entry in entries if entry.get("artifactType") == ARTIFACT_TYPE]
        entry = (of_type or entries)[0]  # VERIFY-063
        manifest = read_candidate(layout, entry, required=bool(of_type))
        if manifest is None or manifest.get("artifactType") != ARTIFACT_TYPE:
            continue
        if (manifest.get("subject") or {}).get("digest") != image_digest:
            continue  # VERIFY-024
        published = read_artifact(layout, manifest)
        if published:  # VERIFY-020
            artifacts.append(Artifact(digest, layout.blob(entry), published))
    return artifacts


def listed_manifests(layout):
    """VERIFY-018: the entries that can name an artifact, by the digest that they name."""
    found = {}
    waiting = [(entry, 0) for entry in reversed(layout.index["manifests"] or [])]
    while waiting:
        entry, depth = waiting.pop()
        if entry["mediaType"] in documents.INDEX_TYPES and depth < INDEX_DEPTH:
            try:
                entries = layout.index_at(entry)["manifests"] or []
            except Rejected:
                continue  # The choice of the image has read every index that has to be right.
            waiting += [(below, depth + 1) for below in reversed(entries)]
        elif entry["mediaType"] == documents.OCI_MANIFEST and entry.get("artifactType") in ENTRY_TYPES:
            found.setdefault(entry["digest"], []).append(entry)
    return found


def read_candidate(layout, entry, required):
    """The manifest that an entry names; a broken one is rejected or ignored (VERIFY-018, VERIFY-053)."""
    try:
        manifest = layout.manifest_at(entry)
        documents.check_sealed_members(manifest)
        return manifest
    except Rejected:
        if required:
            raise
        return None


def read_artifact(layout, manifest):
    """The digests that an artifact publishes."""
    for carrier in (manifest, manifest["config"], manifest.get("subject") or {}):
        check_case(annotations_of(carrier))  # VERIFY-025
        check_places(annotations_of(carrier), ())  # VERIFY-023
    entries = manifest["layers"] or []
    for entry in entries:
        check_case(annotations_of(entry))
        check_places(annotations_of(entry), ARTIFACT_ORDER)
    entries = [entry for entry in entries if KNOWN_KEYS.keys() & annotations_of(entry).keys()]
    if not entries:
        return []  # VERIFY-020, VERIFY-061
    if not is_empty_descriptor(manifest["config"]):
        fail("the config")
    layout.blob(manifest["config"])  # VERIFY-002
    published = [read_entry(layout, entry) for entry in entries]
    check_entries(published)
    return published


def fail(reason):
    """VERIFY-021."""
    raise Rejected("VERIFY_ARTIFACT", reason)


def is_empty_descriptor(descriptor):
    return (
        descriptor.get("mediaType") == EMPTY_TYPE
        and descriptor["digest"] == digest_of(EMPTY_BLOB)
        and descriptor["size"].whole() == len(EMPTY_BLOB)
    )


def read_entry(layout, entry):
    names = KNOWN_KEYS.keys() & annotations_of(entry).keys()
    if names & SIGNATURE_KEYS.keys() or len(names) != 1:
        fail("an entry with two keys, or with a signature key")  # also VERIFY-062
    (name,) = names
    key = DIGEST_KEYS[name]
    digest = check_digest(annotations_of(entry)[name], key.algorithm)
    signed = entry["mediaType"] == SIGNATURE_TYPE
    if not signed and not is_empty_descriptor(entry):
        fail("an entry that is neither a signature nor empty")
    blob = layout.blob(entry)  # VERIFY-002
    message = check_message(blob, key.algorithm) if signed else None
    return Published(name, key.role, key.algorithm, digest, message)


def check_entries(published):
    roles = [digest.role for digest in published]
    if len({digest.algorithm for digest in published}) > 1:
        fail("entries of several algorithms")
    if roles != [role for role in ARTIFACT_ORDER if role in roles]:
        fail("two entries for one role, or another order of the entries")
    if "merged" not in roles:
        fail("no entry of role merged")
    if any(digest.message for digest in published) and not {"manifest", "config"} <= set(roles):
        fail("a signature without the entries of manifest and config")

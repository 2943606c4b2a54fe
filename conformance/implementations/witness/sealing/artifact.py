"""The artifact that publishes the digests of an image (spec/sealing.md, "Artifact mode")."""

from errors import Rejected
from oci import documents
from oci.layout import digest_of
from sealing.check import check_image
from sealing.json_editor import Editor, member_text, ordered_object_text, quote
from signatures import messages
from verification.artifacts import ARTIFACT_TYPE, EMPTY_BLOB, EMPTY_TYPE, SIGNATURE_TYPE
from verification.keys import ARTIFACT_ORDER, Key
from verification.published import Published


def check_roles(roles):
    if "layer" in roles:
        raise Rejected("SEAL_ROLE", "an artifact publishes no digest of a layer")  # SEAL-035


class SealingArtifact:
    """The artifact of an image: one that the layout holds, or a new one."""

    def __init__(self, selection, selected, among_several, wanted):
        checked = check_image(selection, selected, among_several)
        roles = {"manifest", "config", *wanted.roles}  # SEAL-001, SEAL-033
        published = []
        for role in ARTIFACT_ORDER:
            if role in roles:
                key = Key(role, wanted.algorithm)
                digest = checked.computed.compute(role, wanted.algorithm)
                published.append(Published(key.name, role, wanted.algorithm, digest))
        held = next((artifact for artifact in checked.artifacts if holds(artifact, published, wanted.signer)), None)
        self.is_new = held is None
        if self.is_new:
            self.text = artifact_text(published, wanted.signer, selected.descriptor)
            self.digest = digest_of(self.text)
        else:
            self.text, self.digest = held.text, held.digest


def holds(artifact, published, signer):
    """SEAL-037: whether an artifact publishes exactly these digests, signed as the request asks."""
    if {(held.name, held.digest) for held in artifact.published} != {(new.name, new.digest) for new in published}:
        return False
    return signer is None or all(
        held.signature and held.signature.is_by(signer.certificate, held.signed_data, held.hash_name)
        for held in artifact.published
    )


def descriptor_members(media_type, digest, size):
    return {"mediaType": quote(media_type), "digest": quote(digest), "size": str(size)}


def descriptor_of(media_type, blob):
    return descriptor_members(media_type, digest_of(blob), len(blob))


def artifact_text(published, signer, subject):
    """SEAL-029 to SEAL-034."""
    subject_members = descriptor_members(subject["mediaType"], subject["digest"], subject["size"].whole())
    text = ordered_object_text(
        schemaVersion="2",
        mediaType=quote(documents.OCI_MANIFEST),
        artifactType=quote(ARTIFACT_TYPE),
        config=ordered_object_text(**descriptor_of(EMPTY_TYPE, EMPTY_BLOB)),
        layers="[" + ",".join(entry_text(digest, signer) for digest in published) + "]",
        subject=ordered_object_text(**subject_members),
    )
    return text.encode()


def entry_text(published, signer):
    annotations = "{" + member_text(published.name, quote(published.digest)) + "}"
    if signer is None:
        descriptor = descriptor_of(EMPTY_TYPE, EMPTY_BLOB)  # SEAL-031
    else:
        message = messages.sign(signer, published.signed_data, published.hash_name)
        descriptor = descriptor_of(SIGNATURE_TYPE, message)  # SEAL-032, SEAL-042
    return ordered_object_text(**descriptor, annotations=annotations)


def index_with(layout, artifacts):
    """SEAL-036: index.json with the descriptors of new artifacts."""
    editor = Editor(layout.index_text)
    added = ""
    for artifact in artifacts:
        if artifact.is_new:
            descriptor = descriptor_of(documents.OCI_MANIFEST, artifact.text)
            added += "," + ordered_object_text(**descriptor, artifactType=quote(ARTIFACT_TYPE))
    if added:
        editor.insert(editor.root.get("manifests").items[-1].end, added)
    return documents.check_length(editor.result())

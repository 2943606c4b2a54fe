"""The manifest of an image that is sealed inline (spec/sealing.md, "Inline mode")."""

from errors import Rejected
from oci import documents
from sealing.check import check_image
from sealing.conversion import converted_config_type, converted_type
from sealing.json_editor import Editor, quote
from signatures import messages
from verification.keys import Key
from verification.published import Published


class SealedManifest:
    """The new text of a manifest, and the numbers of the layers that are left out of it (SEAL-007)."""

    def __init__(self, selection, selected, among_several, wanted, replace, convert):
        self.wanted = wanted
        self.checked = check_image(selection, selected, among_several, replace)
        self.left_out = []
        manifest_type = self.checked.image.descriptor["mediaType"]
        if manifest_type == documents.DOCKER_MANIFEST and not convert:
            raise Rejected("SEAL_DOCKER", "a Docker manifest, and the request does not convert it")  # SEAL-027
        self.text = documents.check_length(self.seal(manifest_type, convert))

    def seal(self, manifest_type, convert):
        """SEAL-001, SEAL-016, SEAL-028."""
        editor = Editor(self.checked.manifest_text)
        root, config, layers = editor.root, editor.root.get("config"), editor.root.get("layers")
        of_manifest = {}
        for role in self.wanted.roles:
            if role != "layer":
                of_manifest |= self.annotations(role)
        editor.change(root, converted_type(root) if convert else {}, of_manifest)
        config_type = converted_config_type(config, manifest_type) if convert else {}
        editor.change(config, config_type, self.annotations("config"))
        for number, layer in enumerate(layers.items):
            annotations = self.annotations("layer", number) if "layer" in self.wanted.roles else {}
            editor.change(layer, converted_type(layer) if convert else {}, annotations)
        return editor.result()

    def annotations(self, role, layer=None):
        """The keys of a digest and of its signature; none for a layer that is left out (SEAL-006)."""
        key = Key(role, self.wanted.algorithm)
        digest = self.checked.computed.compute(role, key.algorithm, layer=layer)
        if digest is None:
            self.left_out.append(layer)
            return {}
        annotations = {key.name: quote(digest)}
        if self.wanted.signer:
            message = self.signature(Published(key.name, role, key.algorithm, digest, layer=layer))
            annotations[key.signature_name] = quote(messages.encode_base64(message))
        return annotations

    def signature(self, wanted):
        """SEAL-042, SEAL-044, SEAL-045: the message that exists, or a new one."""
        signer = self.wanted.signer
        for held in self.checked.inline:
            if (held.name, held.layer) == (wanted.name, wanted.layer) and held.message:
                if not held.signature.is_by(signer.certificate, wanted.signed_data, wanted.hash_name):
                    raise Rejected("SEAL_SIGNED", f"{wanted.name} has a different signature")
                return held.message
        return messages.sign(signer, wanted.signed_data, wanted.hash_name)

"""Removing what a manifest publishes (spec/sealing.md, "Replacement of published digests")."""

from sealing.json_editor import Editor
from verification.keys import KNOWN_KEYS, is_case_variant
from verification.published import OLDER_ANNOTATION


def is_replaced(name):
    """SEAL-025."""
    return name in KNOWN_KEYS or is_case_variant(name) or name == OLDER_ANNOTATION


def without_published(manifest_text):
    """A manifest without its published digests and signatures."""
    editor = Editor(manifest_text)
    root = editor.root
    layers = root.get("layers")
    for carrier in (root, root.get("config"), root.get("subject"), *(layers.items if layers else ())):
        annotations = carrier and carrier.get("annotations")
        if annotations:
            editor.remove_members(annotations, is_replaced)
    return editor.result()

"""The indexes that lead to sealed manifests (SEAL-017, SEAL-018, SEAL-022, SEAL-023, SEAL-028)."""

from errors import Rejected
from oci import documents
from oci.layout import digest_of
from oci.selection import INDEX_DEPTH, TAG, is_image, tag_of
from sealing.conversion import converted_type
from sealing.json_editor import Editor, quote
from signatures.messages import encode_base64


class IndexChanges:
    """`sealed` gives the new text of a manifest by the digest that leads to the former one."""

    def __init__(self, layout, sealed, convert):
        self.layout = layout
        self.sealed = sealed
        self.convert = convert

    def change_index(self, text, entries, depth, changed_entries=None):
        """The new text of an index; `changed_entries` are the only ones to change, if not all."""
        editor = Editor(text)
        leads = False
        for number, entry in enumerate(entries):
            if changed_entries is None or any(entry is changed for changed in changed_entries):
                leads = self.change_entry(editor, editor.root.get("manifests").items[number], entry, depth) or leads
        if leads and self.convert:
            editor.change(editor.root, converted_type(editor.root), {})
        return documents.check_length(editor.result()), leads

    def change_entry(self, editor, node, entry, depth, annotations=None):
        """Changes an entry that leads to a sealed manifest; returns whether it does."""
        new_blob = self.new_blob(entry, depth)
        members = {}
        if new_blob is not None:
            members = converted_type(node) if self.convert else {}
            if digest_of(new_blob, entry["digest"]) != entry["digest"]:
                members |= self.new_members(node, entry, new_blob)
        editor.change(node, members, annotations or {})
        return new_blob is not None

    def new_members(self, node, entry, new_blob):
        members = {"size": str(len(new_blob)), "digest": quote(digest_of(new_blob, entry["digest"]))}
        if node.get("data") is not None:
            members["data"] = quote(encode_base64(new_blob))  # SEAL-018
        return members

    def new_blob(self, entry, depth):
        """The manifest or the index that an entry leads to from now on, or None if it leads to no sealed manifest."""
        if entry["mediaType"] in documents.INDEX_TYPES and depth < INDEX_DEPTH:
            text = self.layout.blob(entry)
            entries = self.layout.index_at(entry)["manifests"] or []
            new_text, leads = self.change_index(text, entries, depth + 1)
            return new_text if leads else None
        return self.sealed.get(entry["digest"]) if is_image(entry) else None

    def index_json(self, selection):
        """SEAL-017: in index.json only entries from which the selection starts."""
        entries = self.layout.index["manifests"]
        return self.change_index(self.layout.index_text, entries, 0, selection.top_entries())[0]

    def index_json_with_tag(self, images, tag):
        """SEAL-022, SEAL-023: index.json with a copy of the selected entry under another tag."""
        selected = {id(top): top for image in images for top in (listed.top for listed in image.entries)}
        entries = self.layout.index["manifests"]
        tagged = [number for number, entry in enumerate(entries) if tag_of(entry) == tag]
        if len(selected) > 1 or len(tagged) > 1:
            raise Rejected("IMAGE_AMBIGUOUS", "several entries are selected or have the tag")
        editor = Editor(self.layout.index_text)
        nodes = editor.root.get("manifests").items
        (entry,) = selected.values()
        number = next(number for number, other in enumerate(entries) if other is entry)
        copy = Editor(nodes[number].source.encode())
        self.change_entry(copy, copy.root, entry, 0, {TAG: quote(tag)})
        copied = copy.result().decode()
        if tagged:
            editor.replace(nodes[tagged[0]], copied)
        else:
            editor.insert(nodes[-1].end, "," + copied)
        if self.convert:
            editor.change(editor.root, converted_type(editor.root), {})
        return documents.check_length(editor.result())


def needs_copy(images, tag):
    """SEAL-022: whether a selected entry of index.json does not have the tag."""
    return tag is not None and any(tag_of(listed.top) != tag for image in images for listed in image.entries)

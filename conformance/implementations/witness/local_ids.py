"""The local ids of containers/storage (spec/chunked.md, "Local ids")."""

import hashlib

TOC_PREFIX = "toc="


def digits_of(digest):
    return digest.partition(":")[2]


def table_of(layer):
    """The digest of the table of contents by which a layer is identified, or None."""
    return layer.removeprefix(TOC_PREFIX) if layer.startswith(TOC_PREFIX) else None


def image_id(config, layers, formula):
    """TOC-050."""
    tables = [table_of(layer) for layer in layers]
    if not any(tables):
        return digits_of(config)
    parts = [digits_of(config)] if formula == "with-config" else []
    return sha256("@With TOC:" + "".join(part + "|" for part in parts + [table or "" for table in tables]))


def layer_ids(layers):
    """TOC-051."""
    ids = []
    for layer in layers:
        table = table_of(layer)
        component = "@TOC=" + digits_of(table) if table else digits_of(layer)
        if not ids and not table:
            ids.append(component)
        else:
            ids.append(sha256((ids[-1] if ids else "") + "+" + component))
    return ids


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()

"""The image of a store, as it was published (STORE-050 to STORE-057)."""

from errors import Rejected
from oci.layout import DIGEST, digest_of
from store.names import check_name, name_path, named_manifest, stream_path
from store.repository import diff_ids, is_compressed


def damaged(what):
    raise Rejected("STORE_DAMAGED", f"{what} is missing or damaged")


def find_manifest(repository, params):
    """STORE-057: the digest of the manifest that a request names; with a name, the manifest itself can be missing."""
    if "manifestDigest" in params:
        digest = params["manifestDigest"]
        if DIGEST.fullmatch(digest) is None or repository.files.link(stream_path("manifest", digest)) is None:
            raise Rejected("STORE_UNKNOWN", "no manifest with the digest")
        return digest
    path = name_path(check_name(params["name"]))
    digest = named_manifest(path, repository.files.link(path) or "")
    if digest is None:
        raise Rejected("STORE_UNKNOWN", "no image with the name")
    return digest


def kept_blobs(repository, manifest, layer_ids):
    """STORE-054: the layers that can be returned as they were published, with what is returned."""
    kept = {}
    for number, (layer, diff_id) in enumerate(zip(manifest["layers"] or [], layer_ids)):
        if not is_compressed(layer):
            kept[number] = ("layer", diff_id)
        elif repository.linked(stream_path("blob", layer["digest"])) is not None:
            kept[number] = ("blob", layer["digest"])
    return kept


def export(repository, params):
    """The manifest digest, the kept blobs and the files of an image (STORE-055)."""
    digest = find_manifest(repository, params)
    found = repository.manifest(digest)
    if found is None:
        damaged("the manifest")
    text, manifest = found
    config = repository.config(manifest["config"]["digest"])
    if config is None or len(diff_ids(config[1])) != len(manifest["layers"] or []):
        damaged("the config")
    files = {"manifest": text, "config": config[0]}
    layer_ids = diff_ids(config[1])
    kept = kept_blobs(repository, manifest, layer_ids)
    if "layout" in params:
        if len(kept) < len(layer_ids):
            raise Rejected("STORE_BLOB", "the blob of a layer is not kept")
        for number, layer in enumerate(manifest["layers"] or []):
            kind, content_digest = kept[number]
            blob = repository.verified(kind, content_digest)
            if blob is None or digest_of(blob, layer["digest"]) != layer["digest"]:
                damaged(layer["digest"])
            files[f"blob-{number}"] = blob
    for number, diff_id in enumerate(layer_ids):
        archive = repository.verified("layer", diff_id)
        if archive is None:
            damaged(f"layer {number}")
        files[f"layer-{number}"] = archive
    return digest, sorted(kept), files

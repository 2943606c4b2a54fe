"""The image of a store, as it was published (STORE-050 to STORE-057)."""

from decompression import compression_of
from errors import Rejected
from oci.layout import DIGEST, digest_of
from store.names import check_name, name_path, stream_path, up
from store.repository import diff_ids


def damaged(what):
    raise Rejected("STORE_DAMAGED", f"{what} is missing or damaged")


def find_manifest(repository, params):
    """The digest of the manifest that a request names."""
    if "manifestDigest" in params:
        digest = params["manifestDigest"]
    else:
        path = name_path(check_name(params["name"]))
        target = repository.files.link(path)
        prefix = up(path, "streams") + "oci-manifest-"
        if target is None or not target.startswith(prefix):
            raise Rejected("STORE_UNKNOWN", "no image with the name")
        digest = target.removeprefix(prefix)
        if repository.files.link(stream_path("manifest", digest)) is None:
            damaged("the manifest")
    if DIGEST.fullmatch(digest) is None or repository.files.link(stream_path("manifest", digest)) is None:
        raise Rejected("STORE_UNKNOWN", "no image with the manifest digest")
    return digest


def kept_blobs(repository, manifest_digest, manifest, layer_ids):
    """STORE-054: the layers that can be returned as they were published, with what is returned."""
    references = repository.linked_stream("manifest", manifest_digest).references()
    kept = {}
    for number, (layer, diff_id) in enumerate(zip(manifest["layers"] or [], layer_ids)):
        digest = layer["digest"]
        if digest == diff_id or compression_of(layer["mediaType"]) == "none":
            kept[number] = ("layer", diff_id)
        elif digest in references and repository.linked(stream_path("blob", digest)) is not None:
            kept[number] = ("blob", digest)
    return kept


def export(repository, params):
    """The manifest digest, the kept blobs and the files of an image."""
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
    kept = kept_blobs(repository, digest, manifest, layer_ids)
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
        files[f"layer-{number}"] = repository.verified("layer", diff_id) or damaged(f"layer {number}")
    return digest, sorted(kept), files

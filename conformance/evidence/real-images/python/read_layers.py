"""read_layers.py LAYOUT TAG OUT: reads the layers of an image with Python's tarfile, and merges them in memory.

Writes the dumpfile of each view into the folder OUT. It reads only ordinary images, and fails on anything unknown.
"""

import gzip
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from copy import copy

from tree import Inode, dumpfile

TYPES = {
    tarfile.REGTYPE: stat.S_IFREG,
    tarfile.AREGTYPE: stat.S_IFREG,
    tarfile.CONTTYPE: stat.S_IFREG,
    tarfile.SYMTYPE: stat.S_IFLNK,
    tarfile.CHRTYPE: stat.S_IFCHR,
    tarfile.BLKTYPE: stat.S_IFBLK,
    tarfile.DIRTYPE: stat.S_IFDIR,
    tarfile.FIFOTYPE: stat.S_IFIFO,
}
XATTR = "SCHILY.xattr."
WHITEOUT = b".wh."
OPAQUE = b".wh..wh..opq"
RESERVED = b".wh..wh."
# The whole content of the files below this folder is kept.
POLICIES = [b"etc", b"selinux"]
# The views to write: file name, xattrs that the OCI transforms keep (None: no transforms at all), algorithm.
CAPABILITY = b"security.capability"
VIEWS = (
    ("none-sha256.dump", None, "sha256"),
    ("allowlist-only-sha256.dump", lambda name: name == CAPABILITY, "sha256"),
    ("allowlist-only-sha512.dump", lambda name: name == CAPABILITY, "sha512"),
    ("keep-user-xattrs-sha256.dump", lambda name: name == CAPABILITY or name.startswith(b"user."), "sha256"),
)


def directory():
    return Inode(stat.S_IFDIR | 0o755)


def text(value):
    """The bytes of a string that tarfile decoded."""
    return value.encode("utf-8", "surrogateescape")


def parts_of(name):
    parts = [part for part in text(name).split(b"/") if part not in (b"", b".")]
    if b".." in parts:
        raise ValueError(f"path with '..': {name!r}")
    return parts


def mtime_of(member):
    """The mtime, from the PAX record: tarfile converts a time with a fraction to a float, which loses digits."""
    seconds, _, fraction = member.pax_headers.get("mtime", str(member.mtime)).partition(".")
    return int(seconds), int(fraction[:9].ljust(9, "0"))


def inode_of(member, archive, parts):
    xattrs = {text(k[len(XATTR) :]): text(v) for k, v in member.pax_headers.items() if k.startswith(XATTR)}
    mode = TYPES[member.type] | member.mode & 0o7777
    inode = Inode(mode, member.uid, member.gid, mtime_of(member), xattrs)
    if member.isdev() and not member.isfifo():
        inode.rdev = os.makedev(member.devmajor, member.devminor)
    if member.issym():
        inode.target = text(member.linkname)
    if member.isreg():
        stream = archive.extractfile(member)
        if parts[: len(POLICIES)] == POLICIES:
            inode.policy = stream.read()
            stream = io.BytesIO(inode.policy)
        inode.read(stream, member.size)
    return inode


def entries_of(stream):
    """(path, inode, path of the target of a hard link) of each entry."""
    with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
        for member in archive:
            # Otherwise tarfile keeps all headers in memory.
            archive.members = []
            parts = parts_of(member.name)
            if member.islnk():
                yield parts, None, parts_of(member.linkname)
            else:
                yield parts, inode_of(member, archive, parts), None


def find(top, parts):
    """The inode at a path, or None."""
    inode = top
    for name in parts:
        inode = inode.children.get(name) if inode.is_directory else None
        if inode is None:
            return None
    return inode


def is_marker(parts):
    return parts != [] and parts[-1].startswith(WHITEOUT)


def apply_markers(top, markers):
    deleted = []
    for *above, name in markers:
        inode = find(top, above)
        if inode is None or not inode.is_directory:
            continue
        if name == OPAQUE:
            deleted += [(inode, child) for child in inode.children]
        elif not name.startswith(RESERVED):
            deleted.append((inode, name[len(WHITEOUT) :]))
    for inode, name in deleted:
        inode.children.pop(name, None)


def apply_entry(top, parts, inode, link):
    if parts == []:
        return
    *above, name = parts
    folder = top
    for step in above:
        folder = folder.children.setdefault(step, directory())
        if not folder.is_directory:
            raise ValueError(f"{parts}: a parent is not a directory")
    if link is not None:
        inode = find(top, link)
        if inode is None or inode.is_directory:
            raise ValueError(f"{parts} is a hard link to {link}, which does not exist or is a directory")
    old = folder.children.get(name)
    if inode.is_directory and old is not None and old.is_directory:
        inode.children = old.children
    folder.children[name] = inode


def apply_layer(top, stream):
    entries = list(entries_of(stream))
    apply_markers(top, [parts for parts, _, _ in entries if is_marker(parts)])
    for parts, inode, link in entries:
        if not is_marker(parts):
            apply_entry(top, parts, inode, link)


def transformed(inode, keeps, copies):
    """The same tree without the xattrs that are not kept."""
    if id(inode) not in copies:
        made = copies[id(inode)] = copy(inode)
        made.xattrs = {name: value for name, value in inode.xattrs.items() if keeps(name)}
        if inode.is_directory:
            made.children = {name: transformed(child, keeps, copies) for name, child in inode.children.items()}
    return copies[id(inode)]


def view(top, keeps):
    if keeps is None:
        return top
    result = copy(top)
    result.children = dict(top.children)
    usr, run = result.children.get(b"usr"), result.children.get(b"run")
    if usr is not None and usr.is_directory:
        result.mode, result.uid, result.gid = usr.mode, usr.uid, usr.gid
        result.mtime, result.xattrs = usr.mtime, usr.xattrs
    if run is not None and run.is_directory:
        emptied = result.children[b"run"] = copy(run)
        emptied.children, emptied.mtime = {}, result.mtime
    return transformed(result, keeps, {})


def blob(layout, descriptor):
    return os.path.join(layout, "blobs", *descriptor["digest"].split(":"))


def document(layout, descriptor):
    with open(blob(layout, descriptor), encoding="utf-8") as stream:
        return json.load(stream)


def image_of(layout, tag):
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as stream:
        manifests = json.load(stream)["manifests"]
    wanted = [m for m in manifests if m["annotations"]["org.opencontainers.image.ref.name"] == tag]
    [descriptor] = wanted
    return document(layout, descriptor)


def merged(layers):
    """The tree of (path, media type) of layers, the base first."""
    top = directory()
    for path, media_type in layers:
        kind = media_type.removeprefix("application/vnd.oci.image.layer.v1.")
        if kind == "tar+zstd":
            with subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE) as zstd:
                apply_layer(top, zstd.stdout)
        else:
            with {"tar": open, "tar+gzip": gzip.open}[kind](path, "rb") as stream:
                apply_layer(top, stream)
    return top


def main(layout, tag, out):
    layers = image_of(layout, tag)["layers"]
    top = merged([(blob(layout, layer), layer["mediaType"]) for layer in layers])
    for name, keeps, algorithm in VIEWS:
        with open(os.path.join(out, name), "x", encoding="ascii", newline="\n") as file:
            file.writelines(dumpfile(view(top, keeps), algorithm))


if __name__ == "__main__":
    main(*sys.argv[1:])

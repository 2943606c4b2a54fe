"""label_layers.py LOOKUP OUT [LAYER MEDIA_TYPE]...: the tree of a bootable image, with labels looked up by libselinux.

It merges the layers as read_layers.py does, and asks LOOKUP (look_up_labels.c) for the label of each path. Writes the
files of the policy, and the dumpfile of each algorithm, into the folder OUT. If LOOKUP is "-", it writes only the files
of the policy. It reads only ordinary images with a policy, and fails on anything unknown.
"""

import os
import re
import stat
import subprocess
import sys
from copy import copy

from read_layers import CAPABILITY, find, merged, view
from tree import dumpfile, walk

LABEL = b"security.selinux"
LETTERS = {
    stat.S_IFREG: b"-",
    stat.S_IFDIR: b"d",
    stat.S_IFLNK: b"l",
    stat.S_IFCHR: b"c",
    stat.S_IFBLK: b"b",
    stat.S_IFIFO: b"p",
}


def content(top, path):
    """The content of a regular file, or None if nothing exists there."""
    inode = find(top, path.encode().split(b"/"))
    if inode is not None and inode.policy is None:
        raise ValueError(f"/{path} is not a file with known content")
    return inode and inode.policy


def write_policy(top, folder):
    """Writes the files of the policy that the config names. Returns the path of the main one."""
    config = content(top, "etc/selinux/config")
    [name] = re.findall(rb"^\s*SELINUXTYPE=\s*(\S+)\s*$", config, re.MULTILINE | re.IGNORECASE)
    os.mkdir(folder)
    for suffix in ("", ".local", ".homedirs", ".subs", ".subs_dist"):
        data = content(top, f"etc/selinux/{name.decode()}/contexts/files/file_contexts{suffix}")
        if data is not None:
            with open(os.path.join(folder, f"file_contexts{suffix}"), "xb") as file:
                file.write(data)
    return os.path.join(folder, "file_contexts")


def bootable(top):
    """The tree with the attributes that the standard keeps, and with /run, /boot and /sysroot emptied."""
    result = view(top, lambda name: name == CAPABILITY)
    for name in (b"boot", b"sysroot"):
        old = result.children.get(name)
        if old is not None and old.is_directory:
            emptied = result.children[name] = copy(old)
            emptied.children, emptied.mtime = {}, result.mtime
    return result


def look_up(lookup, contexts, top):
    """The label of each path, or None."""
    inodes = list(walk(top, b""))
    records = b"".join(LETTERS[stat.S_IFMT(inode.mode)] + (path or b"/") + b"\0" for path, inode in inodes)
    lines = subprocess.run([lookup, contexts], input=records, stdout=subprocess.PIPE, check=True).stdout.split(b"\n")
    labels = {}
    for (path, _), line in zip(inodes, lines[:-1], strict=True):
        if line[:1] not in (b"=", b"-"):
            raise ValueError(f"{path!r}: {line!r}")
        labels[path] = line[1:] if line[:1] == b"=" else None
    return labels


def labelled(top, labels):
    """The tree with labels. A name of a file gets an inode of its own if its label is not that of the first name."""
    first = {}

    def visit(inode, path):
        label = labels[path]
        known, known_label = first.get(id(inode), (None, None))
        if known is not None and known_label == label:
            return known
        made = copy(inode)
        made.xattrs = {**inode.xattrs, **({} if label is None else {LABEL: label})}
        if known is None:
            first[id(inode)] = (made, label)
        if inode.is_directory:
            made.children = {name: visit(child, path + b"/" + name) for name, child in sorted(inode.children.items())}
        return made

    return visit(top, b"")


def main(lookup, out, *layers):
    top = merged(zip(layers[::2], layers[1::2]))
    contexts = write_policy(top, os.path.join(out, "policy"))
    if lookup == "-":
        return
    tree = bootable(top)
    tree = labelled(tree, look_up(lookup, contexts, tree))
    for algorithm in ("sha256", "sha512"):
        with open(os.path.join(out, f"bootable-{algorithm}.dump"), "x", encoding="ascii", newline="\n") as file:
            file.writelines(dumpfile(tree, algorithm))


main(*sys.argv[1:])

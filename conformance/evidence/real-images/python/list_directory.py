"""list_directory.py DIRECTORY: prints the dumpfile of a directory on disk, with SHA-256 digests."""

import os
import stat
import sys

from tree import Inode, dumpfile

# This label is set by the machine that runs this script, not by the image.
HOST = b"security.selinux"


def inode_at(path, known):
    status = os.lstat(path)
    if status.st_ino in known:
        return known[status.st_ino]
    inode = Inode(status.st_mode, status.st_uid, status.st_gid, divmod(status.st_mtime_ns, 10**9))
    for name in map(os.fsencode, os.listxattr(path, follow_symlinks=False)):
        if name != HOST:
            inode.xattrs[name] = os.getxattr(path, name, follow_symlinks=False)
    if inode.is_directory:
        for name in os.listdir(path):
            inode.children[name] = inode_at(path + b"/" + name, known)
        return inode
    known[status.st_ino] = inode
    if stat.S_ISLNK(status.st_mode):
        inode.target = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        with open(path, "rb") as stream:
            inode.read(stream, status.st_size)
    elif stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        inode.rdev = status.st_rdev
    return inode


sys.stdout.reconfigure(encoding="ascii", newline="\n")
sys.stdout.writelines(dumpfile(inode_at(os.fsencode(sys.argv[1]), {}), "sha256"))

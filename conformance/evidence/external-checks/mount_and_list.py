"""Mounts EROFS images, one after the other, and prints the listing that the kernel shows of each.

stdin is one JSON text: {"images": [{"path", "below": [path]}], "folder", "loop": bool}. `below` are files to create in
a layer below the image, in another overlayfs. `folder` is an empty folder for mount points; with `loop` a loop device
is used even if the kernel can mount files.

stdout is one line of JSON for each image: {"how", "entries", "overlay": {"entries", "below"}}, where `below` lists the
files that are still visible; or {"error"}; or {"unavailable"} if this machine cannot mount any image.

Bytes are strings of one character per byte, and numbers that can be large are strings. `links` is the first path with
the same inode, so that inode numbers do not matter. Run it with `unshare --mount`: all mounts end with the namespace.
The guest of `npm run kernel` imports it.
"""

import ctypes
import errno
import fcntl
import json
import os
import stat
import struct
import sys

MS_RDONLY = 1
LOOP_CTL_GET_FREE = 0x4C82
LOOP_CONFIGURE = 0x4C0A
# LO_FLAGS_READ_ONLY and LO_FLAGS_AUTOCLEAR
LO_FLAGS = 1 | 4
CHUNK = 4096
# The most bytes to read from a file with data: more than any file in an image has, even if its size field is wrong.
MAX_CONTENT = 1 << 16
# The most bytes of a path for one chdir.
MAX_STEP = 2048
# The options of overlayfs with which images are mounted.
COMPOSEFS = "metacopy=on,redirect_dir=on"
POINTS = ("image", "objects", "overlay", "below", "nested")
# Errors of mount(2) that do not depend on the image.
MACHINE_ERRORS = {errno.ENODEV: "the kernel does not support EROFS", errno.EPERM: "mounting is not permitted"}

libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    pass


def mount(source, target, kind, options="", flags=MS_RDONLY):
    """mount(2). Raises OSError."""
    words = [os.fsencode(word) for word in (source, target, kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), os.fsencode(options)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unmount(target):
    if libc.umount2(os.fsencode(target), 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def loop_device(path, offset=0, size=0):
    """A read-only loop device of `size` bytes of the file, or of all from `offset`: its descriptor. The kernel frees it
    when the last user closes it. Raises Unavailable."""
    try:
        with open("/dev/loop-control", "rb") as control:
            number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
        device = os.open(f"/dev/loop{number}", os.O_RDONLY)
    except OSError as error:
        raise Unavailable(f"loop devices are not available: {error.strerror}") from error
    with open(path, "rb") as file:
        information = struct.pack("=QQQQQIIII176x", 0, 0, 0, offset, size, 0, 0, 0, LO_FLAGS)
        fcntl.ioctl(device, LOOP_CONFIGURE, struct.pack("=II", file.fileno(), 0) + information + bytes(64))
    return device


def mount_image(image, target, loop, options=""):
    """Mounts the image as a file if the kernel can, otherwise through a loop device. Returns "file" or "loop"."""
    if not loop:
        try:
            mount(image, target, "erofs", options)
            return "file"
        except OSError as error:
            if error.errno in MACHINE_ERRORS:
                raise Unavailable(MACHINE_ERRORS[error.errno]) from error
            # Linux before 6.12 needs a block device.
            if error.errno != errno.ENOTBLK:
                raise
    device = loop_device(image)
    try:
        mount(f"/proc/self/fd/{device}", target, "erofs", options)
    finally:
        os.close(device)
    return "loop"


def name_of(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def text(data):
    return data.decode("latin-1")


def attributes(path):
    """Values by name; {"errno"} for a name that is listed, but cannot be read."""
    found = {}
    for name in os.listxattr(path, follow_symlinks=False):
        try:
            found[text(os.fsencode(name))] = text(os.getxattr(path, name, follow_symlinks=False))
        except OSError as error:
            found[text(os.fsencode(name))] = {"errno": name_of(error)}
    return found


def content(path, size):
    """The content, or {"hole"} if the file has no data."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if size == 0:
            return text(os.read(handle, CHUNK))
        try:
            os.lseek(handle, 0, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            beginning = os.pread(handle, CHUNK, 0)
            if beginning.count(0) != min(size, CHUNK):
                return text(beginning)
            return {"hole": True}
        return text(os.pread(handle, MAX_CONTENT, 0))
    finally:
        os.close(handle)


def enter(top, folder):
    """Changes to a folder in steps: a path in the image can be as long as the longest path that a call accepts."""
    os.chdir(top)
    step = b"."
    for name in folder.split(b"/"):
        if len(step) + len(name) > MAX_STEP:
            os.chdir(step)
            step = b"."
        step += b"/" + name
    os.chdir(step)


def entry(name, path, first, read):
    """The entry that the kernel shows for a name in the current folder; `read(path, size)` is the content of a file."""
    try:
        status = os.lstat(name)
    except OSError as error:
        return {"path": text(path), "errno": name_of(error)}
    seconds, nanoseconds = divmod(status.st_mtime_ns, 10**9)
    found = {
        "path": text(path),
        "mode": format(status.st_mode, "o"),
        "size": str(status.st_size),
        "nlink": status.st_nlink,
        "uid": status.st_uid,
        "gid": status.st_gid,
        "rdev": status.st_rdev,
        "mtime": f"{seconds}.{nanoseconds}",
        "links": text(first.setdefault(status.st_ino, path)),
        "xattrs": attributes(name),
    }
    if stat.S_ISLNK(status.st_mode):
        found["target"] = text(os.readlink(name))
    if stat.S_ISDIR(status.st_mode):
        with os.scandir(name) as listed:
            found["names"] = [text(item.name) for item in listed]
    if stat.S_ISREG(status.st_mode) and read is not None:
        try:
            found["content"] = read(name, status.st_size)
        except OSError as error:
            found["content"] = {"errno": name_of(error)}
    return found


def list_tree(top, read=None):
    """All entries, a directory before its children, in the order of the kernel, with the contents that `read` returns."""
    first = {}
    entries = []
    waiting = [b"/"]
    try:
        while waiting:
            path = waiting.pop()
            folder, name = path.rsplit(b"/", 1)
            enter(top, folder)
            # scandir returns names as bytes only if its argument is bytes.
            found = entry(name or b".", path, first, read)
            entries.append(found)
            names = [item.encode("latin-1") for item in found.get("names", [])]
            waiting.extend(path.rstrip(b"/") + b"/" + item for item in reversed(names))
    finally:
        os.chdir("/")
    return entries


def mount_overlay(lower, target, options=COMPOSEFS):
    """Mounts overlayfs without an upper layer; `lower` is the value of the option lowerdir."""
    options = f"{options},lowerdir={lower}"
    try:
        mount("overlay", target, "overlay", options)
    except OSError as error:
        raise Unavailable(f"overlayfs cannot be mounted with {options}: {error.strerror}") from error


def list_overlay(below, points):
    """The entries that overlayfs shows for the mounted image, and the visible files of a layer below it."""
    try:
        mount_overlay(f"{points['image']}::{points['objects']}", points["overlay"])
    except Unavailable as error:
        return {"unavailable": str(error)}
    try:
        found = {"entries": list_tree(os.fsencode(points["overlay"]))}
        if below:
            found["below"] = visible_below(below, points)
        return found
    finally:
        unmount(points["overlay"])


def visible_below(below, points, options=COMPOSEFS):
    """The files of a layer below the image that are visible through it in another overlayfs."""
    mount("tmpfs", points["below"], "tmpfs", flags=0)
    try:
        for path in below:
            full = os.fsencode(points["below"]) + path.encode("latin-1")
            os.makedirs(os.path.dirname(full), exist_ok=True)
            open(full, "xb").close()
        mount_overlay(f"{points['overlay']}:{points['below']}", points["nested"], options)
        try:
            top = os.fsencode(points["nested"])
            return [path for path in below if os.path.lexists(top + path.encode("latin-1"))]
        finally:
            unmount(points["nested"])
    finally:
        unmount(points["below"])


def mount_and_list(image, loop, points):
    how = mount_image(image["path"], points["image"], loop)
    try:
        entries = list_tree(os.fsencode(points["image"]), content)
        return {"how": how, "entries": entries, "overlay": list_overlay(image["below"], points)}
    finally:
        unmount(points["image"])


def main():
    request = json.load(sys.stdin)
    points = {name: os.path.join(request["folder"], name) for name in POINTS}
    for path in points.values():
        os.mkdir(path)
    for image in request["images"]:
        try:
            found = mount_and_list(image, request["loop"], points)
        except Unavailable as error:
            found = {"unavailable": str(error)}
        except OSError as error:
            found = {"error": str(error)}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

"""Mounts EROFS images, one after the other, and prints what the kernel shows of each.

stdin is one JSON text: {"images": [{"path", "below": [path]}], "folder", "loop": bool}. `below` are files to lay under
the image with another overlayfs. `folder` is an empty one, for mount points; with `loop` a loop device is used even
where the kernel mounts files.

stdout is one line of JSON for each image: {"how", "entries", "overlay": {"entries", "below"}}, where `below` lists
what can still be seen; or {"error"}; or {"unavailable"} where this machine can not do it, whatever the image.

Bytes are text of one character a byte, and numbers that can be large are text. `links` is the first path that has the
same inode, so that no inode number matters. Run it with `unshare --mount`: no mount outlives the namespace.
"""

import ctypes
import errno
import json
import os
import stat
import subprocess
import sys

MS_RDONLY = 1
CHUNK = 4096
# Of a file with data: more than an image has, and less than a broken one says that it has.
MOST_CONTENT = 1 << 16
# Bytes of a path for one chdir.
MOST_AT_ONCE = 2048
POINTS = ("image", "objects", "overlay", "below", "nested")
# What mount(2) says where no image can be mounted, whatever is in it.
NOT_HERE = {errno.ENODEV: "the kernel has no EROFS", errno.EPERM: "mounting is not permitted"}

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


def mount_image(image, target, loop):
    """Mounts the image, as a file where the kernel can, else through a loop device. Returns which of them."""
    if not loop:
        try:
            mount(image, target, "erofs")
            return "file"
        except OSError as error:
            if error.errno in NOT_HERE:
                raise Unavailable(NOT_HERE[error.errno]) from error
            # Linux before 6.12 wants a block device.
            if error.errno != errno.ENOTBLK:
                raise
    # mount(8) frees the device with the mount, even where that ends with this process.
    command = ["mount", "-t", "erofs", "-o", "ro,loop", image, target]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        said = done.stderr.strip()
        if "loop device" in said or "unknown filesystem type" in said or "permission denied" in said:
            raise Unavailable(said)
        raise OSError(errno.EINVAL, said)
    return "loop"


def name_of(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def text(data):
    return data.decode("latin-1")


def attributes(path):
    """Name to value, or to {"errno"} where a name is listed and can not be read."""
    found = {}
    for name in os.listxattr(path, follow_symlinks=False):
        try:
            found[text(os.fsencode(name))] = text(os.getxattr(path, name, follow_symlinks=False))
        except OSError as error:
            found[text(os.fsencode(name))] = {"errno": name_of(error)}
    return found


def content(path, size):
    """The content, or {"hole"} where there is no data at all."""
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
        return text(os.pread(handle, MOST_CONTENT, 0))
    finally:
        os.close(handle)


def enter(top, folder):
    """Changes to a folder by steps, since a path below the image can be as long as the longest that a call takes."""
    os.chdir(top)
    step = b"."
    for name in folder.split(b"/"):
        if len(step) + len(name) > MOST_AT_ONCE:
            os.chdir(step)
            step = b"."
        step += b"/" + name
    os.chdir(step)


def entry(name, path, first, with_content):
    """What the kernel shows of a name in the current folder."""
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
    if stat.S_ISREG(status.st_mode) and with_content:
        try:
            found["content"] = content(name, status.st_size)
        except OSError as error:
            found["content"] = {"errno": name_of(error)}
    return found


def walk(top, with_content):
    """Every entry, a directory before what is in it, in the order in which the kernel lists them."""
    first = {}
    entries = []
    waiting = [b"/"]
    try:
        while waiting:
            path = waiting.pop()
            folder, name = path.rsplit(b"/", 1)
            enter(top, folder)
            # scandir gives names as bytes for a path of bytes only.
            found = entry(name or b".", path, first, with_content)
            entries.append(found)
            names = [item.encode("latin-1") for item in found.get("names", [])]
            waiting.extend(path.rstrip(b"/") + b"/" + item for item in reversed(names))
    finally:
        os.chdir("/")
    return entries


def mount_overlay(lower, target):
    """Mounts overlayfs without an upper layer; lower is the option of that name."""
    options = f"metacopy=on,redirect_dir=on,lowerdir={lower}"
    try:
        mount("overlay", target, "overlay", options)
    except OSError as error:
        raise Unavailable(f"overlayfs refuses {options}: {error.strerror}") from error


def overlay(below, points):
    """What overlayfs shows of the mounted image, and which files below it another overlayfs lets through."""
    try:
        mount_overlay(f"{points['image']}::{points['objects']}", points["overlay"])
    except Unavailable as error:
        return {"unavailable": str(error)}
    try:
        found = {"entries": walk(os.fsencode(points["overlay"]), False)}
        if below:
            found["below"] = nested(below, points)
        return found
    finally:
        unmount(points["overlay"])


def nested(below, points):
    """Of the files in a layer below the image, those that can still be seen."""
    mount("tmpfs", points["below"], "tmpfs", flags=0)
    try:
        for path in below:
            full = os.fsencode(points["below"]) + path.encode("latin-1")
            os.makedirs(os.path.dirname(full), exist_ok=True)
            open(full, "xb").close()
        mount_overlay(f"{points['overlay']}:{points['below']}", points["nested"])
        try:
            top = os.fsencode(points["nested"])
            return [path for path in below if os.path.lexists(top + path.encode("latin-1"))]
        finally:
            unmount(points["nested"])
    finally:
        unmount(points["below"])


def look(image, loop, points):
    how = mount_image(image["path"], points["image"], loop)
    try:
        entries = walk(os.fsencode(points["image"]), True)
        return {"how": how, "entries": entries, "overlay": overlay(image["below"], points)}
    finally:
        unmount(points["image"])


def main():
    request = json.load(sys.stdin)
    points = {name: os.path.join(request["folder"], name) for name in POINTS}
    for path in points.values():
        os.mkdir(path)
    for image in request["images"]:
        try:
            found = look(image, request["loop"], points)
        except Unavailable as error:
            found = {"unavailable": str(error)}
        except OSError as error:
            found = {"error": str(error)}
        print(json.dumps(found), flush=True)


main()

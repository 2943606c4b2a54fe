"""The jobs of the guest. Each takes a request of the host and returns what the kernel did; only the host judges it."""

import errno
import hashlib
import os

import kernel_calls
from mount_and_list import (
    COMPOSEFS,
    Unavailable,
    attributes,
    content,
    enter,
    list_tree,
    loop_device,
    mount,
    mount_image,
    mount_overlay,
    name_of,
    unmount,
    visible_below,
)
from shell import run_commands

DISK = "/disk"
DISK_DEVICE = "/dev/vda"
IMAGE = "/image"
EMPTY = "/empty"
OVERLAY = "/overlay"
STACK = "/stack"
POINTS = {"overlay": OVERLAY, "below": "/below", "nested": "/nested"}
BLOCK = 4096
LONGEST_NAME = 255


def mount_disk():
    mount(DISK_DEVICE, DISK, "ext4", flags=0)


def on_disk(path):
    return os.path.join(DISK, path)


def outcome(action, *arguments):
    """The result of a call, or the name of its error."""
    try:
        return {"ok": action(*arguments)}
    except OSError as error:
        return {"errno": name_of(error)}


def protect(request):
    """Enables fs-verity on the files below a folder. Returns the digest that the kernel measures of each."""
    measured = {}
    for folder, _, names in os.walk(on_disk(request["folder"])):
        for name in names:
            path = os.path.join(folder, name)
            kernel_calls.enable_verity(path, request["hash"], BLOCK)
            measured[os.path.relpath(path, on_disk(request["folder"]))] = kernel_calls.measure_verity(path)
    return {"measured": measured}


def measured_digest(request):
    kernel_calls.enable_verity(on_disk(request["image"]), request["hash"], request["blockSize"])
    return kernel_calls.measure_verity(on_disk(request["image"]))


def content_digest(path, _size):
    """SHA-256 of a file, in hexadecimal."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def neighbours(name):
    """Names that sort before and after `name` and are close to it."""
    yield name[:-1]
    yield name + b"\x01"
    yield name[:-1] + bytes([name[-1] - 1])
    yield name[:-1] + bytes([(name[-1] + 1) % 256])
    yield bytes([(name[0] + 1) % 256]) + name[1:]


def found_though_absent(top, entries):
    """Paths that can be looked up although the directory does not list the name: none, if lookups work."""
    found = []
    for entry in entries:
        if "names" not in entry:
            continue
        names = {name.encode("latin-1") for name in entry["names"]}
        absent = {other for name in names for other in neighbours(name)} - names - {b"", b".", b".."}
        enter(os.fsencode(top), entry["path"].encode("latin-1"))
        for name in sorted(absent):
            if len(name) > LONGEST_NAME or b"/" in name or b"\0" in name:
                continue
            status = outcome(os.lstat, name)
            if status.get("errno") != "ENOENT":
                found.append([entry["path"], name.decode("latin-1"), status.get("errno", "found")])
    os.chdir("/")
    return found


def listed(top, read):
    entries = list_tree(os.fsencode(top), read)
    return {"entries": entries, "absent": found_though_absent(top, entries)}


def image(request):
    """Measures, mounts and lists an image, and overlayfs over it with verity=require."""
    result = {}
    if "hash" in request:
        result["digest"] = outcome(measured_digest, request)
    try:
        result["how"] = mount_image(on_disk(request["image"]), IMAGE, False)
    except OSError as error:
        return {**result, "error": name_of(error)}
    try:
        result["mounted"] = outcome(listed, IMAGE, content)
        if request["overlay"]:
            result["overlay"] = overlay_listing(request)
    finally:
        unmount(IMAGE)
    return result


def overlay_listing(request):
    store = on_disk(request["store"]) if "store" in request else EMPTY
    try:
        mount_overlay(f"{IMAGE}::{store}", OVERLAY, f"{COMPOSEFS},verity=require")
    except Unavailable as error:
        return {"unavailable": str(error)}
    try:
        result = outcome(listed, OVERLAY, content_digest)
        if "below" in request and "ok" in result:
            result["ok"]["below"] = visible_below(request["below"], POINTS)
            result["ok"]["belowUser"] = visible_below(request["below"], POINTS, "userxattr")
        return result
    finally:
        unmount(OVERLAY)


def stack(request):
    """Lists an overlayfs that stacks images, each mounted over the store with verity=require."""
    mounted = []
    try:
        layers = []
        for number, path in enumerate(request["images"]):
            image, layer = (f"{STACK}/{number}{suffix}" for suffix in ("i", ""))
            for folder in (image, layer):
                os.makedirs(folder, exist_ok=True)
            mount_image(on_disk(path), image, False)
            mounted.append(image)
            mount_overlay(f"{image}::{on_disk(request['store'])}", layer, f"{COMPOSEFS},verity=require")
            mounted.append(layer)
            layers.insert(0, layer)
        # overlayfs without an upper layer needs two lower ones.
        mount_overlay(":".join(layers if len(layers) > 1 else [*layers, EMPTY]), OVERLAY, "xino=off")
        mounted.append(OVERLAY)
        return outcome(list_tree, os.fsencode(OVERLAY), content_digest)
    except Unavailable as error:
        return {"unavailable": str(error)}
    finally:
        for target in reversed(mounted):
            unmount(target)


def opened_as(user, path):
    """Opens a file in a process of a user without other groups: `ok`, or the name of the error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user["gid"])
            os.setuid(user["uid"])
            status = outcome(os.open, path, os.O_RDONLY).get("errno", "ok")
        except BaseException as error:
            status = repr(error)
        os.write(writer, status.encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as pipe:
        status = pipe.read()
    os.waitpid(child, 0)
    return status


def access_seen(top, request):
    return {
        path: {
            "xattrs": attributes(top + path),
            "opened": [opened_as(user, top + path) for user in request["users"]],
        }
        for path in request["paths"]
    }


def access(request):
    """Attributes of files, and who can open them, in an image and through overlayfs over it."""
    options = "acl" if request["withAcls"] else "noacl"
    mount_image(on_disk(request["image"]), IMAGE, False, options)
    try:
        result = {"erofs": access_seen(IMAGE, request)}
        try:
            mount_overlay(f"{IMAGE}::{on_disk(request['store'])}", OVERLAY, f"{COMPOSEFS},verity=require")
        except Unavailable as error:
            return {**result, "overlay": {"unavailable": str(error)}}
        try:
            return {**result, "overlay": access_seen(OVERLAY, request)}
        finally:
            unmount(OVERLAY)
    finally:
        unmount(IMAGE)


def read_blocks(path):
    """What reading each block of a file gives: `ok`, or the name of an error."""
    handle = os.open(path, os.O_RDONLY)
    try:
        count = -(-os.fstat(handle).st_size // BLOCK)
        blocks = []
        for number in range(count):
            read = outcome(os.pread, handle, BLOCK, number * BLOCK)
            blocks.append(read.get("errno", "ok"))
        return blocks
    finally:
        os.close(handle)


def read(request):
    """Reads a file through overlayfs: the image, the store, and the option verity are in the request."""
    store = on_disk(request["store"])
    mount_image(on_disk(request["image"]), IMAGE, False)
    try:
        try:
            mount_overlay(f"{IMAGE}::{store}", OVERLAY, f"{COMPOSEFS},verity={request['verity']}")
        except Unavailable as error:
            return {"unavailable": str(error)}
        try:
            path = OVERLAY + request["path"]
            status = outcome(os.lstat, path)
            if "errno" in status:
                return {"lookup": status["errno"]}
            blocks = outcome(read_blocks, path)
            return {"blocks": blocks["ok"]} if "ok" in blocks else {"open": blocks["errno"]}
        finally:
            unmount(OVERLAY)
    finally:
        unmount(IMAGE)


def flip(request):
    """Flips a bit at offsets of a file, on the disk below the file system. An offset can be behind the end."""
    places = [kernel_calls.place_on_disk(on_disk(request["file"]), offset) for offset in request["offsets"]]
    unmount(DISK)
    try:
        with open(DISK_DEVICE, "r+b", buffering=0) as disk:
            for place in places:
                byte = os.pread(disk.fileno(), 1, place)[0]
                os.pwrite(disk.fileno(), bytes([byte ^ 1]), place)
            os.fsync(disk.fileno())
    finally:
        mount_disk()
    return {}


def blocks(request):
    """Reads each block of a file on the disk."""
    result = outcome(read_blocks, on_disk(request["file"]))
    return {"blocks": result["ok"]} if "ok" in result else {"open": result["errno"]}


def trust(request):
    """Trusts a certificate (DER) for fs-verity signatures, and requires them from now on."""
    with open(on_disk(request["certificate"]), "rb") as file:
        certificate = file.read()
    try:
        result = outcome(kernel_calls.trust_certificate, certificate)
    except LookupError as error:
        return {"unavailable": str(error)}
    with open("/proc/sys/fs/verity/require_signatures", "w") as setting:
        setting.write("1")
    return result


def sign(request):
    """Enables fs-verity on a file with a signature."""
    with open(on_disk(request["signature"]), "rb") as file:
        signature = file.read()
    path = on_disk(request["file"])
    enabled = outcome(kernel_calls.enable_verity, path, request["hash"], BLOCK, signature)
    if "errno" in enabled:
        return {"enable": enabled["errno"]}
    return {"enable": "ok", "digest": kernel_calls.measure_verity(path)}


def disk_image(request):
    """Opens a disk image with dm-verity, reads its blocks, and mounts and lists the image in it."""
    path = on_disk(request["file"])
    data = loop_device(path, request["dataAt"], request["dataSize"])
    hashes = loop_device(path, request["dataAt"] + request["dataSize"], request["hashSize"])
    devices = [f"/dev/{os.path.basename(os.readlink(f'/proc/self/fd/{each}'))}" for each in (data, hashes)]
    try:
        device = kernel_calls.open_verity_device(*devices, request["dataSize"] // BLOCK, request["rootHash"])
    except OSError as error:
        return {"open": name_of(error)}
    finally:
        os.close(data)
        os.close(hashes)
    try:
        result = {"blocks": read_device(device, request["dataSize"] // BLOCK)}
        try:
            mount(device, IMAGE, "erofs")
        except OSError as error:
            return {**result, "mount": name_of(error)}
        try:
            return {**result, "mounted": outcome(listed, IMAGE, content)}
        finally:
            unmount(IMAGE)
    finally:
        kernel_calls.close_verity_device(device)


def read_device(device, count):
    """What reading each block of a device gives, as `read_blocks` does."""
    handle = os.open(device, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_RANDOM)
        reads = [outcome(os.pread, handle, BLOCK, number * BLOCK) for number in range(count)]
        return [each.get("errno", "ok") for each in reads]
    finally:
        os.close(handle)


def shell(request):
    return run_commands(request, on_disk(request["root"]))


JOBS = {
    "protect": protect,
    "image": image,
    "read": read,
    "stack": stack,
    "access": access,
    "shell": shell,
    "flip": flip,
    "blocks": blocks,
    "trust": trust,
    "sign": sign,
    "disk-image": disk_image,
}

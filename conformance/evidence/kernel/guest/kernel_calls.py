"""What the guest asks of the kernel beyond mounting: modules, fs-verity, keys, dm-verity, and the place of a file."""

import ctypes
import fcntl
import lzma
import os
import re
import struct

from mount_and_list import libc

SYS_INIT_MODULE = 175
SYS_ADD_KEY = 248
FS_IOC_ENABLE_VERITY = 0x40806685
FS_IOC_MEASURE_VERITY = 0xC0046686
FS_IOC_FIEMAP = 0xC020660B
DM_DEV_CREATE = 0xC138FD03
DM_DEV_REMOVE = 0xC138FD04
DM_DEV_SUSPEND = 0xC138FD06
DM_TABLE_LOAD = 0xC138FD09
DM_READONLY = 1
DM_HEADER = "=IIIIIIiIIIQ128s129s7s"
SECTOR = 512


def check(result):
    """Raises OSError if a system call failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def load_module(name, files, loaded):
    """Loads a module, after those that it names as its dependencies. A module without a file is part of the kernel."""
    name = name.replace("-", "_")
    if name in loaded or name not in files:
        return
    loaded.add(name)
    with open(files[name], "rb") as file:
        code = file.read()
    if files[name].endswith(".xz"):
        code = lzma.decompress(code)
    depends = re.search(rb"\0depends=([^\0]*)\0", code)
    for other in depends[1].decode().split(",") if depends else ():
        load_module(other, files, loaded)
    check(libc.syscall(SYS_INIT_MODULE, code, ctypes.c_ulong(len(code)), b""))


def enable_verity(path, hash_algorithm, block_size, signature=b""):
    """FS_IOC_ENABLE_VERITY. Raises OSError."""
    buffer = ctypes.create_string_buffer(signature, max(1, len(signature)))
    address = ctypes.addressof(buffer) if signature else 0
    argument = struct.pack("=IIIIQIIQ88x", 1, hash_algorithm, block_size, 0, 0, len(signature), 0, address)
    with open(path, "rb") as file:
        fcntl.ioctl(file, FS_IOC_ENABLE_VERITY, argument)


def measure_verity(path):
    """The fs-verity digest of a file, in hexadecimal. Raises OSError."""
    argument = bytearray(struct.pack("=HH64x", 0, 64))
    with open(path, "rb") as file:
        fcntl.ioctl(file, FS_IOC_MEASURE_VERITY, argument)
    return argument[4 : 4 + struct.unpack_from("=H", argument, 2)[0]].hex()


def place_on_disk(path, offset):
    """The place on the block device of the byte at `offset` of a file, also behind its end, where the hashes are."""
    argument = bytearray(struct.pack("=QQIIII56x", offset, 1, 0, 0, 1, 0))
    with open(path, "rb") as file:
        fcntl.ioctl(file, FS_IOC_FIEMAP, argument)
    if struct.unpack_from("=I", argument, 20)[0] == 0:
        raise ValueError(f"{path} has no block at {offset}")
    logical, physical = struct.unpack_from("=QQ", argument, 32)
    return physical + offset - logical


def trust_certificate(certificate):
    """Adds a certificate (DER) to the keyring .fs-verity. Raises OSError."""
    with open("/proc/keys") as keys:
        found = re.search(r"^([0-9a-f]+) .* keyring +\.fs-verity:", keys.read(), re.MULTILINE)
    if found is None:
        raise LookupError("the kernel has no keyring .fs-verity")
    size = ctypes.c_ulong(len(certificate))
    check(libc.syscall(SYS_ADD_KEY, b"asymmetric", b"", certificate, size, ctypes.c_int(int(found[1], 16))))


def device_mapper(command, name, flags=0, table=b"", targets=0):
    size = struct.calcsize(DM_HEADER)
    fields = (4, 0, 0, size + len(table), size, targets, 0, flags, 0, 0, 0, name, b"", b"")
    argument = bytearray(struct.pack(DM_HEADER, *fields) + table)
    with open("/dev/mapper/control", "rb") as control:
        fcntl.ioctl(control, command, argument)
    return os.makedev(*device_numbers(struct.unpack_from(DM_HEADER, argument)[10]))


def device_numbers(number):
    """Major and minor number of a device number as the kernel packs it."""
    return number >> 8 & 0xFFF, number & 0xFF | number >> 12 & 0xFFF00


def open_verity_device(data, hashes, block_count, root_hash):
    """Creates a dm-verity device with blocks of 4096 bytes and SHA-256. Returns its path. Raises OSError."""
    words = f"1 {data} {hashes} 4096 4096 {block_count} 1 sha256 {root_hash} -".encode()
    parameters = words + bytes(8 - len(words) % 8)
    target = struct.pack("=QQiI16s", 0, block_count * 4096 // SECTOR, 0, 40 + len(parameters), b"verity")
    device_mapper(DM_DEV_CREATE, b"image")
    try:
        device_mapper(DM_TABLE_LOAD, b"image", DM_READONLY, target + parameters, 1)
        number = device_mapper(DM_DEV_SUSPEND, b"image")
    except OSError:
        close_verity_device(None)
        raise
    os.mknod("/dev/image", 0o60400, number)
    return "/dev/image"


def close_verity_device(path):
    if path is not None:
        os.unlink(path)
    device_mapper(DM_DEV_REMOVE, b"image")

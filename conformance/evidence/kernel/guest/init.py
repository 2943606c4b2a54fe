#!/usr/bin/python3
"""The first and only process of the guest: prepares it, does the jobs that are on the disk, and turns it off.

/dev/vda is an ext4 file system with jobs.json, a list of jobs, and their files. A line of JSON for each job goes to
/dev/vdb, from its first byte on: {"kernel"} first, and then {"result", "log"}, where `log` is what the kernel logged
meanwhile; or {"failed"} if the job raised an error. A line {"end"} is the last one.
"""

import json
import os
import sys
import traceback

sys.path.insert(0, "/guest")
sys.dont_write_bytecode = True

from kernel_calls import check, load_module  # noqa: E402
from mount_and_list import libc, mount  # noqa: E402

MODULES = ("virtio_pci", "virtio_blk", "ext4", "loop", "erofs", "overlay", "dm_verity", "sha512_generic")
POWER_OFF = 0x4321FEDC


def prepare():
    """Mounts what the kernel provides, and loads the modules."""
    for source, target in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev")):
        os.makedirs(target, exist_ok=True)
        mount(source, target, source, flags=0)
    files = {}
    for folder, _, names in os.walk("/modules"):
        for name in names:
            files[name.split(".")[0].replace("-", "_")] = os.path.join(folder, name)
    loaded = set()
    for name in MODULES:
        load_module(name, files, loaded)


def read_log(log):
    """The messages of the kernel since the last call."""
    messages = []
    while True:
        try:
            record = os.read(log, 8192)
        except BlockingIOError:
            return messages
        messages.append(record.split(b";", 1)[1].split(b"\n", 1)[0].decode("latin-1"))


def run(job, jobs, log):
    try:
        answer = {"result": jobs[job["kind"]](job)}
    except Exception:
        answer = {"failed": traceback.format_exc()}
    return {**answer, "log": read_log(log)}


def main():
    prepare()
    import jobs

    for target in (jobs.DISK, jobs.IMAGE, jobs.EMPTY, *jobs.POINTS.values()):
        os.mkdir(target)
    jobs.mount_disk()
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    with open(os.path.join(jobs.DISK, "jobs.json")) as file:
        requests = json.load(file)
    with open("/dev/vdb", "r+b", buffering=0) as results:

        def write(line):
            results.write(json.dumps(line).encode() + b"\n")
            os.fsync(results.fileno())

        write({"kernel": f"{os.uname().release} {os.uname().version}"})
        for job in requests:
            write(run(job, jobs.JOBS, log))
        write({"end": True})


try:
    main()
except Exception:
    traceback.print_exc()
finally:
    os.sync()
    check(libc.reboot(POWER_OFF))

"""The job that runs commands of a shell in another root."""

import os
import signal
import subprocess

from mount_and_list import mount

MARK = "--- status "
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin", "HOME": "/root", "LC_ALL": "C"}


def run_commands(request, root):
    """Runs commands in one shell, in a folder of `root`. Returns the output of each, and its exit status."""
    for source, target in (("proc", "proc"), ("sysfs", "sys"), ("devtmpfs", "dev")):
        mount(source, os.path.join(root, target), source, flags=0)

    def enter():
        os.chroot(root)
        os.chdir(request["folder"])
        # Python ignores SIGPIPE, and its children would, too.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    report = f"status=$?; echo; echo '{MARK}'$status"
    script = "".join(f"{command}\n{report}\n" for command in request["commands"])
    shell = subprocess.run(
        ["/usr/bin/dash"],
        input=script.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=enter,
        env=ENVIRONMENT,
    )
    results = []
    lines = []
    for line in shell.stdout.decode("utf-8", "replace").split("\n"):
        if line.startswith(MARK):
            results.append({"output": "\n".join(lines).strip("\n"), "status": int(line[len(MARK) :])})
            lines = []
        else:
            lines.append(line)
    return {"results": results}

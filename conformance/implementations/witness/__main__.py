"""The adapter of the witness: answers the runner's requests, one JSON text per line (protocol/README.md).

    python3 conformance/implementations/witness

Each operation is a module of its own in operations/, which is imported with the first request for it.
"""

import importlib
import json
import os
import pathlib
import sys
import traceback

from errors import Rejected, Unsupported
from files import write_file
from request import Request

HERE = pathlib.Path(__file__).resolve().parent

# A module's name is that of its operation, with `_` instead of `.`.
MODULES = {path.stem.replace("_", "."): path.stem for path in (HERE / "operations").glob("[a-z]*.py")}

# spec/introduction.md, "Actors and conformance classes".
FEATURES = [
    "digest.sha256-12",
    "digest.sha512-12",
    "digest.sha256-16",
    "digest.sha512-16",
    "digest.salt",
    "digest.formatted",
    "compression.gzip",
    "compression.zstd",
    "format.v0",
    "format.v1",
    "format.v2",
    "limits.expansion",
    "toc.zstd-chunked",
    "store.repository",
    "store.blobs",
    "role.layer",
    "role.merged.bootable",
    "xattrs.keep-user-xattrs",
]

HELLO = {
    "type": "hello",
    "protocol": 1,
    "implementation": {"name": "witness", "version": "1.0.0", "language": "Python"},
    "specVersions": ["1.0"],
    "operations": sorted(MODULES),
    "features": FEATURES,
}


def main():
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["type"] == "hello":
            send(HELLO)
        elif message["type"] == "run":
            send({"type": "done", "id": message["id"], **outcome(message)})
        elif message["type"] == "bye":
            return


def send(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def outcome(message):
    """The members of an answer: a result, a rejection, or why there is neither."""
    try:
        answer = answer_to(message)
        for name, data in answer.files.items():
            write_file(os.path.join(message["outDir"], name), data)
    except Rejected as rejection:
        return {
            "status": "rejected",
            "stage": rejection.stage,
            "reason": rejection.code,
            "message": rejection.message,
        }
    except Unsupported as missing:
        return {"status": "unsupported", "feature": str(missing)}
    except Exception as error:  # Not the fault of the input: the runner counts it as a failure of the witness.
        traceback.print_exc()
        return {"status": "error", "message": f"{type(error).__name__}: {error}"[:2000]}
    return {"status": "ok", "values": answer.values, "files": {name: name for name in answer.files}}


def answer_to(message):
    if message["op"] not in MODULES:
        raise Unsupported(message["op"])
    operation = importlib.import_module(f"operations.{MODULES[message['op']]}")
    return operation.answer(Request(message["input"], message["params"]))


if __name__ == "__main__":
    main()

"""Runs the cases of fsverity.digest from the package with the vectors."""

import hashlib
import json
import sys

import composefs_oci_vectors

ALGORITHMS = {"fsverity-sha256-12": ("sha256", 1), "fsverity-sha512-12": ("sha512", 2)}
FEATURES = {"digest.sha256-12", "digest.sha512-12"}


def digest(name, number, data):
    """The implementation: spec/fsverity.md."""
    level, root = data, b""
    while level:
        blocks = [level[at : at + 4096].ljust(4096, b"\0") for at in range(0, len(level), 4096)]
        root = b"".join(hashlib.new(name, block).digest() for block in blocks)
        if len(blocks) == 1:
            break
        level = root
    head = bytes([1, number, 12, 0]) + bytes(4) + len(data).to_bytes(8, "little")
    return hashlib.new(name, head + root.ljust(64, b"\0") + bytes(176)).hexdigest()


def read(folder, source):
    if isinstance(source, str):
        return folder.joinpath(*source.split("/")).read_bytes()
    pattern, size = bytes.fromhex(source["generate"]["patternHex"]), source["generate"]["size"]
    return (pattern * (size // len(pattern) + 1))[:size]


def passes(folder, case):
    expect = case["expect"]
    algorithm = ALGORITHMS.get(case["params"]["algorithm"])
    if algorithm is None:
        return expect["outcome"] == "reject" and expect["reasons"] == ["REQUEST_ALGORITHM"]
    found = digest(*algorithm, read(folder, case["input"]["data"]))
    return found == expect.get("values", {}).get("digest")


vectors = composefs_oci_vectors.folder()
passed = failed = left_out = 0
for case in json.loads((vectors / "index.json").read_text())["cases"]:
    if case["op"] != "fsverity.digest":
        continue
    if not FEATURES.issuperset(case["needs"]):
        left_out += 1
    elif passes(vectors.joinpath("cases", *case["id"].split("/")), case):
        passed += 1
    else:
        failed += 1
        print("FAIL", case["id"], "-", case["title"])
print(f"{passed} passed, {failed} failed, {left_out} left out")
sys.exit(failed > 0 or passed == 0)

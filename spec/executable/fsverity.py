"""Tests the program of spec/fsverity.md with the cases of the area fsverity: python3 fsverity.py VECTORS"""

from chapters import Rejected, example, test

program = {}
exec(example("fsverity-digest"), program)
fsverity_digest = program["fsverity_digest"]
formatted_digest = program["formatted_digest"]


def answer(folder, case):
    algorithm, salt = case["params"]["algorithm"], case["params"].get("salt", "")
    try:
        digest = fsverity_digest(read(folder, case["input"]["data"]), algorithm, salt)
    except ValueError as error:
        raise Rejected(str(error)) from error
    return {"digest": digest.hex(), "formatted": formatted_digest(digest, algorithm).hex()}


def read(folder, source):
    """Bytes of an input: those of a file, or a pattern that is repeated up to a size."""
    if isinstance(source, str):
        return (folder / source).read_bytes()
    pattern, size = bytes.fromhex(source["generate"]["patternHex"]), source["generate"]["size"]
    return (pattern * (size // len(pattern) + 1))[:size]


if __name__ == "__main__":
    test("fsverity", "fsverity.digest", answer)

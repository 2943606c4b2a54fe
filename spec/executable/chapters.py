"""What the programs in this folder share: the examples of the chapters, and the cases that they are tested with."""

import json
import pathlib
import re
import sys

SPEC = pathlib.Path(__file__).resolve().parent.parent


class Rejected(Exception):
    """The input is rejected; the argument is an error code."""


class Skipped(Exception):
    """The case needs what the program does not have; the argument says what."""


def example(name):
    """Content of the fenced block under `<!-- example: NAME -->` in one of the chapters."""
    block = rf"^( *)<!-- example: {re.escape(name)} -->\n *```[a-z]+\n(.*?)^ *```$"
    for chapter in sorted(SPEC.glob("*.md")):
        found = re.search(block, chapter.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        if found is not None:
            indent, content = found.groups()
            return re.sub(f"^{indent}", "", content, flags=re.MULTILINE)
    raise LookupError(f'no chapter has an example "{name}"')


def test(area, op, answer):
    """Tests `answer` with every case of one area of the vectors, whose folder is the argument of the program.

    `answer(folder, case)` returns a dict of what comes back: values as strings, files as bytes.
    Prints one line of JSON, and ends the program: with 1 if a case failed, or if none passed.
    """
    passed, failed, skipped = 0, [], {}
    for path in sorted(pathlib.Path(sys.argv[1]).glob(f"cases/{area}/*/case.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        try:
            if case["op"] != op:
                raise Skipped(f"not a case of {op}")
            problem = compare(path.parent, case, answer)
        except Skipped as reason:
            skipped[case["id"]] = str(reason)
            continue
        if problem is None:
            passed += 1
        else:
            failed.append(f"{case['id']}: {problem}")
    print(json.dumps({"passed": passed, "failed": failed, "skipped": skipped}))
    sys.exit(1 if failed or passed == 0 else 0)


def compare(folder, case, answer):
    """What is wrong with the answer to a case, or None."""
    expected = case["expect"]
    try:
        found = answer(folder, case)
    except Rejected as rejection:
        if expected["outcome"] == "either" or str(rejection) in expected.get("reasons", []):
            return None
        return f"rejected with {rejection}, expected {expected.get('reasons', 'an answer')}"
    except Skipped:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if expected["outcome"] == "reject":
        return f"accepted, expected {expected['reasons']}"
    wanted = expected.get("ifAccept", expected)
    files = {name: (folder / path).read_bytes() for name, path in wanted.get("files", {}).items()}
    different = [name for name, value in (wanted.get("values", {}) | files).items() if found.get(name) != value]
    return f"{', '.join(different)} differs" if different else None

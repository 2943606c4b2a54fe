"""The pseudocode, tables and grammars of the chapters, which the witness runs and reads as they are in the text."""

import ast
import functools
import os
import pathlib
import re

# In the repository, this file is conformance/implementations/witness/chapters.py.
REPOSITORY = pathlib.Path(__file__).resolve().parent.joinpath("..", "..", "..")
SPEC = pathlib.Path(os.environ.get("WITNESS_SPEC", REPOSITORY / "spec"))


@functools.cache
def chapter(name):
    """The text of a chapter, for example of "merge"."""
    return (SPEC / f"{name}.md").read_text(encoding="utf-8")


@functools.cache
def example(chapter_name, name):
    """The fenced block below `<!-- example: NAME -->` in a chapter."""
    block = rf"^( *)<!-- example: {re.escape(name)} -->\n *```[a-z]+\n(.*?)^ *```$"
    found = re.search(block, chapter(chapter_name), re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f'spec/{chapter_name}.md has no example "{name}"')
    indent, content = found.groups()
    return re.sub(f"^{indent}", "", content, flags=re.MULTILINE)


def program(chapter_name, *names, **given):
    """Runs blocks of pseudocode with the functions and values that they use, and returns all that they define."""
    definitions = dict(given)
    for name in names:
        exec(compile(example(chapter_name, name), f"spec/{chapter_name}.md: {name}", "exec"), definitions)
    return definitions


def program_of_bytes(chapter_name, *names, **given):
    """The same for pseudocode whose strings are bytes: each text in quotation marks becomes bytes (TREE-001)."""
    definitions = dict(given)
    for name in names:
        tree = StringsAsBytes().visit(ast.parse(example(chapter_name, name)))
        exec(compile(ast.fix_missing_locations(tree), f"spec/{chapter_name}.md: {name}", "exec"), definitions)
    return definitions


class StringsAsBytes(ast.NodeTransformer):
    """Turns the constant "a" of a program into b"a"."""

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            return ast.copy_location(ast.Constant(node.value.encode()), node)
        return node

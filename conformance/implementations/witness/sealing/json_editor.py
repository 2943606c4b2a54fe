"""JSON documents changed as text, so that every other byte stays (SEAL-012 to SEAL-015, SEAL-026, SEAL-056)."""

import json
import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass
class Node:
    """A value and where it is in the text. An object has members, an array has items."""

    text: str
    start: int
    end: int
    members: list = field(default_factory=list)
    items: list = field(default_factory=list)

    @property
    def source(self):
        return self.text[self.start : self.end]

    @property
    def is_object(self):
        return self.text[self.start] == "{"

    @property
    def value(self):
        """The value of a string or a number."""
        return json.loads(self.source)

    def get(self, name):
        """The value of a member, or None if there is none of this name."""
        return next((member.value for member in self.members if member.name == name), None)


@dataclass
class Member:
    name: str
    start: int  # of the name
    value: Node


def parse(text):
    """The outermost value of a text that is known to be JSON."""
    root = Node(text, 0, 0)
    name = None
    around = []
    for match in TOKEN.finditer(text):
        token = match[0]
        if token in ",:":
            continue
        if token in "}]":
            around.pop().end = match.end()
            continue
        if around and around[-1].is_object and name is None:
            name = match
            continue
        node = Node(text, *match.span())
        if not around:
            root = node
        elif name is None:
            around[-1].items.append(node)
        else:
            around[-1].members.append(Member(json.loads(name[0]), name.start(), node))
            name = None
        if token in "{[":
            around.append(node)
    return root


class Editor:
    """Collects changes of a document. The new values are given as JSON text."""

    def __init__(self, data):
        self.text = data.decode("utf-8")
        self.root = parse(self.text)
        self.changes = []

    def result(self):
        pieces = []
        at = 0
        for start, end, new in sorted(self.changes):
            pieces += [self.text[at:start], new]
            at = end
        return "".join([*pieces, self.text[at:]]).encode("utf-8")

    def replace(self, node, new):
        self.changes.append((node.start, node.end, new))

    def change(self, node, members, annotations):
        """Sets members of an object and of its annotations (SEAL-016). Each object is changed once."""
        members = dict(members)
        if annotations:
            held = node.get("annotations")
            if held is not None and held.is_object:
                self.set_members(held, annotations)
            else:
                members["annotations"] = object_text(annotations)
        self.set_members(node, members)

    def set_members(self, node, members):
        """SEAL-013, SEAL-014, SEAL-056."""
        inserted = []
        for name in sorted(members, key=str.encode):
            held = node.get(name)
            if held is None:
                inserted.append(member_text(name, members[name]))
            elif held.is_object or held.value != json.loads(members[name]):
                self.replace(held, members[name])
        if not inserted:
            return
        if node.members:
            self.insert(node.members[-1].value.end, "," + ",".join(inserted))
        else:
            self.insert(node.start + 1, ",".join(inserted))

    def insert(self, at, new):
        self.changes.append((at, at, new))

    def remove_members(self, node, is_removed):
        """SEAL-026."""
        end_of_last_kept = node.start + 1
        for index, member in enumerate(node.members):
            if not is_removed(member.name):
                end_of_last_kept = member.value.end
                continue
            kept_after = [other for other in node.members[index + 1 :] if not is_removed(other.name)]
            if kept_after:
                following = node.members[index + 1]
                self.changes.append((member.start, following.start, ""))
            else:
                self.changes.append((end_of_last_kept, node.members[-1].value.end, ""))
                return


def quote(text):
    """SEAL-015: no string of a sealer has a character that needs an escape."""
    return f'"{text}"'


def member_text(name, value):
    return f"{quote(name)}:{value}"


def object_text(members):
    """An object of these members, in the bytewise order of their names (SEAL-014, SEAL-015)."""
    return "{" + ",".join(member_text(name, members[name]) for name in sorted(members, key=str.encode)) + "}"


def ordered_object_text(**members):
    """An object of members in the order in which they are given (SEAL-029, SEAL-036)."""
    return "{" + ",".join(member_text(name, value) for name, value in members.items()) + "}"

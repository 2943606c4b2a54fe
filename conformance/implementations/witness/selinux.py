"""The SELinux labels of a tree (spec/selinux.md, "Aliases" to "The labels of a tree").

The pseudocode of the chapter finds the label of a path; this module gives it the lines that can fit the path.
"""

import dataclasses

from chapters import program
from errors import Rejected
from selinux_pattern import Automaton
from selinux_policy import NO_LABEL, find_policy
from tree import join, walk

ATTRIBUTE = b"security.selinux"


def label_tree(root):
    """SELINUX-001, SELINUX-003."""
    policy = find_policy(root)
    if policy is not None:
        set_labels(root, Labels(policy))


class Lookup:
    """Which lines fit a lookup path: exact lines by their text, the others by an automaton."""

    def __init__(self, lines):
        self.exact = {}
        self.automaton = Automaton()
        for line in lines:
            if line.exact:
                self.exact.setdefault(line.text, set()).add(line)
            else:
                self.automaton.add(line.pattern, line)
        self.states = {b"": self.automaton.initial()}  # after the lookup path of each directory

    def lines_of(self, path, directory, kind):
        """The lines that match a lookup path; the directory is the lookup path of its directory."""
        known = directory if directory in self.states and path.startswith(directory) else b""
        states = self.automaton.run(self.states[known], path[len(known) :])
        if kind == "directory":
            self.states[path] = states
        return self.automaton.matching(states) | self.exact.get(path, set())


class Labels:
    """The labels of the paths of a tree, which are asked for each directory before what is in it."""

    def __init__(self, policy):
        self.policy = policy
        self.aliases = dict(policy.subs) | dict(policy.subs_dist)  # SELINUX-016
        self.lookup = Lookup(policy.main + policy.local + policy.homedirs)
        self.lookup_paths = {}  # of each directory: the walked path and the replaced path
        self.program = program(
            "selinux",
            "selinux-label",
            **{function.__name__: function for function in (self.fits, replace, label_of, reject)},
        )

    def label(self, path, kind):
        """The label of a path, or None."""
        walked, replaced = self.walked_path(path), self.replaced_path(path)
        above = self.lookup_paths.get(parent_of(path), (b"", b""))
        self.fitting = {walked: self.lookup.lines_of(walked, above[0], kind)}
        if replaced != walked:
            self.fitting[replaced] = self.lookup.lines_of(replaced, above[1], kind)
        if kind == "directory":
            self.lookup_paths[path] = walked, replaced
        self.program.update(vars(self.policy_of_path()))
        try:
            return self.program["label"](path, walked, kind)
        except Rejected as rejection:
            raise Rejected(rejection.code, self.explanation(path)) from None

    def walked_path(self, path):
        """SELINUX-016."""
        if path == b"/":
            return path
        below = join(self.lookup_paths[parent_of(path)][0], path.rpartition(b"/")[2])
        return self.aliases.get(below, below)

    def replaced_path(self, path):
        """SELINUX-017."""
        return replace(replace(path, self.policy.subs), self.policy.subs_dist)

    def policy_of_path(self):
        """The policy without the lines that match neither lookup path, which have no effect on the label."""
        matching = set().union(*self.fitting.values())
        lines = {}
        for name in ("main", "local", "homedirs"):
            lines[name] = [line for line in getattr(self.policy, name) if line in matching]
        return dataclasses.replace(self.policy, **lines)

    def fits(self, line, lookup_path, kind):
        return line.kind in (None, kind) and line in self.fitting[lookup_path]

    def explanation(self, path):
        """The path, and the lines and files that decide."""
        policy = self.policy_of_path()
        lines = [
            f"file_contexts{line.file}: {line.pattern!r} {line.label!r}"
            for line in policy.main + policy.local + policy.homedirs
        ]
        return f"{path!r}: " + "; ".join(lines)


def parent_of(path):
    return path.rpartition(b"/")[0] or b"/"


def replace(path, aliases):
    """One of the two steps of SELINUX-017."""
    for alias, target in reversed(aliases):
        if path == alias:
            return target
        if path.startswith(alias + b"/"):
            return (b"" if target == b"/" else target) + path[len(alias) :]
    return path


def label_of(line):
    """SELINUX-018."""
    return None if line is None or line.label == NO_LABEL else line.label


def reject(code):
    raise Rejected(code)


def set_labels(root, labels):
    """SELINUX-024, SELINUX-025."""
    first_label = {}
    directories = {}
    for path, inode in walk(root):
        label = labels.label(path, inode.kind)
        if inode.kind == "directory":
            directories[path] = inode
        elif inode in first_label and first_label[inode] != label:
            inode = dataclasses.replace(inode, xattrs=dict(inode.xattrs))
            directories[parent_of(path)].children[path.rpartition(b"/")[2]] = inode
        if inode not in first_label:
            first_label[inode] = label
            inode.xattrs.pop(ATTRIBUTE, None)
            if label is not None:
                inode.xattrs[ATTRIBUTE] = label

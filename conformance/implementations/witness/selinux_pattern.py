"""Patterns of an SELinux policy: their grammar (spec/selinux.md, "Patterns") and how they match.

A pattern becomes states, each of which either takes one byte of a set, or leads on without a byte. All patterns of a
policy are matched together: what is remembered is the set of states that the bytes so far lead to, so that each byte is
looked at once, whatever the patterns are (SELINUX-015, SELINUX-026).
"""

import re

from chapters import example
from errors import Rejected

NESTING_LIMIT = 50
STEP_LIMIT = 2**32
REMEMBERED_STATES = 4_000_000
ANY = frozenset(range(256))


def bytes_of_rule(rule):
    """The bytes that a rule of the grammar in the chapter allows; of `escape`, those behind the backslash."""
    text = re.search(rf"^{rule} += (.*?)$", example("selinux", "selinux-grammar"), re.MULTILINE).group(1)
    signs = re.findall(r'"(.)"', text)[1:] if rule == "escape" else []
    ranges = re.findall(r"%x(\w\w)(?:-(\w\w))?", text)
    members = {ord(sign) for sign in signs}
    for low, high in ranges:
        members.update(range(int(low, 16), int(high or low, 16) + 1))
    return frozenset(members)


LITERAL, ESCAPED, END = (bytes_of_rule(rule) for rule in ("literal", "escape", "end"))
LITERAL_START = re.compile(rb"(?:\\.|[^\\(\[.?*+])*")


def literal_start(pattern):
    """The part before the first sign that is not a literal or an escape, cut off behind the last slash."""
    start = re.sub(rb"\\(.)", rb"\1", LITERAL_START.match(pattern).group())
    return start[: start.rfind(b"/") + 1]


def exact_text(pattern):
    """What a pattern of literals and escapes without repeats matches, or None for another pattern."""
    if LITERAL_START.fullmatch(pattern):
        return re.sub(rb"\\(.)", rb"\1", pattern)
    return None


class Automaton:
    """States of several patterns: `takes` is the set of bytes of a state, or None, and `leads` the states behind it."""

    def __init__(self):
        self.takes = []
        self.leads = []
        self.starts = []
        self.lines = {}  # a last state, and the line whose pattern it ends
        self.steps = 0
        self.forget()

    def state(self, takes=None, leads=()):
        self.takes.append(takes)
        self.leads.append(list(leads))
        return len(self.takes) - 1

    def add(self, pattern, line):
        """Adds the pattern of a line, which parse_pattern has checked."""
        start, end = Parser(pattern, self).whole()
        self.starts.append(start)
        self.lines[end] = line

    def forget(self):
        self.following = {}
        self.remembered = 0

    def closure(self, states):
        """All states that these lead to without a byte, as far as they take one or are last."""
        seen = set(states)
        waiting = list(seen)
        while waiting:
            state = waiting.pop()
            if self.takes[state] is None:
                for following in self.leads[state]:
                    if following not in seen:
                        seen.add(following)
                        waiting.append(following)
        return frozenset(state for state in seen if self.takes[state] is not None or state in self.lines)

    def initial(self):
        return self.closure(self.starts)

    def run(self, states, data):
        """The states after some bytes."""
        for byte in data:
            known = self.following.get((states, byte))
            if known is None:
                takers = [state for state in states if self.takes[state] is not None]
                found = self.closure(self.leads[state][0] for state in takers if byte in self.takes[state])
                known = self.remember(states, byte, found, len(takers))
            states, steps = known
            self.steps += steps
            if self.steps > STEP_LIMIT:
                raise Rejected("TRANSFORM_LIMIT", "the labels need too much work")  # SELINUX-027
        return states

    def remember(self, states, byte, found, steps):
        self.remembered += len(found) + 1
        if self.remembered > REMEMBERED_STATES:
            self.forget()
        self.following[states, byte] = found, steps
        return found, steps

    def matching(self, states):
        """The lines whose patterns match exactly the bytes that led to these states."""
        return {self.lines[state] for state in states if state in self.lines}


class Parser:
    """Reads one pattern (SELINUX-014), and adds its states to an automaton."""

    def __init__(self, pattern, automaton):
        self.pattern = pattern
        self.automaton = automaton
        self.at = 0

    def whole(self):
        part = self.sequence(0)
        if self.at < len(self.pattern):
            self.fail("a sign that has no meaning here")
        return part

    def fail(self, reason):
        raise Rejected("TRANSFORM_SELINUX", f"pattern {self.pattern!r}, byte {self.at}: {reason}")

    def byte(self):
        """The next byte, or b"" at the end."""
        return self.pattern[self.at : self.at + 1]

    def take(self, sign):
        """Takes this byte if it is the next one."""
        if self.byte() != sign:
            return False
        self.at += 1
        return True

    def sequence(self, depth):
        """*( atom [ repeat ] ): the first and the last state."""
        start = end = self.automaton.state()
        while self.byte() not in (b"", b")", b"|"):
            first, last = self.repeat(*self.atom(depth))
            self.automaton.leads[end].append(first)
            end = last
        if (start, depth) == (end, 0):  # A last state has nothing behind it.
            end = self.automaton.state()
            self.automaton.leads[start].append(end)
        return start, end

    def repeat(self, first, last):
        sign = self.byte()
        if sign not in (b"?", b"*", b"+") or not sign:
            return first, last
        self.at += 1
        self.take(b"?")
        end = self.automaton.state()
        start = self.automaton.state(leads=[first] if sign == b"+" else [first, end])
        self.automaton.leads[last] += [end] if sign == b"?" else [first, end]
        return start, end

    def atom(self, depth):
        sign = self.byte()
        if sign == b"(":
            return self.group(depth + 1)
        if sign == b"[":
            return self.one(self.byte_class())
        if sign == b"\\":
            return self.one(self.escape())
        self.at += 1
        if sign == b".":
            return self.one(ANY)
        if sign[0] not in LITERAL:
            self.at -= 1
            self.fail("a sign that has no meaning here")
        return self.one(frozenset(sign))

    def one(self, members):
        """An atom that takes one byte."""
        end = self.automaton.state()
        return self.automaton.state(members, [end]), end

    def group(self, depth):
        if depth > NESTING_LIMIT:
            self.fail("groups nested too deeply")
        start, end = self.automaton.state(), self.automaton.state()
        self.at += 1
        while True:
            first, last = self.sequence(depth)
            self.automaton.leads[start].append(first)
            self.automaton.leads[last].append(end)
            if self.take(b")"):
                return start, end
            if not self.take(b"|"):
                self.fail("a group without an end")

    def escape(self):
        self.at += 1
        sign = self.byte()
        if not sign or sign[0] not in ESCAPED:
            self.fail("an escape that has no meaning")
        self.at += 1
        return frozenset(sign)

    def byte_class(self):
        """"[" [ "^" ] [ "]" / "-" ] *( range / member / escape ) [ "-" ] "]"."""
        begin = self.at
        self.at += 1
        negated = self.take(b"^")
        members = set()
        if self.byte() in (b"]", b"-"):
            members.update(self.byte())
            self.at += 1
        while self.byte() not in (b"", b"]"):
            if self.byte() == b"-":
                self.at += 1
                members.update(b"-")
                break
            members |= self.escape() if self.byte() == b"\\" else self.range_or_member()
        if not self.take(b"]") or not members:
            self.fail("a class without an end or without members")
        self.check_class(self.pattern[begin : self.at])
        return ANY - members if negated else frozenset(members)

    def range_or_member(self):
        low = self.byte()[0]
        if low not in END and low != 0x5E:
            self.fail("a sign that has no meaning in a class")
        self.at += 1
        high = self.pattern[self.at + 1 : self.at + 2]
        if low == 0x5E or self.byte() != b"-" or not high or high[0] not in END:
            return {low}
        if low > high[0]:
            self.fail("a range that ends before it begins")
        self.at += 2
        return set(range(low, high[0] + 1))

    def check_class(self, text):
        if any(sign in text for sign in (b"&&", b"~~", b"--")):
            self.fail("a class that programs read differently")
        if len(text) > 3 and text[1] == text[-2] and text[1] in b":.=":
            self.fail("a named class")


def parse_pattern(pattern):
    """Rejects what the grammar does not allow."""
    Parser(pattern, Automaton()).whole()

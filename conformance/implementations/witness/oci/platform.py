"""Platforms in requests (LAYER-019, LAYER-030)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from errors import Rejected

PART = r"[^/()]+"
PLATFORM = re.compile(rf"({PART})(?:\(((?:\+{PART})+)\))?/({PART})(?:/({PART}))?", re.DOTALL)
FEATURE = re.compile(r"(?:[^%+]|%[0-9A-Fa-f]{2})+", re.DOTALL)


@dataclass(frozen=True)
class Platform:
    os: str
    architecture: str
    variant: str = None
    features: frozenset = frozenset()

    @classmethod
    def parse(cls, text):
        """LAYER-030."""
        found = PLATFORM.fullmatch(text)
        if found is None:
            raise malformed(text)
        os, features, architecture, variant = found.groups()
        features = features[1:].split("+") if features else []
        return cls(os, architecture, variant, frozenset(parse_feature(feature, text) for feature in features))

    def fits(self, found):
        """LAYER-019: whether a `platform`, or a config with its members, is for this platform."""
        return (
            (found["os"], found["architecture"]) == (self.os, self.architecture)
            and set(found["os.features"]) == self.features
            and self.variant in (None, found["variant"])
        )


def parse_feature(feature, text):
    if not FEATURE.fullmatch(feature):
        raise malformed(text)
    try:
        return unquote(feature, errors="strict")
    except UnicodeDecodeError:
        raise malformed(text) from None


def malformed(text):
    return Rejected("REQUEST_PLATFORM", f"{text!r} is not a platform")

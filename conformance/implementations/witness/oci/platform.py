"""Platforms of requests, entries and configs (spec/layers.md, "Image selection")."""

import re
from urllib.parse import unquote_to_bytes

from errors import Rejected

PART = r"[^/()]+"
PLATFORM = re.compile(rf"({PART}?)(?:\(((?:\+[^/()+]+)+)\))?/({PART})(?:/({PART}))?")
ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class WantedPlatform:
    """LAYER-030: the platform of a request."""

    def __init__(self, text):
        match = PLATFORM.fullmatch(text)
        if match is None:
            raise Rejected("REQUEST_PLATFORM", f"platform {text!r}")
        self.os, features, self.architecture, self.variant = match.groups()
        self.features = {read_feature(feature) for feature in (features or "").split("+")[1:]}

    def matches(self, platform):
        """LAYER-019."""
        return (
            platform.get("os") == self.os
            and platform.get("architecture") == self.architecture
            and set(platform.get("os.features") or []) == self.features
            and self.variant in (None, platform.get("variant"))
        )


def read_feature(text):
    try:
        if ESCAPE.search(text):
            raise ValueError(text)
        return unquote_to_bytes(text).decode("utf-8")
    except ValueError as error:
        raise Rejected("REQUEST_PLATFORM", f"feature {text!r}") from error


def platform_key(platform):
    """SEAL-046: two platforms are the same if their keys are equal."""
    texts = tuple(platform.get(name) or "" for name in ("os", "architecture", "variant", "os.version"))
    return texts, frozenset(platform.get("os.features") or [])


def contradicts(platform, config):
    """VERIFY-054."""
    pairs = [(platform.get(name), config.get(name)) for name in ("os", "architecture", "variant")]
    return any(one and other and one != other for one, other in pairs)

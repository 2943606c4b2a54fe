"""What an operation gets and gives: the members of a request, and the values and files of an answer."""

from dataclasses import dataclass, field

from files import read_file


@dataclass
class Request:
    """Inputs are paths, or for `layers` a list of {path, mediaType}; parameters are strings (protocol/README.md)."""

    inputs: dict
    params: dict

    def data(self, name):
        """The bytes of an input."""
        return read_file(self.inputs[name])

    def optional_data(self, name):
        """The bytes of an input, or None if the request does not have it."""
        return read_file(self.inputs[name]) if name in self.inputs else None


@dataclass
class Answer:
    """Values are strings; files are bytes, which the adapter writes into the output folder under these names."""

    values: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)

"""How an operation ends without a result: the input is rejected, or the witness cannot answer the request."""


class Rejected(Exception):
    """The input is rejected with an error code of the standard (spec/introduction.md, "Rejections")."""

    def __init__(self, code, message=""):
        super().__init__(f"{message} ({code})" if message else code)
        self.code = code
        self.message = message

    @property
    def stage(self):
        """An error code begins with the name of its stage."""
        return self.code.split("_")[0].lower()


class Unsupported(Exception):
    """The request needs what the witness does not have; the argument is the feature or the operation."""

"""Certificates, private keys, and the signatures by them (spec/sealing.md and spec/verification.md, "Signatures")."""

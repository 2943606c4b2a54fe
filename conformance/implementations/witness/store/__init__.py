"""Stores in the repository layout (spec/storage.md)."""

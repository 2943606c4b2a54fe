"""Disk images (spec/ddi.md)."""

"""What an image publishes about itself, and whether it is true (spec/verification.md)."""

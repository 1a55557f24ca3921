"""Data sets: described, looked at, frozen, read."""

"""The administration of this app."""

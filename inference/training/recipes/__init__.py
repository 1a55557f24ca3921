"""One small file a recipe; each has a row in docs/models.md."""

"""Models in service: the registry, predictions and their worker; engine/ and training/ know no Django."""

"""Models in service: registry, predictions, worker; engine/ and training/ know no Django."""

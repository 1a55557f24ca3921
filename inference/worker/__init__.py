"""What runs in a worker: from claimed rows to answers. Only `lifecycle` is light to import."""

"""What runs in a worker: from claimed rows to stored answers. Only `lifecycle` is light to import."""

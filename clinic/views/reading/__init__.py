"""The reading room: the desk, what is typed on it, and the steps to the signature."""

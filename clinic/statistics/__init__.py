"""What is computed from counts: plain Python, no Django, no numpy. Each file names its source."""

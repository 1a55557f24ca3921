"""What is computed from counts of a model in service: plain Python, no Django, no numpy."""

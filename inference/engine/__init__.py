"""From an image to an answer: packages, preprocessing, networks, runtimes. Plain Python, no Django."""

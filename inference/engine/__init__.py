"""From an image to an answer: packages, preprocessing, networks, runtimes. No Django here."""

"""One reader per file format: what the file says about itself, and the file without its metadata.

Each reader walks the container without decoding a pixel, allocates no more than the file's own
length a second time, and raises `ImageRefused` on anything it does not understand.
"""

from clinic.imaging.containers.container import Container

__all__ = ["Container"]

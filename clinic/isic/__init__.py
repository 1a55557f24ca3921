"""Reading HAM10000-style folders: a metadata CSV and a folder of images."""

from clinic.isic.folder import index_images
from clinic.isic.metadata import BadRow, IsicRow, read_metadata

__all__ = ["BadRow", "IsicRow", "index_images", "read_metadata"]

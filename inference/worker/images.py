"""From a private storage key to the network's pixels, in threads: storage may be far away."""

import logging

import numpy as np
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import Storage
from numpy.typing import NDArray

from inference.engine.preprocess import UnreadableImageError, load_image

logger = logging.getLogger(__name__)


class UnusableImage(Exception):
    """This image cannot be answered now; carries the reason in words.

    `may_pass`: whether another try has a chance.
    """

    def __init__(self, reason: str, *, may_pass: bool) -> None:
        super().__init__(reason)
        self.may_pass = may_pass


def load_stored_image(storage: Storage, name: str, size: int) -> NDArray[np.uint8]:
    """Read and decode one image: uint8 (size, size, 3). Raises UnusableImage."""
    try:
        with storage.open(name) as stored:
            content = stored.read()
        return load_image(content, size)
    except UnreadableImageError as error:
        raise UnusableImage(str(error), may_pass=False) from error
    except FileNotFoundError as error:
        raise UnusableImage("The stored image file is missing.", may_pass=False) from error
    except MemoryError as error:
        raise UnusableImage(
            "The worker ran out of memory while it decoded this image.", may_pass=True
        ) from error
    except (OSError, BotoCoreError, ClientError) as error:
        logger.warning("Image storage: %s", error)
        raise UnusableImage("The image storage could not be reached.", may_pass=True) from error

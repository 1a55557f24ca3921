"""Taking the person out of a file without touching a pixel.

The coded picture is the clinical record, so the file is rewritten part by part and the coded
bytes are copied as they are. What is kept and what is left out stands in each container reader.
"""

from clinic.imaging.accepted import AcceptedImage
from clinic.imaging.guard import read_container
from clinic.imaging.limits import DEFAULT_LIMITS, Limits


def deidentify(
    content: bytes, accepted: AcceptedImage, *, limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """The same picture without metadata. The same content always gives the same bytes.

    `accepted` is the guard's answer for this very content: only accepted files can be stored.
    """
    container = read_container(content, limits)
    if container.format != accepted.format:
        raise ValueError(f"accepted as {accepted.format}, but the content is {container.format}")
    return container.clean

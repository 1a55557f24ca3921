"""Which colour profiles are worth keeping (ICC.1:2022, section 7.2)."""

ICC_HEADER_BYTES = 128


def is_icc_profile(profile: bytes, *, max_bytes: int) -> bool:
    """Whether these bytes are one whole ICC profile, so that nothing else hides under that name."""
    return (
        ICC_HEADER_BYTES < len(profile) <= max_bytes
        and profile[36:40] == b"acsp"
        and int.from_bytes(profile[:4], "big") == len(profile)
    )

"""The page that integrators read names every refusal and every finding there is."""

import re
from pathlib import Path

import clinic.imaging.quality as quality_module
from clinic.imaging import DEFAULT_LIMITS, RefusalCode

PAGE = (Path(__file__).parents[3] / "docs" / "images.md").read_text(encoding="utf-8")


def test_every_refusal_is_documented_and_no_other():
    documented = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert documented == {code.value for code in RefusalCode}


def test_every_finding_is_documented():
    source = Path(quality_module.__file__).read_text(encoding="utf-8")
    findings = set(re.findall(r'QualityFinding\(\s*"(\w+)"', source))
    assert len(findings) == 6
    assert all(f"`{finding}`" in PAGE for finding in findings)


def test_the_documented_limits_are_the_real_ones():
    limits = DEFAULT_LIMITS
    assert f"more than {limits.max_bytes // 1024**2} MB" in PAGE
    assert f"more than {limits.max_pixels // 10**6} million pixels" in PAGE
    assert f"a side under {limits.min_side} pixels" in PAGE
    assert f"longer than {limits.max_aspect_ratio:g} times" in PAGE
    assert f"more than {limits.max_expansion:g} times its size" in PAGE
    assert f"more than {limits.max_scans} passes" in PAGE
    assert f"`max_decode_bytes` ({limits.max_decode_bytes // 1024**2} MB)" in PAGE

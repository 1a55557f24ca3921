"""The web process uses this code, so it must not bring the workers' libraries along."""

import subprocess
import sys


def test_importing_the_guard_brings_no_heavy_library():
    heavy = {"django", "numpy", "torch", "monai", "onnxruntime", "pillow_heif"}
    code = f"import sys, clinic.imaging; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

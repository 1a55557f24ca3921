"""The web process and a researcher's script use this code: it brings nothing along."""

import subprocess
import sys


def test_reading_drawing_and_measuring_need_the_standard_library_only() -> None:
    heavy = {"django", "numpy", "PIL", "torch"}
    code = (
        "import sys, clinic.annotation.archive, clinic.annotation.document, "
        "clinic.annotation.measure, clinic.annotation.region\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

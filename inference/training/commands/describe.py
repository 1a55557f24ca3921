"""What commands say of a package."""

from inference.engine.package import Package
from inference.training.commands import say


def describe(package: Package) -> None:
    say(f"{package.name} {package.version}: {package.metadata.description}")
    say(f"Digest {package.digest}")

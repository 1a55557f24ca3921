"""manage.py install_model PACKAGE [--activate]: a model package from this machine's disk."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import Conflict, DomainError
from inference.engine.package import PackageError, open_package
from inference.models import ModelState, ModelVersion
from inference.services import activate_model, install_package


class Command(BaseCommand):
    """Installs, prepares in this process, and activates on request. Safe to run again."""

    help = "Install a model package (a folder or a zip), prepare it here, and activate it if asked."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the package."""
        parser.add_argument("package", type=Path, help="a package folder or its zip")
        parser.add_argument(
            "--activate", action="store_true", help="put it into service, retiring the active one"
        )
        parser.add_argument(
            "--override-reason",
            default="",
            help="why it goes into service although no comparison with the active model shows it "
            "to be no worse; stays on its card",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet."""
        try:
            version = self._installed(options["package"])
            version = self._prepared(version)
            if options["activate"] and version.state != ModelState.ACTIVE:
                version = activate_model(
                    version=version, actor=None, override_reason=options["override_reason"]
                )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{version} is {version.get_state_display().lower()}.")

    def _installed(self, path: Path) -> ModelVersion:
        try:
            return install_package(file=path, actor=None)
        except Conflict:
            # Only an identical package conflicts: it is installed already.
            return ModelVersion.objects.get(digest=_digest(path))

    def _prepared(self, version: ModelVersion) -> ModelVersion:
        from inference.worker.preparation import prepare_model

        if version.prepared_at is None:
            self.stdout.write(f"Preparing {version} …")
            version = prepare_model(version=version)
        if version.preparation_error:
            raise CommandError(f"{version} could not be prepared: {version.preparation_error}")
        return version


def _digest(path: Path) -> str:
    try:
        return open_package(path).digest
    except PackageError as error:
        raise CommandError(str(error)) from error

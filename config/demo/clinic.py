"""Starts the demo's parts in order, watches them, and stops them in the opposite order."""

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from config.demo import services
from config.demo.ground import claim, require_free_port
from config.demo.screen import Screen
from config.demo.stop import StopRequest
from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import FORGETFUL, EmbeddedPostgres
from config.embedded.process import ServerProcess
from config.embedded.valkey import EmbeddedValkey

# A server that ends sooner than this after its start would do so again.
WORTH_RESTARTING_SECONDS = 20
WORTH_SAYING_SECONDS = 5


class DemoClinic:
    """PostgreSQL, Valkey, a web server and two workers, for as long as nobody stops them."""

    def __init__(
        self,
        *,
        port: int,
        data: Path,
        project: Path,
        screen: Screen,
        stop: StopRequest,
        forgetful: bool = False,
    ) -> None:
        self.port = port
        self.data = data
        self.project = project
        self.screen = screen
        self.stop = stop
        self.forgetful = forgetful
        self.settings: dict[str, str] = {}
        self._started = time.monotonic()

    @property
    def address(self) -> str:
        """Where the clinic opens its doors."""
        return f"http://{services.HOST}:{self.port}"

    @property
    def facts(self) -> Path:
        """The file with the address, the sign-ins and the API client."""
        return self.data.with_name(f"{self.data.name}.json")

    def run(self) -> None:
        """Run until Stopped is raised; raises EmbeddedServerError where something cannot run."""
        with contextlib.ExitStack() as running:
            running.enter_context(claim(self.data, port=self.port))
            require_free_port(self.port)
            running.callback(self._say_stopping)
            self._start_data_servers(running)
            self._finish("migrate", "Migrating the database", "migrate", "--no-input")
            self._finish(
                *("fill", "Filling the demo clinic", "fill_demo"),
                *("--base-url", self.address, "--write", str(self.facts)),
            )
            web = self._start(running, "web", services.web_server(self.port))
            worker = self._start(running, "worker", services.worker(self.data))
            trainer = self._start(running, "training", services.trainer())
            self._wait_until_ready(web, worker)
            self._announce()
            self._watch([web, worker, trainer])

    def _start_data_servers(self, running: contextlib.ExitStack) -> None:
        self.screen.say("Starting PostgreSQL and Valkey …")
        settings = FORGETFUL if self.forgetful else {}
        self._postgres = running.enter_context(
            EmbeddedPostgres(self.data / "postgres", log=self._log("postgres"), settings=settings)
        )
        self.stop.check()
        self._postgres.ensure_database(role=services.ROLE, database=services.DATABASE)
        self._valkey = running.enter_context(
            EmbeddedValkey(self.data / "valkey", log=self._log("valkey"))
        )
        self.settings = services.environment(
            data=self.data, postgres=self._postgres, valkey=self._valkey
        ) | {"PUBLIC_URL": self.address}
        environment = self.data / "environment"
        environment.touch(mode=0o600)
        environment.write_text("".join(f"{k}='{v}'\n" for k, v in self.settings.items()))

    def _log(self, name: str) -> Path:
        return self.data / "log" / f"{name}.log"

    def _process(self, name: str, command: list[str]) -> ServerProcess:
        surroundings = {
            "worker": services.worker_environment,
            "training": services.trainer_environment,
        }.get(name, services.inherited)
        return ServerProcess(
            name,
            command,
            log=self._log(name),
            env=surroundings(self.settings),
            folder=self.project,
        )

    def _start(self, running: contextlib.ExitStack, name: str, command: list[str]) -> ServerProcess:
        return running.enter_context(self._process(name, command))

    def _finish(self, name: str, title: str, *command: str) -> None:
        """Run a management command to its end, showing what it says."""
        started = time.monotonic()
        self.screen.say(f"{title} …")
        with self._process(name, services.manage(*command)) as process:
            while process.is_running():
                self.stop.check()
                time.sleep(0.05)
            if process.exit_code:
                raise EmbeddedServerError(
                    f"{title} failed. The end of {process.log}:\n{process.log_tail(30)}"
                )
        if (seconds := time.monotonic() - started) > WORTH_SAYING_SECONDS:
            self.screen.say(f"  done in {seconds:.0f} s")

    def _wait_until_ready(self, web: ServerProcess, worker: ServerProcess) -> None:
        self.screen.say("Starting the web server and the worker …")
        web.wait_until(self._unless_stopped(self._web_answers), seconds=60)
        worker.wait_until(
            self._unless_stopped(lambda: services.worker_answers(self.settings["BROKER_URL"])),
            seconds=120,
        )

    def _unless_stopped(self, ready: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            self.stop.check()
            return ready()

        return check

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz/", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _announce(self) -> None:
        seconds = time.monotonic() - self._started
        self.screen.say(f"\nThe clinic is open ({seconds:.0f} s): {self.address}/\n")
        self.screen.show_sign_ins(self.facts)
        self.screen.say(f"\n  All of this stands in {self.facts}; logs are in {self.data / 'log'}.")
        self.screen.say("  Ctrl-C stops everything.\n")
        # From here on: what they said while starting is of no use.
        for name in ("web", "worker", "training"):
            self.screen.follow(name, self._log(name))

    def _watch(self, servers: list[ServerProcess]) -> None:
        """Show the logs; start again what ended by itself; raise Stopped when asked to."""
        since = dict.fromkeys((server.name for server in servers), time.monotonic())
        while True:
            self.stop.check()
            self.screen.show_logs()
            for data_server in (self._postgres, self._valkey):
                if not data_server.is_running():
                    raise EmbeddedServerError(
                        f"{type(data_server).__name__.removeprefix('Embedded')} ended by itself. "
                        f"See {data_server.log}; “make demo” starts it again with its data."
                    )
            for server in servers:
                if not server.is_running():
                    self._restart(server, since)
            time.sleep(0.2)

    def _restart(self, server: ServerProcess, since: dict[str, float]) -> None:
        if time.monotonic() - since[server.name] < WORTH_RESTARTING_SECONDS:
            raise EmbeddedServerError(
                f"The {server.name} process ended soon after its start (exit status "
                f"{server.exit_code}). The end of {server.log}:\n{server.log_tail()}"
            )
        self.screen.say(f"The {server.name} process ended by itself and is started again.")
        server.stop()
        server.start()
        since[server.name] = time.monotonic()

    def _say_stopping(self) -> None:
        if self.stop.requested:
            self.screen.show_logs()
            self.screen.say("\nStopping the workers, the web server, Valkey and PostgreSQL …")

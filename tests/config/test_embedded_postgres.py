"""The embedded PostgreSQL comes up from whatever an earlier run left, or says what to do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg
import pytest

from config.embedded import folders
from config.embedded.errors import EmbeddedServerError
from config.embedded.postgres import FORGETFUL, EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey
from tests.config.running_demo import wait_for


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one table in it, stopped in good order."""
    data = tmp_path_factory.mktemp("made") / "postgres"
    with EmbeddedPostgres(data, log=data.parent / "log", settings=FORGETFUL) as server:
        server.ensure_database(role="clinic", database="clinic")
        with server.connect(dbname="clinic") as connection:
            connection.execute("CREATE TABLE lesion AS SELECT 'left forearm' AS site")
    return data


@pytest.fixture
def server(made: Path, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server, not yet started, on a copy of that folder."""
    data = tmp_path / "postgres"
    subprocess.run(["cp", "-a", made, data], check=True)
    server = EmbeddedPostgres(data, log=tmp_path / "log", settings=FORGETFUL)
    yield server
    server.stop()


def sites(server: EmbeddedPostgres) -> list[str]:
    with server.connect(dbname="clinic") as connection:
        return [site for (site,) in connection.execute("SELECT site FROM lesion")]


def test_the_data_outlive_the_server(server: EmbeddedPostgres) -> None:
    server.start()
    assert sites(server) == ["left forearm"]
    server.stop()
    assert not server.is_running()


def test_it_counts_in_utc_sorts_alike_everywhere_and_listens_on_no_network(
    server: EmbeddedPostgres,
) -> None:
    server.start()
    with server.connect() as connection:
        shown = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("timezone", "server_encoding", "listen_addresses")
        ]
        provider = connection.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'template1'"
        ).fetchone()
    assert shown == [("UTC",), ("UTF8",), ("",)]
    assert provider == ("b", "C.UTF-8")


def test_the_role_of_the_application_is_no_superuser_and_may_make_databases(
    server: EmbeddedPostgres,
) -> None:
    server.start()
    address = environ.Env.db_url_config(server.url(role="clinic", database="clinic"))
    with psycopg.connect(
        host=address["HOST"], port=address["PORT"], user=address["USER"], dbname=address["NAME"]
    ) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert role == (False, True)


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(server: EmbeddedPostgres) -> None:
    lines = [str(os.getpid()), str(server.data), "1700000000", "5432", str(server.data), "", "", ""]
    (server.data / "postmaster.pid").write_text("\n".join(lines))
    server.start()
    assert sites(server) == ["left forearm"]


def test_a_pid_file_cut_short_is_no_obstacle(server: EmbeddedPostgres) -> None:
    (server.data / "postmaster.pid").write_text("")
    server.start()
    assert sites(server) == ["left forearm"]


def test_a_server_left_by_a_killed_run_is_stopped_first(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    server.start()
    second = EmbeddedPostgres(server.data, log=tmp_path / "log", settings=FORGETFUL)
    with second:
        assert not server.is_running()
        assert sites(second) == ["left forearm"]


def test_an_interrupted_making_of_the_data_folder_is_begun_again(tmp_path: Path) -> None:
    half_made = tmp_path / "postgres.partial"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    log = tmp_path / "log"
    with EmbeddedPostgres(tmp_path / "postgres", log=log, settings=FORGETFUL) as server:
        server.ensure_database(role="clinic", database="clinic")
    assert not half_made.exists()


@pytest.mark.parametrize("missing", ["PG_VERSION", "global/pg_control"])
def test_an_incomplete_data_folder_is_named_and_left_alone(
    server: EmbeddedPostgres, missing: str
) -> None:
    (server.data / missing).unlink()
    with pytest.raises(EmbeddedServerError, match="not a complete PostgreSQL data folder"):
        server.start()
    assert (server.data / "base").exists()


def test_data_of_another_version_are_named_and_left_alone(server: EmbeddedPostgres) -> None:
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedServerError, match="made by PostgreSQL 16"):
        server.start()


def test_damaged_data_end_in_postgresqls_own_words(server: EmbeddedPostgres) -> None:
    (server.data / "global/pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(EmbeddedServerError, match="PostgreSQL ended as it started") as error:
        server.start()
    assert "incompatible with server" in str(error.value)


def test_a_deep_checkout_with_odd_letters_works(made: Path, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a folder's name, with +ü%20 in it"] * 4)
    deep.mkdir(parents=True)
    subprocess.run(["cp", "-a", made, deep / "postgres"], check=True)
    with EmbeddedPostgres(deep / "postgres", log=deep / "log", settings=FORGETFUL) as server:
        assert sites(server) == ["left forearm"]
        sockets = server.socket_folder
        assert sockets != server.data
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()
    with EmbeddedValkey(deep / "valkey", log=deep / "log", durable=False) as valkey:
        assert valkey.socket_folder != valkey.data


def test_a_socket_folder_prepared_by_somebody_else_is_not_trusted(
    tmp_path: Path,
) -> None:
    data = tmp_path / ("x" * 100)
    mine = folders.socket_folder(data, ".s.PGSQL.5432")
    mine.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    mine.symlink_to(elsewhere)
    try:
        with pytest.raises(EmbeddedServerError, match="belongs to somebody else"):
            folders.socket_folder(data, ".s.PGSQL.5432")
    finally:
        mine.unlink()


def test_the_servers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from config.embedded.postgres import EmbeddedPostgres, FORGETFUL;"
        "folder = Path(sys.argv[1]);"
        "server = EmbeddedPostgres(folder / 'postgres', log=folder / 'log', settings=FORGETFUL);"
        "server.start(); print('up', flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    server = int((tmp_path / "postgres/postmaster.pid").read_text().split()[0])
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert wait_for(lambda: not Path(f"/proc/{server}").exists(), seconds=20)

# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki demo`` as a user meets it: what it prints, what it refuses, and that nothing of it is left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import orjson
import pytest

from openjuki.simulation.launcher import NATS_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.nation

JUKI = Path(sys.executable).with_name("juki")
RESIDENTS, SEED, OTHER_SEED = 300, 7, 8
#: Seconds that anything may take on a machine that others use too.
PATIENCE = 300


def juki(home: Path, *options: str) -> subprocess.Popen[str]:
    """``juki demo`` in a home, with its two outputs in pipes."""
    command = [str(JUKI), "demo", *options]
    environment = {**os.environ, "OPENJUKI_HOME": str(home), "COLUMNS": "200"}
    return subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error, once it has ended."""
    try:
        out, told = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return process.returncode, out, told


def play(home: Path, seed: int) -> dict[str, Any]:
    """Play a day once; the one JSON object on standard output."""
    options = ("--once", "--json", "--residents", str(RESIDENTS), "--seed", str(seed))
    code, out, told = ended(juki(home, *options))
    assert code == 0, told
    return orjson.loads(out)


def left_behind(home: Path) -> list[str]:
    """Command lines of processes that have to do with a home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            directory = str((process / "cwd").readlink())
        except OSError:  # it has ended meanwhile, or is none of ours
            continue
        if str(home) in command or directory.startswith(str(home)):
            found.append(command)
    return found


@contextmanager
def port_taken(port: int) -> Iterator[None]:
    """Somebody else listens on a port; whoever listens there already is waited for, for they may go in between."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                listener.bind(("127.0.0.1", port))
                break
            except OSError:
                assert time.monotonic() < until, "somebody else keeps the port"
                time.sleep(0.1)
        listener.listen()
        yield


class Standing:
    """A demonstration that stays up."""

    def __init__(self, home: Path) -> None:
        self.home = home
        options = ("--json", "--residents", str(RESIDENTS), "--seed", str(SEED))
        self.process = juki(home, *options)
        assert self.process.stdout is not None
        #: What it printed when the day was over; then it stays up.
        self.result: dict[str, Any] = orjson.loads(self.process.stdout.readline())
        while "live" not in self.endpoints():
            assert self.process.poll() is None
            time.sleep(0.05)

    def endpoints(self) -> dict[str, Any]:
        """Where everything is."""
        return orjson.loads((self.home / "run" / "endpoints.json").read_bytes())


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A demonstration that stays up, started while somebody listens on the port of NATS."""
    with port_taken(NATS_PORT):
        made = Standing(tmp_path_factory.mktemp("standing") / "home")
    yield made
    if made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
        ended(made.process)


class Closed(NamedTuple):
    """A demonstration whose terminal was closed."""

    home: Path
    code: int
    told: str


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Closed:
    """A demonstration with another seed, whose terminal is closed once its people are made."""
    home = tmp_path_factory.mktemp("closed") / "home"
    process = juki(home, "--residents", str(RESIDENTS), "--seed", str(OTHER_SEED))
    assert process.stderr is not None
    while not process.stderr.readline().startswith("住民"):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGHUP)
    code, _, told = ended(process)
    return Closed(home, code, told)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a day came to."""
    return play(tmp_path_factory.mktemp("once") / "home", SEED)


def test_one_json_object_says_how_the_day_went(result):
    """The result has the members that the reference lists, and the books agree."""
    assert set(result) == {
        "schema",
        "residents",
        "notices",
        "mismatches",
        "duplicates",
        "propagation_ms",
        "centre_digest",
        "provisions",
        "bulk",
        "clientele",
        "disclosure",
    }
    assert result["schema"] == "openjuki/demo/1"
    assert (result["mismatches"], result["duplicates"]) == (0, 0)
    assert set(result["notices"]) == {"sent", "applied_prefecture", "applied_centre"}
    assert len(set(result["notices"].values())) == 1
    assert set(result["propagation_ms"]) == {"p50", "p99"}
    assert 0 < result["propagation_ms"]["p50"] <= result["propagation_ms"]["p99"]
    assert re.fullmatch(r"[0-9a-f]{64}", result["centre_digest"])


def test_what_was_provided_is_recorded(result):
    """Every class of answer and every rule is met on the day; nothing was released that is not recorded."""
    provisions = result["provisions"]
    assert provisions["released_not_logged"] == 0
    assert provisions["logged"] == provisions["released"] > 0
    assert provisions["asked"] == sum(provisions["answered"].values())
    assert provisions["logged"] == sum(provisions["by_result"].values())
    assert {"matched", "none", "died", "left_the_country", "superseded", "malformed", "not_permitted"} <= set(
        provisions["answered"]
    )
    assert set(provisions["refused_by_rule"]) >= {
        "affair-not-held",
        "affair-not-in-force",
        "affair-not-yet-entered",
        "key-not-open",
        "reason-given",
        "recipient-not-listed",
    }
    assert provisions["through_governor"] > 0
    assert any("別表第4" in article for article in provisions["by_article"])


def test_a_file_of_keys_is_answered_row_by_row(result):
    """Everybody, one of them twice, nobody, and a code that is none: each row has its answer, and each part is recorded."""
    bulk = result["bulk"]
    residents = bulk["rows"] - 3
    assert bulk["answered_rows"] == bulk["rows"] == sum(bulk["results"].values())
    assert abs(residents - RESIDENTS) < RESIDENTS // 10
    assert (bulk["malformed"], bulk["duplicates"]) == (1, 1)
    assert bulk["results"]["malformed"] == 1
    assert {"matched", "died", "none"} <= set(bulk["results"])
    assert bulk["parts_released_not_logged"] == 0
    assert bulk["parts"] >= 2
    assert bulk["persons"] == bulk["rows"] - 2 + result["clientele"]["told"]


def test_a_clientele_is_told_what_became_of_it(result):
    """Of those on the list, and of nobody else."""
    clientele = result["clientele"]
    assert clientele["told"] == sum(clientele["by_meaning"].values()) > 0
    assert clientele["told_of_others"] == 0


def test_somebody_is_shown_who_was_told_about_them(result):
    """In bulk, as a change and at a terminal; every line has a proof, and every proof holds."""
    disclosed = result["disclosure"]
    assert set(disclosed["by_method"]) >= {"bulk", "change", "terminal"}
    assert disclosed["lines"] == sum(disclosed["by_method"].values()) == sum(disclosed["proofs"].values())
    assert set(disclosed["proofs"]) <= {"opened", "closed"}
    assert disclosed["recipients"] >= 1


def test_residents_add_up(result):
    """Ten municipalities have about as many residents as were asked for, and each was told of at least once."""
    assert len(result["residents"]) == 10
    assert abs(sum(result["residents"].values()) - RESIDENTS) < RESIDENTS // 10
    assert result["notices"]["sent"] >= RESIDENTS


def test_the_same_seed_makes_the_same_nation(result, standing):
    """Two runs end in the same digest at the Centre, to the last item of the last resident."""
    again = standing.result

    assert again["schema"] == result["schema"]
    assert (again["mismatches"], again["duplicates"]) == (0, 0)
    assert again["centre_digest"] == result["centre_digest"]
    assert again["residents"] == result["residents"]
    assert again["notices"] == result["notices"]
    for what in ("provisions", "bulk", "clientele", "disclosure"):
        assert again[what] == result[what]


def test_another_seed_makes_another_nation(standing, closed):
    """With another seed every town has other residents."""
    registers = {path.name: path.read_bytes() for path in (closed.home / "registers").iterdir()}

    assert len(registers) == 10
    for name, register in registers.items():
        assert register != (standing.home / "registers" / name).read_bytes()


def test_a_taken_port_means_the_next_free_one(standing):
    """NATS listens where nobody else did."""
    port = int(standing.endpoints()["nats"].rpartition(":")[2])
    assert port > NATS_PORT


def test_its_page_is_where_it_says(standing):
    """The live page stands on loopback, for as long as the nation does."""
    address = urlsplit(standing.endpoints()["live"])

    with closing(HTTPConnection(address.netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (address.hostname, answer.status) == ("127.0.0.1", 200)
        assert "稼働状況" in answer.read().decode()


def test_a_second_start_in_the_same_home_is_refused(standing):
    """One home, one nation: the second says so, exits with 2, and the first goes on undisturbed."""
    before = (standing.home / "run" / "endpoints.json").read_bytes()
    code, out, told = ended(juki(standing.home, "--once"))

    assert code == 2
    assert out == ""
    assert f"a demonstration is running in {standing.home}" in told
    assert "Traceback" not in told
    assert (standing.home / "run" / "endpoints.json").read_bytes() == before
    assert all(Path(f"/proc/{pid}").exists() for pid in orjson.loads(before)["pids"].values())


@pytest.mark.parametrize("as_json", [False, True], ids=["for people", "as JSON"])
def test_a_home_that_holds_something_else_is_refused_untouched(tmp_path, as_json):
    """What is not a demonstration's stays as it is, to the last file."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "letters.txt").write_text("do not lose")
    code, out, told = ended(juki(home, "--once", *(["--json"] if as_json else [])))

    assert code == 2
    assert f"{home} holds something else" in (orjson.loads(out)["message_en"] if as_json else told)
    assert [entry.name for entry in home.iterdir()] == ["letters.txt"]
    assert (home / "letters.txt").read_text() == "do not lose"


def test_ctrl_c_stops_it_and_leaves_no_process_behind(standing):
    """Ctrl-C, even twice, ends it with 130; PostgreSQL, NATS and the workers are gone with it."""
    assert len(left_behind(standing.home)) > 7
    address = urlsplit(standing.endpoints()["live"])
    for _ in range(2):
        os.killpg(standing.process.pid, signal.SIGINT)  # as a terminal does
        time.sleep(0.05)
    code, _, told = ended(standing.process)

    assert code == 130, told
    assert "Traceback" not in told
    assert left_behind(standing.home) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname or "", address.port or 0)).close()


def founding(home: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the demonstration is being founded: keys, directory, databases."""
    while not (home / "postgres").exists():
        assert process.poll() is None
        time.sleep(0.01)


@pytest.mark.parametrize(
    "tell",
    [
        pytest.param(lambda process: process.terminate(), id="SIGTERM"),
        pytest.param(lambda process: os.killpg(process.pid, signal.SIGINT), id="Ctrl-C"),
    ],
)
def test_stopped_while_it_is_founded_it_leaves_no_process_behind(tmp_path, tell):
    """Told to stop before it is up, it stops as cleanly: what it had just started is not forgotten."""
    home = tmp_path / "home"
    process = juki(home, "--residents", str(RESIDENTS))
    founding(home, process)
    tell(process)
    code, _, told = ended(process)

    assert code == 130, told
    assert "Traceback" not in told
    assert left_behind(home) == []


def test_when_its_terminal_is_closed_it_leaves_no_process_behind(closed):
    """Whoever closes the window has stopped it, be it in the midst of its work."""
    assert closed.code == 130, closed.told
    assert "Traceback" not in closed.told
    assert left_behind(closed.home) == []

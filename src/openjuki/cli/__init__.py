# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki``: the composition root. Every command is a few lines that wire rooms together.

Exit codes: 0 done; 1 refused, or differences found; 2 usage; 3 bad input; 4 unavailable;
5 integrity failure; 130 stopped, and may be resumed.
"""

from __future__ import annotations

import sys

import typer
from typer.exceptions import Abort, TyperException

from openjuki.cli import (
    demo,
    doctor,
    export,
    law,
    log,
    look_up,
    network,
    office,
    output,
    pki,
    register,
    serve,
    signer,
)
from openjuki.errors import JukiError, SetUpFailed

app = typer.Typer(
    name="juki",
    help="OpenJuki: 住民基本台帳ネットワークの独立した実装 / an independent, open resident register network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (demo, serve, signer, register, export, look_up, office, law, log, network, pki, doctor):
    commands.attach(app)


def main() -> None:
    """Run ``juki``; no traceback reaches the user."""
    as_json = "--json" in sys.argv
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        output.usage(error)
        code = error.exit_code
    except (KeyboardInterrupt, Abort):
        output.screen.print("中断しました。 Stopped; run the same command again to go on.")
        code = output.INTERRUPTED
    except JukiError as error:
        code = output.problem(error, as_json=as_json)
    except OSError as error:
        code = output.problem(SetUpFailed(f"{error.strerror}: {error.filename}"), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence instead of a traceback
        code = output.defect(error, as_json=as_json)
    sys.exit(code or 0)

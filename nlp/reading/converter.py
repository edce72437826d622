"""Runs LibreOffice on one file in a throw-away folder, and ends it with all that it started.

A program of its own: a reader is killed at any moment and could then neither stop the converter
nor remove what it wrote. This one sees its standard input end, kills, cleans and goes. It imports
nothing of ours, so that it starts in an instant.

Input: eight bytes of length and the file; the pipe then stays open as long as the answer is wanted.
Output: the converted file. Exit: 0, or one of the codes below.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FAILED, TIMED_OUT, UNWANTED = 3, 4, 5
MAX_WRITTEN = 400_000_000  # bytes of any file the converter writes
_POLL = 0.05  # seconds

_FILTERS = {"docx": "docx:MS Word 2007 XML", "xlsx": "xlsx:Calc MS Excel 2007 XML"}
# No macro runs and nothing that the file points to is fetched.
_SETTINGS = (
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),  # the discard port
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
    ("Inet/Settings", "ooInetFTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetFTPProxyPort", "9"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Calc/Content/Update", "Link", "2"),
)


def main(program: str, source: str, target: str, seconds: float) -> int:
    """Convert the file on standard input; ``source`` and ``target`` are kinds ("doc", "docx")."""
    # Asked to stop, it still cleans behind itself.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(UNWANTED))
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    data = sys.stdin.buffer.read(size)
    if len(data) < size:
        return UNWANTED
    _bound()
    with tempfile.TemporaryDirectory(prefix="clausier-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given, written = folder / f"given.{source}", folder / "out" / f"given.{target}"
        given.write_bytes(data)
        _write_profile(folder / "profile" / "user")
        code = _run(_command(program, folder, given, target), folder, seconds)
        if code:
            return code
        if not written.is_file():
            return FAILED
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.buffer.write(written.read_bytes())
            sys.stdout.buffer.flush()
    return 0


def _bound() -> None:
    """Bound what the command may write, keep it from the network, and be the one to outlive it."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        bounded = MAX_WRITTEN if most == resource.RLIM_INFINITY else min(most, MAX_WRITTEN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bounded, most))
    # A network of its own has no way out; where that is not allowed, the settings must do.
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import ctypes

        new_user, new_network, set_child_subreaper = 0x10000000, 0x40000000, 36
        system = ctypes.CDLL(None)
        system.prctl(set_child_subreaper, 1, 0, 0, 0)
        if system.unshare(new_network) != 0:
            system.unshare(new_user | new_network)


def _write_profile(folder: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    folder.mkdir(parents=True)
    (folder / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
    )


def _command(program: str, folder: Path, given: Path, target: str) -> list[str]:
    return [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--convert-to",
        _FILTERS[target],
        "--outdir",
        str(folder / "out"),
        str(given),
    ]


def _run(command: list[str], folder: Path, seconds: float) -> int:
    """Wait for the command, the end of the time or that of the input, whichever comes first."""
    (folder / "tmp").mkdir()
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
    }
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return FAILED
    end = time.monotonic() + seconds
    code = FAILED
    try:
        while True:
            ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                code = 0 if ended.si_code == os.CLD_EXITED and ended.si_status == 0 else FAILED
                break
            if time.monotonic() > end:
                code = TIMED_OUT
                break
            readable, _, _ = select.select([0], [], [], _POLL)
            if readable and not os.read(0, 1):
                code = UNWANTED
                break
    finally:
        # The group first: its number is free for others once its leader is waited for.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _reap()
    return code


def _reap() -> None:
    """Wait for what the command left behind; most systems have someone else to do it, not all."""
    end = time.monotonic() + 2
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(_POLL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])))

"""Debian's `docker-registry` on a free port, with its files in a temporary folder."""

import contextlib
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

from report import Skipped

PROGRAM = "docker-registry"


@contextlib.contextmanager
def running():
    """A registry with nothing in it; gives its host and port."""
    if not shutil.which(PROGRAM):
        raise Skipped(f"no `{PROGRAM}`")
    with tempfile.TemporaryDirectory(prefix="bart-registry-") as folder:
        config = pathlib.Path(folder) / "config.yml"
        config.write_text(
            "version: 0.1\nlog: {level: info}\n"
            f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp: {{addr: 127.0.0.1:0}}\n"
        )
        process = subprocess.Popen(
            [PROGRAM, "serve", str(config)],
            env={"PATH": "/usr/bin:/bin", "OTEL_TRACES_EXPORTER": "none"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address(process)
        finally:
            process.kill()
            process.wait()


def _address(process):
    for line in process.stderr:
        found = re.search(r"listening on ([0-9.:]+)", line)
        if found:
            # A full pipe would stop it.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found.group(1)
    raise AssertionError(f"`{PROGRAM}` ended with {process.wait()}")

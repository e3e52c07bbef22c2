"""The chart as an archive, and in a registry."""

import pathlib
import shutil
import sys
import tempfile

import chart
import registry

sys.path.insert(0, str(chart.ROOT / "charts" / "publish"))

from package import package  # noqa: E402
from push import Exists, push  # noqa: E402

# Any time that is not now.
TIME = 1_700_000_000


def the_same_chart_gives_the_same_archive():
    with _folder() as folder:
        copy = folder / "elsewhere" / "bart"
        shutil.copytree(chart.CHART, copy, copy_function=shutil.copy)
        first = package(folder / "1", TIME)
        second = package(folder / "2", TIME, copy)
        assert first.read_bytes() == second.read_bytes(), "the archives differ"


def a_pushed_chart_comes_back_and_is_never_replaced():
    with _folder() as folder, registry.running() as host:
        remote = f"oci://{host}/you/charts"
        archive = package(folder / "1", TIME)
        pinned, is_new = push(archive, remote, plain_http=True)
        assert is_new
        assert pinned.startswith(f"{host}/you/charts/bart:"), pinned
        assert _pulled(remote, folder) == archive.read_bytes(), "another chart came back"
        for time in (TIME, TIME + 1):
            again = push(package(folder / str(time), time), remote, plain_http=True)
            assert again == (pinned, False), again
        _refuses_another(folder, remote)
        elsewhere, _ = push(package(folder / "3", TIME), f"{remote}/more", plain_http=True)
        assert elsewhere.partition("@")[2] == pinned.partition("@")[2], "the manifest is another one"


def _refuses_another(folder, remote):
    copy = folder / "changed" / "bart"
    shutil.copytree(chart.CHART, copy)
    with (copy / "values.yaml").open("a") as values:
        values.write("\n")
    other = package(folder / "4", TIME, copy)
    try:
        push(other, remote, plain_http=True)
    except Exists as error:
        assert "differs in bart/values.yaml" in str(error), error
    else:
        raise AssertionError("it was replaced")


def _pulled(remote, folder):
    there = folder / "pulled"
    there.mkdir()
    with chart.helm.Chart.load(chart.CHART) as loaded:
        version = loaded.version
    chart.helm.pull(f"{remote}/bart", version=version, destination=there, plain_http=True)
    [archive] = there.glob("*.tgz")
    return archive.read_bytes()


class _folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        return pathlib.Path(super().__enter__())


CHECKS = [the_same_chart_gives_the_same_archive, a_pushed_chart_comes_back_and_is_never_replaced]

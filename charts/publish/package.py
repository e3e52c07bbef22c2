"""Packs the chart: the same files at the same time give the same bytes, on any machine."""

import argparse
import os
import pathlib
import shutil
import tempfile

import helm_python as helm

CHART = pathlib.Path(__file__).resolve().parents[1] / "bart"


def package(destination, time, chart=CHART):
    """Packs `chart` into `destination`, with `time` (seconds since 1970) as the time of all that is in it. Gives the path of the archive."""
    destination = pathlib.Path(destination)
    destination.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bart-chart-") as folder:
        copy = pathlib.Path(folder) / chart.name
        # Helm takes the times of files from the disk.
        shutil.copytree(chart, copy)
        for path in copy.rglob("*"):
            os.utime(path, (time, time))
        archive = helm.package(copy, destination=destination)
    # A push takes the time of creation, which is in the manifest, from the archive.
    os.utime(archive, (time, time))
    return pathlib.Path(archive)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("destination", help="the folder for the archive")
    parser.add_argument("--time", type=int, required=True, help="seconds since 1970")
    arguments = parser.parse_args()
    print(package(arguments.destination, arguments.time))

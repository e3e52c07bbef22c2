"""The chart, rendered by Helm 4."""

import functools
import pathlib

import helm_python as helm
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "bart"
VALUES = pathlib.Path(__file__).resolve().parent / "values"


class Release:
    """The objects that one set of values gives."""

    def __init__(self, values, objects, notes):
        self.values = values
        self.objects = objects
        self.notes = notes

    def all(self, kind):
        """The objects of a kind."""
        return [thing for thing in self.objects if thing["kind"] == kind]

    def one(self, kind, suffix=""):
        """The only object of a kind whose name ends like this."""
        found = [thing for thing in self.all(kind) if thing["metadata"]["name"].endswith(suffix)]
        assert len(found) == 1, f"{len(found)} objects of the kind {kind}"
        return found[0]

    def pod(self):
        """The specification of the pods that serve."""
        return self.one("Deployment")["spec"]["template"]["spec"]

    def bart(self):
        """The container that serves."""
        return next(container for container in self.pod()["containers"] if container["name"] == "bart")

    def variables(self):
        """The variables of the container that have a value."""
        return {entry["name"]: entry["value"] for entry in self.bart()["env"] if "value" in entry}

    def service(self):
        """The Service for visitors."""
        return next(
            service
            for service in self.all("Service")
            if "app.kubernetes.io/component" not in service["metadata"]["labels"]
        )

    def admin_service(self):
        """The Service for the cluster."""
        return next(service for service in self.all("Service") if service is not self.service())

    def volume(self, name):
        """A volume of the pods."""
        return next(volume for volume in self.pod()["volumes"] if volume["name"] == name)


@functools.cache
def _loaded(folder):
    return helm.Chart.load(folder)


def render(values, *, name="site", namespace="web", chart=CHART, upgrade=False):
    """Renders the chart, or a copy of it elsewhere. What Helm or the chart refuses is a `HelmError`."""
    files = _loaded(chart).render(
        values, name=name, namespace=namespace, is_install=not upgrade, is_upgrade=upgrade
    )
    objects = []
    notes = ""
    for path, text in sorted(files.items()):
        if path.endswith("NOTES.txt"):
            notes = text
        else:
            objects.extend(thing for thing in yaml.safe_load_all(text) if thing)
    return Release(values, objects, notes)


def refusal(values):
    """The message with which values are refused; nothing where they are not."""
    try:
        render(values)
    except helm.HelmError as error:
        return str(error)
    return None


def value_sets():
    """The values of the matrix, by the names of their files."""
    return {path.stem: yaml.safe_load(path.read_text()) or {} for path in sorted(VALUES.glob("*.yaml"))}


def lint(values):
    """What `helm lint --strict` has to say, beside remarks."""
    report = helm.lint(CHART, values, strict=True)
    remarks = 1
    found = [message["error"] for message in report["messages"] if message["severity"] > remarks]
    return sorted(set(found + report["errors"]))

"""What changes from one revision of a release to the next, and what must not."""

import functools
import pathlib
import shutil
import tempfile

from chart import CHART, render, value_sets


def selectors_never_change():
    """Of a Deployment they cannot: an upgrade that tries fails for ever."""
    seen = set()
    for name, values in value_sets().items():
        # The names of an umbrella chart are its own.
        if not values.get("nameOverride"):
            selector = render(values).one("Deployment")["spec"]["selector"]["matchLabels"]
            seen.add((name, tuple(sorted(selector.items()))))
    assert len({selector for _, selector in seen}) == 1, seen


def new_versions_change_no_selector():
    for kind in ("Deployment", "Service"):
        before = [thing["spec"]["selector"] for thing in render({}).all(kind)]
        after = [thing["spec"]["selector"] for thing in _next_chart({}).all(kind)]
        assert before == after, (before, after)


def a_new_chart_alone_restarts_no_pod():
    before, after = _template(render({})), _template(_next_chart({}))
    assert before == after, "the pods would be replaced"


def a_changed_variable_of_the_site_restarts_pods():
    first = {"siteEnv": {"BASE_URL": "https://a.example.com"}}
    second = {"siteEnv": {"BASE_URL": "https://b.example.com"}}
    assert _checksum(first) != _checksum(second)
    assert _checksum(first) == _checksum(dict(first, replicaCount=3))


def the_same_values_give_the_same_objects():
    """Flux would otherwise see drift, and roll for ever."""
    for name, values in value_sets().items():
        first, second = render(values), render(values, upgrade=True)
        assert first.objects == second.objects, name


def _checksum(values):
    return render(values).one("Deployment")["spec"]["template"]["metadata"]["annotations"]["checksum/site"]


def _template(release):
    return release.one("Deployment")["spec"]["template"]


@functools.cache
def _next_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bart-chart-"))
    copy = folder / "bart"
    shutil.copytree(CHART, copy)
    manifest = copy / "Chart.yaml"
    lines = []
    for line in manifest.read_text().splitlines():
        key = line.partition(":")[0]
        lines.append({"version": "version: 99.0.0", "appVersion": 'appVersion: "98.0.0"'}.get(key, line))
    manifest.write_text("\n".join(lines) + "\n")
    return copy


def _next_chart(values):
    try:
        return render(values, chart=_next_folder())
    finally:
        shutil.rmtree(_next_folder().parent)
        _next_folder.cache_clear()


CHECKS = [
    selectors_never_change,
    new_versions_change_no_selector,
    a_new_chart_alone_restarts_no_pod,
    a_changed_variable_of_the_site_restarts_pods,
    the_same_values_give_the_same_objects,
]

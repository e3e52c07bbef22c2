"""Checks the chart and `deploy/flux`, and prints what it found."""

import sys

import cases
import chart
import flux
import publishing
import refusals
import rules
import schemas
import upgrades
from report import Report


def main():
    report = Report()
    matrix(report)
    for case in refusals.cases():
        report.check(f"refused: {case['values']}", refusals.is_refused, case)
    for check in upgrades.CHECKS + publishing.CHECKS:
        report.check(check.__name__, check)
    flux.check_all(report)
    return report.end()


def matrix(report):
    """Each set of values: rendered, linted, against the schemas of Kubernetes, the rules, and what it is there for."""
    for name, values in chart.value_sets().items():
        report.check(f"{name}: lint", lints_clean, values)
        try:
            release = chart.render(values)
        except chart.helm.HelmError as error:
            report.check(f"{name}: renders", refused, error)
            continue
        for thing in release.objects:
            what = f"{name}: {thing['kind']} {thing['metadata']['name']}"
            if schemas.is_custom(thing):
                report.check(what, schemas.check_custom, thing)
                continue
            for version in schemas.KUBERNETES:
                report.check(f"{what} in Kubernetes {version}", schemas.check_native, thing, version)
        for rule in rules.RULES:
            report.check(f"{name}: {rule.__name__}", rule, release)
        report.check(f"{name}: what it is there for", has_its_case(name), release)


def lints_clean(values):
    found = chart.lint(values)
    assert not found, found


def refused(error):
    raise AssertionError(error)


def has_its_case(name):
    case = getattr(cases, name.replace("-", "_"), None)
    return case or (lambda _: refused(f"`cases.py` does not say what `{name}.yaml` is there for"))


if __name__ == "__main__":
    sys.exit(main())

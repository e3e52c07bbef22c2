"""`deploy/flux`: each manifest, and what the overlays make of them."""

import functools
import re

import chart
import kustomize
import rules
import schemas
import yaml

FOLDER = chart.ROOT / "deploy" / "flux"
OVERLAYS = ["production", "staging"]
SETTER = re.compile(r'# \{"\$imagepolicy": "([^:"]+):([^:"]+):(tag|digest)"\}')


def check_all(report):
    """Runs all checks of the folder."""
    for path in sorted(FOLDER.rglob("*.yaml")):
        name = path.relative_to(FOLDER)
        report.check(f"flux: {name} is used", is_used, path)
        for index, thing in enumerate(_documents(path)):
            if thing["apiVersion"].startswith("kustomize.config.k8s.io/"):
                report.check(f"flux: {name} names what is there", names_what_is_there, path, thing)
            elif path in _patches():
                report.check(f"flux: {name} has its target", has_its_target, path, thing)
            else:
                report.check(f"flux: {name}, object {index + 1}", fits_its_schema, thing)
    for overlay in OVERLAYS:
        for check in CHECKS:
            report.check(f"flux: {overlay}: {check.__name__}", check, overlay)
    for folder in [FOLDER / "overlays" / overlay for overlay in OVERLAYS] + [FOLDER / "notifications"]:
        name = folder.relative_to(FOLDER)
        report.check(f"flux: {name} as kustomize builds it", kustomize.agrees_with_the_real_one, folder)
    report.check("flux: notifications", notifications_are_about_what_there_is)


def fits_its_schema(thing):
    """Against the newest schemas."""
    if schemas.is_custom(thing):
        schemas.check_custom(thing)
    else:
        schemas.check_native(thing, schemas.KUBERNETES[-1])


def is_used(path):
    """Files that nothing names would be forgotten ones."""
    if path.name == "kustomization.yaml" or path.parent.name == "clusters":
        return
    [kustomization] = _documents(path.parent / "kustomization.yaml")
    named = kustomization["resources"] + [patch["path"] for patch in kustomization.get("patches", [])]
    assert path.name in named, "no `kustomization.yaml` names it"


def names_what_is_there(path, kustomization):
    """Resources and patches exist, and only what is known here is used."""
    known = {"apiVersion", "kind", "namespace", "resources", "patches"}
    assert set(kustomization) <= known, set(kustomization) - known
    for name in kustomization["resources"] + [patch["path"] for patch in kustomization.get("patches", [])]:
        assert (path.parent / name).exists(), f"`{name}` does not exist"


def has_its_target(path, patch):
    """A patch changes an object of the base, by its kind and name."""
    [kustomization] = _documents(path.parent / "kustomization.yaml")
    for name in kustomization["resources"]:
        folder = path.parent / name
        for file in folder.glob("*.yaml") if folder.is_dir() else [folder]:
            for thing in _documents(file):
                if thing["kind"] == patch["kind"] and thing["metadata"]["name"] == patch["metadata"]["name"]:
                    return
    raise AssertionError(f"there is no {patch['kind']} {patch['metadata']['name']}")


def fits_the_schemas_as_a_whole(overlay):
    for thing in _built(overlay):
        fits_its_schema(thing)


def a_failed_update_is_rolled_back(overlay):
    spec = _one(overlay, "HelmRelease")["spec"]
    remediation = spec["upgrade"]["remediation"]
    assert remediation["strategy"] == "rollback"
    assert remediation["remediateLastFailure"] is True, "the last try would stay as it is"
    assert spec["install"]["remediation"]["retries"] > 0
    assert spec["test"] == {"enable": True, "ignoreFailures": False}
    assert not spec.get("disableWait") and not spec["upgrade"].get("disableWait"), "nothing would be noticed"


def drift_is_set_right_but_for_what_the_autoscaler_owns(overlay):
    spec = _one(overlay, "HelmRelease")["spec"]
    assert spec["driftDetection"]["mode"] == "enabled"
    ignored = [path for rule in spec["driftDetection"].get("ignore", []) for path in rule["paths"]]
    scaled = spec["values"].get("autoscaling", {}).get("enabled", False)
    assert ("/spec/replicas" in ignored) == scaled, f"{ignored}, while autoscaling is {scaled}"


def only_a_signed_chart_is_used(overlay):
    repository = _one(overlay, "OCIRepository")
    assert _one(overlay, "HelmRelease")["spec"]["chartRef"] == {
        "kind": "OCIRepository",
        "name": repository["metadata"]["name"],
    }
    verify = repository["spec"]["verify"]
    assert verify["provider"] == "cosign"
    for identity in verify["matchOIDCIdentity"]:
        for pattern in identity.values():
            assert pattern.startswith("^") and pattern.endswith("$"), f"{pattern} fits parts of names"
    with chart.helm.Chart.load(chart.CHART) as loaded:
        major = loaded.version.partition(".")[0]
    assert repository["spec"]["ref"]["semver"].startswith(f">={major}."), "not the chart of this repository"


def releases_are_chosen_by_order(overlay):
    policy = _one(overlay, "ImagePolicy")["spec"]
    repository = _one(overlay, "ImageRepository")
    assert policy["imageRepositoryRef"]["name"] == repository["metadata"]["name"]
    assert policy["digestReflectionPolicy"] == "IfNotPresent", "a tag that moves would be followed"
    if overlay == "production":
        assert "range" in policy["policy"]["semver"]
        return
    pattern = policy["filterTags"]["pattern"]
    found = re.fullmatch(pattern, "main-0a1b2c3d-1800000000")
    assert found and found["seconds"] == "1800000000", pattern
    assert not re.fullmatch(pattern, "topic-0a1b2c3d-1800000000"), "another branch is followed too"
    assert policy["policy"]["numerical"]["order"] == "asc"


def the_image_that_is_looked_for_is_the_one_that_runs(overlay):
    values = _one(overlay, "HelmRelease")["spec"]["values"]["image"]
    assert _one(overlay, "ImageRepository")["spec"]["image"] == f"{values['registry']}/{values['repository']}"


def automation_writes_tag_and_digest(overlay):
    automation = _one(overlay, "ImageUpdateAutomation")["spec"]
    path = chart.ROOT / automation["update"]["path"]
    assert path == FOLDER / "overlays" / overlay, path
    assert automation["update"]["strategy"] == "Setters"
    text = (path / "release.yaml").read_text()
    policy = _one(overlay, "ImagePolicy")["metadata"]
    found = {match.group(3): match.group(1, 2) for match in SETTER.finditer(text)}
    wanted = policy["namespace"], policy["name"]
    assert found == {"tag": wanted, "digest": wanted}, found
    for line in text.splitlines():
        setter = SETTER.search(line)
        assert not setter or line.strip().startswith(f"{setter.group(3)}:"), line
    assert "[skip ci]" in automation["git"]["commit"]["messageTemplate"], "its commits would publish previews for ever"


def its_values_give_a_site_that_keeps_the_rules(overlay):
    release = _one(overlay, "HelmRelease")
    rendered = chart.render(
        release["spec"]["values"], name=release["spec"]["releaseName"], namespace=release["metadata"]["namespace"]
    )
    for rule in rules.RULES:
        rule(rendered)
    for thing in rendered.objects:
        fits_its_schema(thing)


def the_cluster_waits_for_the_site(overlay):
    documents = _documents(FOLDER / "clusters" / f"{overlay}.yaml")
    kustomization = next(thing for thing in documents if thing["kind"] == "Kustomization")["spec"]
    source = next(thing for thing in documents if thing["kind"] == "GitRepository")["metadata"]
    assert kustomization["sourceRef"] == {"kind": "GitRepository", "name": source["name"]}
    assert chart.ROOT / kustomization["path"] == FOLDER / "overlays" / overlay
    automation = _one(overlay, "ImageUpdateAutomation")["spec"]["sourceRef"]
    assert (automation["name"], automation["namespace"]) == (source["name"], source["namespace"])
    release = _one(overlay, "HelmRelease")
    rendered = chart.render(release["spec"]["values"], name=release["spec"]["releaseName"])
    deployment = rendered.one("Deployment")["metadata"]["name"]
    watched = {(check["kind"], check["namespace"], check["name"]) for check in kustomization["healthChecks"]}
    namespace = release["metadata"]["namespace"]
    assert watched == {("HelmRelease", namespace, "site"), ("Deployment", namespace, deployment)}, watched


def everything_is_in_its_namespace(overlay):
    namespace = _one(overlay, "Namespace")["metadata"]
    assert namespace["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for thing in _built(overlay):
        if thing["kind"] != "Namespace":
            assert thing["metadata"]["namespace"] == namespace["name"], thing["metadata"]["name"]
        assert thing["kind"] != "Secret", "a secret is in git"


def notifications_are_about_what_there_is():
    there = {(thing["kind"], thing["metadata"]["name"]) for thing in _built("production")}
    objects = kustomize.build(FOLDER / "notifications")
    for thing in objects:
        fits_its_schema(thing)
    there |= {(thing["kind"], thing["metadata"]["name"]) for thing in objects}
    alert = next(thing for thing in objects if thing["kind"] == "Alert")["spec"]
    receiver = next(thing for thing in objects if thing["kind"] == "Receiver")["spec"]
    provider = {"kind": "Provider", **alert["providerRef"]}
    for source in alert["eventSources"] + receiver["resources"] + [provider]:
        assert (source["kind"], source["name"]) in there, source


def _one(overlay, kind):
    found = [thing for thing in _built(overlay) if thing["kind"] == kind]
    assert len(found) == 1, f"{len(found)} objects of the kind {kind}"
    return found[0]


def _built(overlay):
    return kustomize.build(FOLDER / "overlays" / overlay)


def _documents(path):
    return [thing for thing in yaml.safe_load_all(path.read_text()) if thing]


@functools.cache
def _patches():
    found = set()
    for path in FOLDER.rglob("kustomization.yaml"):
        for patch in _documents(path)[0].get("patches", []):
            found.add(path.parent / patch["path"])
    return found


CHECKS = [
    fits_the_schemas_as_a_whole,
    a_failed_update_is_rolled_back,
    drift_is_set_right_but_for_what_the_autoscaler_owns,
    only_a_signed_chart_is_used,
    releases_are_chosen_by_order,
    the_image_that_is_looked_for_is_the_one_that_runs,
    automation_writes_tag_and_digest,
    its_values_give_a_site_that_keeps_the_rules,
    the_cluster_waits_for_the_site,
    everything_is_in_its_namespace,
]

"""What kustomize makes of the folders of `deploy/flux`: the little of it that they use, compared with the real one where that is there."""

import functools
import shutil
import subprocess

import yaml
from report import Skipped


@functools.cache
def build(folder):
    """The objects of a folder with a `kustomization.yaml` that has `resources`, `namespace` and `patches` by path alone."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    objects = []
    for name in kustomization["resources"]:
        path = (folder / name).resolve()
        objects += build(path) if path.is_dir() else _documents(path)
    for patch in kustomization.get("patches", []):
        for change in _documents(folder / patch["path"]):
            objects = [_merged(thing, change) if _key(thing) == _key(change) else thing for thing in objects]
    namespace = kustomization.get("namespace")
    return [_moved(thing, namespace) for thing in objects] if namespace else objects


def agrees_with_the_real_one(folder):
    """The same objects come out of kustomize itself, or the one inside kubectl; neither asks a cluster."""
    done = subprocess.run([*_program(), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    theirs = sorted((thing for thing in yaml.safe_load_all(done.stdout) if thing), key=_key)
    assert theirs == sorted(build(folder), key=_key), done.stdout


def _program():
    for command in (["kustomize", "build"], ["kubectl", "kustomize"]):
        if shutil.which(command[0]):
            return command
    raise Skipped("no `kustomize` and no `kubectl`")


def _documents(path):
    return [thing for thing in yaml.safe_load_all(path.read_text()) if thing]


def _key(thing):
    return thing["kind"], thing["metadata"]["name"]


def _merged(thing, change):
    """A patch of a custom resource, whose lists have no keys (RFC 7386)."""
    if not isinstance(thing, dict) or not isinstance(change, dict):
        return change
    merged = {**thing, **{name: _merged(thing.get(name), value) for name, value in change.items()}}
    return {name: value for name, value in merged.items() if value is not None}


def _moved(thing, namespace):
    if thing["kind"] == "Namespace":
        return thing
    return {**thing, "metadata": {**thing["metadata"], "namespace": namespace}}

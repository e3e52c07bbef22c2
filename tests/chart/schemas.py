"""Objects against the schemas of Kubernetes and of custom resources."""

import functools
import json
import os
import pathlib

import jsonschema
import kubernetes_validate
import kubernetes_validate.utils as kubernetes
import yaml
from chart import ROOT
from report import Skipped

# The oldest that the chart names, one in between, and the newest that is known.
KUBERNETES = ["1.29", "1.33", "1.37"]

# Where the definitions of custom resources are, one YAML file each.
CRDS = "BART_FLUX_CRDS"

# The schemas are read anew for each object otherwise.
kubernetes.schema_contents = functools.cache(kubernetes.schema_contents)


def crd_folder():
    """The folder with definitions of custom resources; nothing where there is none."""
    folder = pathlib.Path(os.environ.get(CRDS) or ROOT.parent / "shared" / "fixtures" / "flux-crds")
    return folder if folder.is_dir() else None


def is_custom(thing):
    """Whether the schema of an object comes from the definition of a custom resource."""
    group = thing["apiVersion"].rpartition("/")[0]
    return "." in group and (group.startswith("gateway.") or not group.endswith(".k8s.io"))


def check_native(thing, version):
    """Checks an object of Kubernetes itself, with fields that the schema does not know as faults."""
    _check_native(json.dumps(thing, sort_keys=True), version)


def check_custom(thing):
    """Checks a custom resource. Rules in CEL are not looked at."""
    folder = crd_folder()
    if folder is None:
        raise Skipped(f"no definitions of custom resources: set {CRDS}")
    validator = _validators(folder).get((thing["apiVersion"], thing["kind"]))
    assert validator, f"no definition of {thing['apiVersion']} {thing['kind']}"
    for error in validator.iter_errors(thing):
        raise AssertionError(f"{_name(thing)}: {'.'.join(map(str, error.path))}: {error.message}")


@functools.cache
def _check_native(text, version):
    thing = json.loads(text)
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(map(str, error.path))
        raise AssertionError(f"{_name(thing)} in Kubernetes {version}: {where}: {error.message}") from None


@functools.cache
def _validators(folder):
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        for definition in yaml.safe_load_all(path.read_text()):
            spec = definition["spec"]
            for version in spec["versions"]:
                if version["served"]:
                    key = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                    schema = _closed(version["schema"]["openAPIV3Schema"], at_root=True)
                    found[key] = jsonschema.Draft202012Validator(schema)
    return found


def _closed(schema, *, at_root=False):
    """The JSON schema of a structural schema: an API server drops what it does not know, which here is a fault."""
    if not isinstance(schema, dict):
        return schema
    closed = {}
    for key, value in schema.items():
        if key == "properties":
            closed[key] = {name: _closed(property) for name, property in value.items()}
        elif key in ("items", "additionalProperties", "not"):
            closed[key] = _closed(value)
        elif key in ("allOf", "anyOf", "oneOf"):
            closed[key] = value
        elif key != "format":
            closed[key] = value
    if at_root:
        # The API server knows the type of metadata itself.
        closed["properties"]["metadata"] = {"type": "object"}
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if "properties" in schema and not open_ended:
        closed["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        closed.pop("type", None)
    if schema.get("nullable") and "type" in closed:
        closed["type"] = [closed["type"], "null"]
    return closed


def _name(thing):
    return f"{thing['kind']}/{thing['metadata']['name']}"

"""Pushes a packed chart to an OCI registry. A version that is there with other content is never replaced."""

import argparse
import hashlib
import pathlib
import sys
import tarfile
import tempfile

import helm_python as helm


class Exists(Exception):
    """The version is there, and is something else."""


def push(archive, remote, *, plain_http=False):
    """Pushes to `oci://HOST/NAME`, the chart's name is added. Gives the reference with its digest, and whether it is new."""
    with helm.Chart.load(archive) as chart:
        reference = f"{remote}/{chart.name}:{chart.version.replace('+', '_')}"
    with helm.RegistryClient(plain_http=plain_http) as client:
        digest = _digest(client, reference)
        if digest:
            _compare(client, reference, digest, archive, plain_http)
            return _pinned(reference, digest), False
        client.push(archive, remote, plain_http=plain_http)
        # Registries overwrite without a word: somebody may have pushed meanwhile.
        digest = _digest(client, reference)
        _compare(client, reference, digest, archive, plain_http)
        return _pinned(reference, digest), True


def _digest(client, reference):
    """The digest of what a tag means; nothing where there is no such tag."""
    try:
        return client.resolve(reference)["digest"]
    except helm.HelmError as error:
        if "not found" in str(error):
            return None
        raise


def _compare(client, reference, digest, archive, plain_http):
    with tempfile.TemporaryDirectory(prefix="bart-chart-") as folder:
        name, _, version = reference.rpartition(":")
        client.pull(name, version=version.replace("_", "+"), destination=folder, plain_http=plain_http)
        [there] = pathlib.Path(folder).glob("*.tgz")
        theirs, ours = _files(there), _files(archive)
    changed = sorted(name for name in theirs | ours if theirs.get(name) != ours.get(name))
    if changed:
        raise Exists(f"`{reference}` exists with other content: {digest} differs in {', '.join(changed)}")


def _files(archive):
    """The digests of the files in an archive: the times of two commits may differ where the chart does not."""
    with tarfile.open(archive) as members:
        return {
            member.name: hashlib.sha256(members.extractfile(member).read()).hexdigest()
            for member in members
            if member.isfile()
        }


def _pinned(reference, digest):
    return f"{reference.removeprefix('oci://')}@{digest}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive")
    parser.add_argument("remote", help="such as `oci://registry.example.com/you/site/charts`")
    parser.add_argument("--plain-http", action="store_true")
    arguments = parser.parse_args()
    try:
        pinned, is_new = push(arguments.archive, arguments.remote, plain_http=arguments.plain_http)
    except Exists as error:
        print(f"error: {error}\nhint: raise `version` in `charts/bart/Chart.yaml`", file=sys.stderr)
        return 1
    except helm.HelmError as error:
        print(f"error: failed to push to `{arguments.remote}`: {error}", file=sys.stderr)
        return 1
    print(f"{'pushed' if is_new else 'there already:'} {pinned}", file=sys.stderr)
    print(pinned.partition("@")[2])
    return 0


if __name__ == "__main__":
    sys.exit(main())

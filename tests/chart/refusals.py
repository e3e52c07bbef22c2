"""Values that are wrong: what Helm says of them, and whether it helps."""

import pathlib

import yaml
from chart import refusal

TABLE = pathlib.Path(__file__).resolve().parent / "refusals.yaml"


def cases():
    """The table."""
    return yaml.safe_load(TABLE.read_text())


def is_refused(case):
    """The message names the key and gives the hint."""
    message = refusal(case["values"])
    assert message is not None, "it is accepted"
    for part in (case["key"], case["hint"]):
        assert part in message, f"`{part}` is not in: {message}"

"""What the checks found: one line for each, and the counts."""

import sys
import traceback


class Skipped(Exception):
    """A check that cannot run here; the text says why."""


class Report:
    """Runs checks, prints how each of them ended, and counts."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, name, function, *arguments):
        """Runs a check that fails by `AssertionError`. Any other error is a failure too, with its traceback."""
        try:
            function(*arguments)
        except Skipped as reason:
            self.skipped += 1
            print(f"skipped: {name}: {reason}")
        except AssertionError as error:
            self.failed += 1
            print(f"FAILED: {name}: {error}")
        except Exception:
            self.failed += 1
            print(f"FAILED: {name}:\n{traceback.format_exc()}")
        else:
            self.passed += 1

    def end(self):
        """Prints the counts, in the form that `cargo xtask` reads, and gives the exit code."""
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.stdout.flush()
        return 1 if self.failed else 0

"""`runen verify`: every check, a line each."""

from __future__ import annotations

import json
from dataclasses import asdict
from textwrap import shorten
from typing import Any

from ..verification import Outcome, all_checks, run

__all__ = ["verify_all"]

WIDTH = 46


def verify_all(quick: bool, as_json: bool) -> bool:
    """Run the checks and print what comes of each; return whether all have passed."""
    outcomes = []
    for check in all_checks(quick):
        outcome = run(check)
        outcomes.append(outcome)
        if not as_json:
            print(line_of(outcome), flush=True)
    failed = sum(not outcome.passed for outcome in outcomes)
    if as_json:
        print(json.dumps([asdict(outcome) for outcome in outcomes]))
    else:
        seconds = sum(outcome.seconds for outcome in outcomes)
        print(f"{len(outcomes) - failed} of {len(outcomes)} pass; {seconds:.1f} s")
    return not failed


def line_of(outcome: Outcome) -> str:
    """Return what came of a check in one line."""
    said = "pass" if outcome.passed else "FAIL"
    return (
        f"{said}  {outcome.name:28} {shorten(outcome.source, WIDTH, placeholder='…'):{WIDTH}}  "
        f"expected: {outcome.expected};  measured: {_shown(outcome.measured)}"
    )


def _shown(measured: Any) -> str:
    if isinstance(measured, dict):
        return ", ".join(f"{key} {_shown(value)}" for key, value in measured.items() if value is not None)
    if isinstance(measured, list) and measured and isinstance(measured[0], list):
        return "; ".join(_shown(row) for row in measured[:4]) + "; …"
    if isinstance(measured, list):
        shown = " ".join(f"{value:g}" for value in measured[:8])
        return f"{shown} … ({len(measured)})" if len(measured) > 8 else shown or "none"
    return f"{measured:.4g}" if isinstance(measured, float) else str(measured)

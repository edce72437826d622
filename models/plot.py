"""The one picture of an evaluation: whether confidence can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any

from models.accuracy import SETS


def plot(result: Mapping[str, Any]) -> str | None:
    """Return the reliability of confidence as SVG, always the same bytes; None without matplotlib.

    One line a set: the mean confidence of the service's claims against the share that is right.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        return None
    with rc_context({"svg.hashsalt": "clausier", "svg.fonttype": "none"}):
        figure = Figure(figsize=(5.6, 4.6), layout="constrained")
        axes = figure.subplots()
        axes.plot((0, 1), (0, 1), color="0.6", linestyle="--", label="as sure as right")
        for name, one in result["sets"].items():
            bins = one["systems"][result["service"]]["sureness"]["bins"]
            points = [(sure, right) for *_, sure, right in bins if sure is not None]
            if points:
                axes.plot(*zip(*points, strict=True), marker="o", label=SETS[name])
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share of claims right")
        axes.set_title(f"Can the confidence be believed? ({result['service']})", fontsize="medium")
        axes.legend(fontsize="small", frameon=False)
        drawn = StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n"

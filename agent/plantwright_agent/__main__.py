"""`python -m plantwright_agent` is the same as the command `plantwright-agent`."""

import sys

from plantwright_agent.cli import main

sys.exit(main())

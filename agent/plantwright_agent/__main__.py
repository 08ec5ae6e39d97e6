"""`python -m plantwright_agent` is the same as the command `plantwright-agent`."""

import sys

from plantwright_agent.cli.main import main

sys.exit(main())

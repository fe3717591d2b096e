"""`python -m attnexplain <stage> ...`: what the workflow's rules call."""

import sys

from attnexplain.cli import main

sys.exit(main())

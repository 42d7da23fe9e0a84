"""``python -m ccboard``: the same as the command, and safe in any folder.

``python -m`` puts the working directory first on the search path, so a folder called sources/ or
widgets/ there would be imported instead of ours, and run. It is taken off before anything of ours is
imported, unless ccboard itself lives there: then this is a clone.
"""

import os
import sys

if not sys.flags.safe_path and sys.path:
    _ours = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120 - pathlib is not yet safe to import
    if os.path.realpath(sys.path[0]) != _ours:
        del sys.path[0]

from ccboard.cli import main

if __name__ == "__main__":
    sys.exit(main())

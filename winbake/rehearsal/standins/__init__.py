"""Stand-ins: what the real installers and archives of the tool catalogue do, as data, and a mirror that serves them.

`model.py` is the format (docs/standins.md explains it), `build.py` makes the files, `mirror.py` serves them.
"""

from winbake.rehearsal.standins.build import build_artifact, media_file
from winbake.rehearsal.standins.mirror import Mirror
from winbake.rehearsal.standins.model import StandIn, StandInError, Version, load_standins

__all__ = ["Mirror", "StandIn", "StandInError", "Version", "build_artifact", "load_standins", "media_file"]

"""The WS-Management endpoint in front of a simulated Windows host."""

from winbake.rehearsal.windows.certificates import Certificate, make_certificate
from winbake.rehearsal.winrm.endpoint import Endpoint
from winbake.rehearsal.winrm.settings import Settings

__all__ = ["Certificate", "Endpoint", "Settings", "make_certificate"]

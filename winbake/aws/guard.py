"""The idle guard of a station that runs already: its scheduled task and its tag, set to another moment."""

from __future__ import annotations

from datetime import datetime

from winbake.aws import first_start, tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.instances import Instance
from winbake.aws.session import AwsSession
from winbake.hosts.certificates import GivenCertificate
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession
from winbake.hosts.winrm import WinRMConnection

_LIMIT = 120.0
# The script comes on standard input: it is longer than a command line may be.
_BOOTSTRAP = "$ErrorActionPreference = 'Stop'; & ([scriptblock]::Create(($input -join \"`n\")))"


def set_guard(session: AwsSession, instance: Instance, host: HostAddress, fingerprint: str, until: datetime) -> None:
    """Raises AwsError, and the connection's errors."""
    said: list[str] = []
    with AgentSession(WinRMConnection(host, GivenCertificate(fingerprint, "shown a moment ago"))) as agent:
        ended = agent.run(_BOOTSTRAP, first_start.idle_guard(until).encode("utf-8"), said.append, _LIMIT)
    if ended.exit_code != 0:
        raise AwsError(
            f"the time at which {instance.name} stops could not be set: {ended.stderr_text or ' '.join(said)}",
            "set it again: python bake.py clones up --until …",
        )
    with in_words():
        session.client("ec2").create_tags(
            Resources=[instance.id], Tags=[{"Key": tags.UNTIL, "Value": first_start.moment(until)}]
        )

"""What `ansible-doc` shows. The task itself is answered by the action plugin of the same name."""

DOCUMENTATION = r"""
module: win_lockdown
short_description: Closes WinRM over HTTPS behind the run
description:
  - Some time after the run the host removes by itself its HTTPS listeners, their certificates and keys, the firewall
    rules of their ports, and the account of the run unless that is the built-in Administrator.
  - Only winbake carries this out; under Ansible the task fails with a message and does not touch the host.
author:
  - winbake
options:
  delay:
    description: Seconds between the end of the run and the closing.
    type: int
    default: 60
  account:
    description: Whether the account of the run is removed too. The built-in Administrator never is.
    type: bool
    default: true
"""

EXAMPLES = r"""
- winbake.windows.win_lockdown:
    delay: 60
"""

"""What `ansible-doc` shows. The task itself is answered by the action plugin of the same name."""

DOCUMENTATION = r"""
module: win_empty_folder
short_description: Empties a folder
description:
  - The folder itself stays, and files that a program holds open.
  - Only winbake carries this out; under Ansible the task fails with a message and does not touch the host.
author:
  - winbake
options:
  path:
    description: The folder; it may hold wildcards.
    type: str
    required: true
"""

EXAMPLES = r"""
- winbake.windows.win_empty_folder:
    path: C:\Windows\Temp
"""

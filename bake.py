#!/usr/bin/env python3
"""The command: python bake.py plan | apply | doctor | rehearse."""

import sys

from winbake.cli import main

if __name__ == "__main__":
    sys.exit(main())

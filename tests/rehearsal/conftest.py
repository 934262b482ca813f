"""Fixtures that several files of the rehearsal's tests share."""

from bake_stage import make_stage, stage  # noqa: F401
from cloud_stage import cloud_stage  # noqa: F401
from pacs_stage import orthanc, pacs_stage  # noqa: F401
from ssh_stage import ssh_stage  # noqa: F401

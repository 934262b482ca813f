"""Get-, Install- and Uninstall-WindowsFeature of the module ServerManager.

A name that is unknown to Get-WindowsFeature gives nothing; Install- and Uninstall- write an error and still give a
result. Assumed, since no source gives them: the numbers of RestartNeeded and ExitCode, and those of the two pending
install states.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import define_type, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray
from winbake.rehearsal.windows import features as model
from winbake.rehearsal.windows.failures import Win32Failure

_NAMESPACE = "Microsoft.Windows.ServerManager.Commands."
_STATES = {
    "Available": model.AVAILABLE,
    "Installed": model.INSTALLED,
    "InstallPending": model.INSTALL_PENDING,
    "UninstallPending": model.UNINSTALL_PENDING,
    "Removed": model.REMOVED,
}
_RESTART = {"No": 0, "Yes": 1, "Maybe": 2}
_EXIT_CODES = {
    "Success": 0,
    "NoChangeNeeded": 1003,
    "SuccessRestartRequired": 3010,
    "Failed": 1000,
    "InvalidArgs": 1001,
}
_NOT_MODELLED = ("ComputerName", "Credential", "ConfigurationFilePath", "IncludeManagementTools", "LogPath", "Remove",
                 "Restart", "Source", "Vhd")  # fmt: skip


def _define() -> None:
    for name in ("Feature", "FeatureOperationResult", "FeatureResultItem"):
        define_type(_NAMESPACE + name, "class", base=get_type("System.Object"))
    enums = {"InstallState": _STATES, "RestartState": _RESTART, "FeatureOperationExitCode": _EXIT_CODES}
    for name, values in enums.items():
        define_type(_NAMESPACE + name, "enum", enum_values=values)


_define()


class Record(NetObject):
    """An object that only shows properties."""

    def __init__(self, **properties: Any) -> None:
        self._properties = properties

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        for known, value in self._properties.items():
            if known.lower() == name.lower():
                return value
        return NO_MEMBER

    def adapted_set(self, name: str, value: Any) -> bool:
        return False

    def adapted_names(self) -> list[tuple[str, str, str]]:
        return [(name, "Property", "System.Object") for name in self._properties]


class FeatureObject(Record):
    net_type_name = _NAMESPACE + "Feature"


class OperationResult(Record):
    net_type_name = _NAMESPACE + "FeatureOperationResult"


class ResultItem(Record):
    net_type_name = _NAMESPACE + "FeatureResultItem"


class FeatureCommand(Cmdlet):
    def refuse_what_is_not_modelled(self) -> None:
        for name in _NOT_MODELLED:
            if self.has(name):
                raise NotModelled(f"{self.name} -{name}")

    def names(self) -> list[str]:
        """The names of -Name, which may be features from the pipeline."""
        given = self.session.enumerate(self.get("Name"))
        shown = [one.adapted_get("Name") if isinstance(one, FeatureObject) else one for one in given]
        return texts(PSArray(shown))

    def result(self, code: str, restart: bool, changed: tuple[model.Feature, ...] = ()) -> None:
        needed = enum_value(_NAMESPACE + "RestartState", "Yes" if restart else "No")
        items = [
            ResultItem(Id=one.name, DisplayName=one.display_name, Success=True, RestartNeeded=needed) for one in changed
        ]
        self.emit(
            OperationResult(
                Success=code not in ("Failed", "InvalidArgs"),
                RestartNeeded=needed,
                ExitCode=enum_value(_NAMESPACE + "FeatureOperationExitCode", code),
                FeatureResult=PSArray(items, _NAMESPACE + "FeatureResultItem"),
            )
        )

    def carry_out(self, install: bool) -> None:
        self.refuse_what_is_not_modelled()
        features, names = self.session.host.features, self.names()
        for name in names:
            if features.get(name) is None:
                message = (
                    f"ArgumentNotValid: The role, role service, or feature name is not valid: '{name}'. "
                    "The name was not found."
                )
                self.error("NameDoesNotExist", message, "InvalidArgument", "System.Exception", name)
                self.result("InvalidArgs", False)
                return
        if not self.should_process("localhost", self.name):
            return
        try:
            done = features.install(names, self.switch("IncludeAllSubFeature")) if install else features.remove(names)
        except Win32Failure as failure:
            message = (
                "The request to add or remove features on the specified server failed.\n"
                "Installation of one or more roles, role services, or features failed.\n"
                f'{failure.message} Use the "Source" option to specify the location of the files that are required to '
                "restore the feature. Error: 0x800f081f"
            )
            error_id = "DISMAPI_Error__Failed_To_Enable_Updates"
            self.error(error_id, message, "InvalidOperation", "System.Exception", names[0])
            self.result("Failed", False)
            return
        code = "NoChangeNeeded" if not done.changed else "SuccessRestartRequired" if done.restart_needed else "Success"
        self.result(code, done.restart_needed, done.changed)


@cmdlet("Get-WindowsFeature", _NAMESPACE + "GetWindowsFeatureCommand")
class GetWindowsFeature(FeatureCommand):
    def process(self) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard

        self.refuse_what_is_not_modelled()
        patterns = [Wildcard(name) for name in texts(self.get("Name"))]
        for one in self.session.host.features.all():
            if not patterns or any(pattern.matches(one.name) for pattern in patterns):
                self.emit(self._shown(one))

    def _shown(self, one: model.Feature) -> FeatureObject:
        below = [child.name for child in self.session.host.features.children(one.name)]
        return FeatureObject(
            Name=one.name,
            DisplayName=one.display_name,
            Installed=one.installed,
            InstallState=enum_value(_NAMESPACE + "InstallState", one.state),
            FeatureType=one.kind,
            Depth=one.depth,
            Parent=one.parent or None,
            SubFeatures=PSArray(below, "System.String"),
            DependsOn=PSArray(one.depends_on, "System.String"),
        )


@cmdlet("Install-WindowsFeature", _NAMESPACE + "AddWindowsFeatureCommand")
class InstallWindowsFeature(FeatureCommand):
    def process(self) -> None:
        self.carry_out(install=True)


@cmdlet("Uninstall-WindowsFeature", _NAMESPACE + "RemoveWindowsFeatureCommand")
class UninstallWindowsFeature(FeatureCommand):
    def process(self) -> None:
        self.carry_out(install=False)

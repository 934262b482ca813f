"""Get-, Enable- and Disable-WindowsOptionalFeature -Online of the module DISM.

The features are those of ServerManager under other names. Errors are COMExceptions whose id is the command's class;
their words and the properties of the objects are those of reports and documentation. A name that is unknown to Get-
gives nothing. Assumed: names and numbers of the two pending states, and that a description is as the display name.
"""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.commands.windows_features import Record
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, NotModelled, ScriptError
from winbake.rehearsal.powershell.types import define_type, enum_value, get_type
from winbake.rehearsal.windows import features as model
from winbake.rehearsal.windows.failures import Win32Failure

_NAMESPACE = "Microsoft.Dism.Commands."
_STATES = {
    "Disabled": 0,
    "DisablePending": 1,
    "Enabled": 2,
    "EnablePending": 3,
    "Superseded": 4,
    "PartiallyInstalled": 5,
    "DisabledWithPayloadRemoved": 6,
}
_OF_MODEL = {
    model.AVAILABLE: "Disabled",
    model.INSTALLED: "Enabled",
    model.INSTALL_PENDING: "EnablePending",
    model.UNINSTALL_PENDING: "DisablePending",
    model.REMOVED: "DisabledWithPayloadRemoved",
}
_RESTART = {"No": 0, "Possible": 1, "Required": 2}
_NOT_MODELLED = ("Path", "PackageName", "PackagePath", "LogPath", "ScratchDirectory", "Source", "SystemDrive",
                 "WindowsDirectory", "Remove")  # fmt: skip


def _define() -> None:
    for name in ("BasicFeatureObject", "AdvancedFeatureObject", "ImageObject"):
        define_type(_NAMESPACE + name, "class", base=get_type("System.Object"))
    define_type(_NAMESPACE + "FeatureState", "enum", enum_values=_STATES)
    define_type(_NAMESPACE + "RestartType", "enum", enum_values=_RESTART)


_define()


class BasicFeature(Record):
    net_type_name = _NAMESPACE + "BasicFeatureObject"


class AdvancedFeature(Record):
    net_type_name = _NAMESPACE + "AdvancedFeatureObject"


class Image(Record):
    net_type_name = _NAMESPACE + "ImageObject"


class OptionalFeatureCommand(Cmdlet):
    def check(self) -> None:
        for name in _NOT_MODELLED:
            if self.has(name):
                raise NotModelled(f"{self.name} -{name}")
        if not self.session.process.token.elevated:
            raise self.com_error("The requested operation requires elevation.")

    def com_error(self, message: str) -> ScriptError:
        exception = NetException("System.Runtime.InteropServices.COMException", message, None, {})
        return ScriptError(ErrorRecord(exception, "", "NotSpecified", None))

    def named(self) -> list[model.Feature]:
        found = []
        for name in texts(self.get("FeatureName")):
            feature = self.session.host.features.optional(name)
            if feature is None:
                raise self.com_error(f"Feature name {name} is unknown.")
            found.append(feature)
        return found

    def result(self, done: model.FeatureResult) -> None:
        if done.restart_needed and not self.switch("NoRestart"):
            raise NotModelled(f"{self.name} without -NoRestart, which asks whether to restart")
        if done.restart_needed:
            self.write_warning("Restart is suppressed because NoRestart is specified.")
        self.emit(Image(Path="", Online=True, RestartNeeded=done.restart_needed))


@cmdlet("Get-WindowsOptionalFeature", _NAMESPACE + "GetWindowsOptionalFeatureCommand")
class GetWindowsOptionalFeature(OptionalFeatureCommand):
    def process(self) -> None:
        self.check()
        wanted = texts(self.get("FeatureName"))
        for name in model.OPTIONAL_NAMES:
            feature = self.session.host.features.optional(name)
            if feature is None or (wanted and name.lower() != wanted[0].lower()):
                continue
            state = enum_value(_NAMESPACE + "FeatureState", _OF_MODEL[feature.state])
            if not wanted:
                self.emit(BasicFeature(FeatureName=name, State=state))
                continue
            shown = feature.display_name
            restart = enum_value(_NAMESPACE + "RestartType", "Possible")
            self.emit(
                AdvancedFeature(
                    FeatureName=name, DisplayName=shown, Description=shown, RestartRequired=restart, State=state
                )
            )


@cmdlet("Enable-WindowsOptionalFeature", _NAMESPACE + "EnableWindowsOptionalFeatureCommand")
class EnableWindowsOptionalFeature(OptionalFeatureCommand):
    def process(self) -> None:
        self.check()
        features, wanted = self.session.host.features, self.named()
        closed = [above for one in wanted for above in features.closed_above(one) if above not in wanted]
        if closed and not self.switch("All"):
            raise self.com_error(
                "One or several parent features are disabled so current feature can not be enabled."
            )
        try:
            done = features.install([one.name for one in wanted])
        except Win32Failure as failure:
            raise self.com_error(f"{failure.message} (0x800f081f)") from None
        self.result(done)


@cmdlet("Disable-WindowsOptionalFeature", _NAMESPACE + "DisableWindowsOptionalFeatureCommand")
class DisableWindowsOptionalFeature(OptionalFeatureCommand):
    def process(self) -> None:
        self.check()
        self.result(self.session.host.features.remove([one.name for one in self.named()]))

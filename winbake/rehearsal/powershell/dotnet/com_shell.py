"""The COM class WScript.Shell: shortcuts, environment strings, running a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.commands.new_object import COM_CLASSES
from winbake.rehearsal.powershell.dotnet import win32_registry
from winbake.rehearsal.powershell.dotnet.registry import static
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.types import define_type
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, NetObject, unwrap
from winbake.rehearsal.windows import shortcuts
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_COM = "System.__ComObject"
_SHORTCUT_FIELDS = {
    "TargetPath": "target",
    "Arguments": "arguments",
    "WorkingDirectory": "directory",
    "IconLocation": "icon",
    "Description": "description",
    "Hotkey": "hotkey",
    "WindowStyle": "window_style",
}


def _define() -> None:
    from winbake.rehearsal.powershell.types import get_type

    define_type(_COM, "class", base=get_type("System.Object"))


_define()


@static("System.Runtime.InteropServices.Marshal", "ReleaseComObject")
@static("System.Runtime.InteropServices.Marshal", "FinalReleaseComObject")
def _release(o: Any) -> int:
    """The count of references that are left."""
    return 0


class ComObject(NetObject):
    """An automation object: `methods` by name, called with the session and the arguments."""

    net_type_name = _COM
    methods: ClassVar[dict[str, Callable[..., Any]]] = {}

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        return NO_MEMBER

    def adapted_set(self, name: str, value: Any) -> bool:
        return False

    def adapted_names(self) -> list[tuple[str, str, str]]:
        return []

    def adapted_invoke(self, session: Session, name: str, arguments: list[Any]) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        for known, call in self.methods.items():
            if known.lower() == name.lower():
                result = call(self, session, *(unwrap(one) for one in arguments))
                return AUTOMATION_NULL if result is None else result
        return NO_MEMBER


def com_failure(message: str) -> NetError:
    return NetError("System.Runtime.InteropServices.COMException", message)


class Shortcut(ComObject):
    """WshShortcut: what the .lnk file says, kept in memory until Save."""

    def __init__(self, session: Session, path: str) -> None:
        self.ps_type_names = [_COM + "#{f935dc23-0cf0-11d0-adb9-00c04fd58a0b}", _COM, "System.Object"]
        self.session = session
        self.path = path
        data = session.host.files.read(path) if session.host.files.is_file(path) else b""
        self.link = shortcuts.read(data) or shortcuts.Link()

    def adapted_get(self, name: str) -> Any:
        if name.lower() == "fullname":
            return self.path
        for known, field in _SHORTCUT_FIELDS.items():
            if known.lower() == name.lower():
                return getattr(self.link, field)
        return super().adapted_get(name)

    def adapted_set(self, name: str, value: Any) -> bool:
        for known, field in _SHORTCUT_FIELDS.items():
            if known.lower() == name.lower():
                text = convert.to_text(value, self.session)
                setattr(self.link, field, int(text) if field == "window_style" else text)
                return True
        return False

    def adapted_names(self) -> list[tuple[str, str, str]]:
        names = sorted(["FullName", *_SHORTCUT_FIELDS])
        return [(name, "Property", "int" if name == "WindowStyle" else "string") for name in names]

    def save(self, session: Session) -> None:
        try:
            session.host.files.write(self.path, shortcuts.write(self.link))
        except Win32Failure as failure:
            raise com_failure(f'Unable to save shortcut "{self.path}".') from failure

    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Save": save}


class WScriptShell(ComObject):
    """IWshShell: shortcuts, environment strings, Run."""

    def __init__(self, session: Session) -> None:
        self.ps_type_names = [_COM + "#{41904400-be18-11d3-a28b-00104bd35090}", _COM, "System.Object"]
        self.session = session

    def adapted_get(self, name: str) -> Any:
        if name.lower() == "currentdirectory":
            return self.session.process.directory
        return super().adapted_get(name)

    def adapted_names(self) -> list[tuple[str, str, str]]:
        return [("CurrentDirectory", "Property", "string")]

    def create_shortcut(self, session: Session, path: Any) -> Shortcut:
        from winbake.rehearsal.powershell.dotnet.io_paths import full_path

        text = convert.to_text(path, session)
        if text.lower().endswith(".url"):
            raise NotModelled("internet shortcuts (.url)")
        if not text.lower().endswith(".lnk"):
            raise com_failure("The shortcut pathname must end with .lnk or .url.")
        return Shortcut(session, full_path(text, session))

    def expand(self, session: Session, text: Any) -> str:
        return win32_registry.expand_variables(convert.to_text(text, session), session.process.environment)

    def run(self, session: Session, line: Any, style: Any = 1, wait: Any = False) -> int:
        """Gives the exit code when it waited, else 0."""
        command = self.expand(session, line)
        try:
            process = session.host.start(command, parent=session.process, directory=session.process.directory)
        except Win32Failure as failure:
            raise com_failure("The system cannot find the file specified.") from failure
        if not convert.to_bool(wait):
            return 0
        process.wait()
        return int(process.exit_code or 0)

    methods: ClassVar[dict[str, Callable[..., Any]]] = {
        "CreateShortcut": create_shortcut,
        "ExpandEnvironmentStrings": expand,
        "Run": run,
    }


COM_CLASSES["wscript.shell"] = WScriptShell
COM_CLASSES["wscript.shell.1"] = WScriptShell

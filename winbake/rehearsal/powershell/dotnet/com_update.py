"""The COM classes Microsoft.Update.*: Windows Update Agent's scripting objects over the host's updates.

Source: MicrosoftDocs/win32 Wua_Sdk: the property lists of each interface, the sample that searches, downloads and
installs, and using-wua-from-a-remote-computer (what a network logon is refused). Collections count from 0. From Server
2025 on a network logon is refused the searcher too (PSWindowsUpdate issue 65). Synchronous calls only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.commands.new_object import COM_CLASSES
from winbake.rehearsal.powershell.dotnet.com_automation import (
    E_ACCESSDENIED,
    Automation,
    ComCollection,
    Property,
    Wrapped,
    field,
    hresult_failure,
    signed,
)
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.windows.updates import FAILED, SUCCEEDED, WITH_ERRORS, Update, UpdateFailure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

DEFAULT_SERVER, WINDOWS_UPDATE_SERVER = 0, 2  # ServerSelection
BAD_INDEX, NO_UPDATE, ALL_FAILED, ADMINISTRATORS_ONLY = 0x80240007, 0x80240024, 0x80240022, 0x80240044
_PROG_ID = "Microsoft.Update"


def _need_local_logon(session: Session) -> None:
    if session.process.token.logon == "network":
        raise hresult_failure(E_ACCESSDENIED)


def _need_administrator(session: Session) -> None:
    token = session.process.token
    if not (token.elevated or token.is_system):
        raise hresult_failure(ADMINISTRATORS_ONLY)


class UpdateObject(Automation):
    com_class = _PROG_ID


class UpdatePart(Wrapped):
    com_class = _PROG_ID


class UpdateItems(ComCollection):
    """A collection of WUA: `Item` counts from 0."""

    com_class = _PROG_ID
    bad_index = BAD_INDEX

    def __init__(self, session: Session, found: list[Any] | None = None) -> None:
        super().__init__(session)
        self.found: list[Any] = found if found is not None else []

    def items(self) -> list[Any]:
        return self.found


class StringCollection(UpdateItems):
    """IStringCollection."""

    refused = ("add", "clear", "copy", "insert", "removeat", "readonly")


# ---- an update


class Category(UpdatePart):
    """ICategory; `inner` is its name."""

    properties: ClassVar[dict[str, Property]] = {"Name": Property(lambda me: me.inner)}
    refused = ("categoryid", "children", "description", "image", "order", "parent", "type", "updates")


class CategoryCollection(UpdateItems):
    """ICategoryCollection."""


class UpdateIdentity(UpdatePart):
    """IUpdateIdentity."""

    properties: ClassVar[dict[str, Property]] = {"UpdateID": Property(lambda me: me.inner.id)}
    refused = ("revisionnumber",)


class InstallationBehavior(UpdatePart):
    """IInstallationBehavior."""

    properties: ClassVar[dict[str, Property]] = {
        "CanRequestUserInput": Property(lambda me: False, kind="bool"),
        "Impact": Property(lambda me: 2 if me.inner.exclusive else 0, kind="int"),
        "RebootBehavior": Property(lambda me: me.inner.reboot, kind="int"),
    }
    refused = ("requiresnetworkconnectivity",)


class UpdateItem(UpdatePart):
    """IUpdate to IUpdate5, of a software update."""

    def set_hidden(self, value: bool) -> None:
        _need_local_logon(self.session)
        self.inner.hidden = value

    def accept_eula(self, session: Session) -> None:
        _need_local_logon(session)
        self.inner.eula_accepted = True

    properties: ClassVar[dict[str, Property]] = {
        "BrowseOnly": field("browse_only", "bool", writable=False),
        "Categories": Property(
            lambda me: CategoryCollection(me.session, [Category(me.session, name) for name in me.inner.categories]),
            kind="object",
        ),
        "EulaAccepted": field("eula_accepted", "bool", writable=False),
        "Identity": Property(lambda me: UpdateIdentity(me.session, me.inner), kind="object"),
        "InstallationBehavior": Property(
            lambda me: None if me.inner.reboot is None else InstallationBehavior(me.session, me.inner), kind="object"
        ),
        "IsDownloaded": field("downloaded", "bool", writable=False),
        "IsHidden": Property(lambda me: me.inner.hidden, lambda me, value: me.set_hidden(value), "bool"),
        "IsInstalled": field("installed", "bool", writable=False),
        "KBArticleIDs": Property(
            lambda me: StringCollection(me.session, [me.inner.kb.removeprefix("KB")] if me.inner.kb else []),
            kind="object",
        ),
        "MaxDownloadSize": field("size", "int", writable=False),
        "RebootRequired": field("waits", "bool", writable=False),
        "Title": field("title", writable=False),
        "Type": Property(lambda me: 1 if me.inner.kind == "Software" else 2, kind="int"),
    }
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"AcceptEula": accept_eula}
    refused = (
        "autoselectonwebsites", "autodownload", "autoselection", "bundledupdates", "canrequiresource", "cveids",
        "deadline", "deltacompressedcontentavailable", "deltacompressedcontentpreferred", "deploymentaction",
        "description", "downloadcontents", "downloadpriority", "eulatext", "handlerid", "image", "isbeta",
        "ismandatory", "ispresent", "isuninstallable", "languages", "lastdeploymentchangetime", "mindownloadsize",
        "moreinfourls", "msrcseverity", "peruser", "recommendedcpuspeed", "recommendedharddiskspace",
        "recommendedmemory", "releasenotes", "securitybulletinids", "supersededupdateids", "supporturl",
        "uninstallationbehavior", "uninstallationnotes", "uninstallationsteps", "copyfromcache", "copytocache",
    )  # fmt: skip


class UpdateCollection(UpdateItems):
    """IUpdateCollection, also as Microsoft.Update.UpdateColl."""

    def add(self, session: Session, update: Any) -> int:
        """The index that it has then."""
        self.found.append(update)
        return len(self.found) - 1

    def clear(self, session: Session) -> None:
        self.found.clear()

    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Item": ComCollection.item, "Add": add, "Clear": clear}
    refused = ("copy", "insert", "removeat", "readonly")


# ---- what comes out


class SearchResult(UpdatePart):
    """ISearchResult; `inner` is (OperationResultCode, collection)."""

    properties: ClassVar[dict[str, Property]] = {
        "ResultCode": Property(lambda me: me.inner[0], kind="int"),
        "Updates": Property(lambda me: me.inner[1], kind="object"),
    }
    refused = ("rootcategories", "warnings")


class UpdateResult(UpdatePart):
    """IUpdateInstallationResult, IUpdateDownloadResult; `inner` is (HRESULT, wants a restart)."""

    properties: ClassVar[dict[str, Property]] = {
        "HResult": Property(lambda me: signed(me.inner[0]), kind="int"),
        "RebootRequired": Property(lambda me: me.inner[1], kind="bool"),
        "ResultCode": Property(lambda me: FAILED if me.inner[0] else SUCCEEDED, kind="int"),
    }


class OperationResult(UpdatePart):
    """IInstallationResult, IDownloadResult; `inner` is the list of the single results."""

    def code(self) -> int:
        bad = sum(1 for hresult, _ in self.inner if hresult)
        return SUCCEEDED if not bad else FAILED if bad == len(self.inner) else WITH_ERRORS

    def of(self, session: Session, index: Any) -> UpdateResult:
        if not 0 <= int(index) < len(self.inner):
            raise hresult_failure(BAD_INDEX)
        return UpdateResult(session, self.inner[int(index)])

    properties: ClassVar[dict[str, Property]] = {
        "HResult": Property(lambda me: signed(ALL_FAILED) if me.code() == FAILED else 0, kind="int"),
        "RebootRequired": Property(lambda me: any(wants for _, wants in me.inner), kind="bool"),
        "ResultCode": Property(code, kind="int"),
    }
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"GetUpdateResult": of}


# ---- who does the work


class UpdateSearcher(UpdateObject):
    """IUpdateSearcher: online, on Microsoft's own server."""

    server = DEFAULT_SERVER

    def set_server(self, value: int) -> None:
        if value not in (DEFAULT_SERVER, WINDOWS_UPDATE_SERVER):
            raise NotModelled(f"a search for updates with ServerSelection {value}: this host knows no WSUS server")
        self.server = value

    def search(self, session: Session, criteria: Any) -> SearchResult:
        try:
            code, found = session.host.updates.search(convert.to_text(criteria, session), session.process)
        except UpdateFailure as failure:
            raise hresult_failure(failure.hresult) from failure
        updates = UpdateCollection(session, [UpdateItem(session, one) for one in found])
        return SearchResult(session, (code, updates))

    properties: ClassVar[dict[str, Property]] = {
        "ServerSelection": Property(lambda me: me.server, lambda me, value: me.set_server(value), "int"),
    }
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Search": search}
    refused = (
        "beginsearch", "endsearch", "escapestring", "gettotalhistorycount", "queryhistory", "online", "serviceid",
        "canautomaticallyupgradeservice", "clientapplicationid", "ignoredownloadpriority", "searchscope",
        "includepotentiallysupersededupdates",
    )  # fmt: skip


class UpdateWorker(UpdateObject):
    """What downloader and installer share: the collection that they are given."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.given: UpdateCollection | None = None

    def updates(self) -> list[Update]:
        """Raises WU_E_NO_UPDATE when there are none."""
        if self.given is None or not self.given.found:
            raise hresult_failure(NO_UPDATE)
        updates = [item.inner for item in self.given.found]
        if not all(one.eula_accepted for one in updates):
            raise NotModelled("an update whose license terms are not accepted being downloaded or installed")
        return updates


_UPDATES = Property(lambda me: me.given, lambda me, value: setattr(me, "given", value), "object")


class UpdateDownloader(UpdateWorker):
    """IUpdateDownloader."""

    def download(self, session: Session) -> OperationResult:
        updates = self.updates()
        _need_administrator(session)
        for update in updates:
            session.host.updates.download(update, session.process)
        return OperationResult(session, [(0, False) for _ in updates])

    properties: ClassVar[dict[str, Property]] = {"Updates": _UPDATES}
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Download": download}
    refused = ("begindownload", "enddownload", "clientapplicationid", "isforced", "priority")


class UpdateInstaller(UpdateWorker):
    """IUpdateInstaller."""

    def install(self, session: Session) -> OperationResult:
        updates = self.updates()
        _need_administrator(session)
        if not all(one.downloaded for one in updates):
            raise NotModelled("an update that was not downloaded being installed")
        try:
            results = session.host.updates.install(updates, session.process)
        except UpdateFailure as failure:
            raise hresult_failure(failure.hresult) from failure
        return OperationResult(session, [(results[one.id], one.waits) for one in updates])

    properties: ClassVar[dict[str, Property]] = {
        "IsBusy": Property(lambda me: me.session.host.updates.is_busy, kind="bool"),
        "RebootRequiredBeforeInstallation": Property(
            lambda me: me.session.host.updates.reboot_required_before_installation, kind="bool"
        ),
        "Updates": _UPDATES,
    }
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Install": install}
    refused = (
        "allowsourceprompts", "attemptcloseappsifnecessary", "begininstall", "beginuninstall", "clientapplicationid",
        "commit", "endinstall", "enduninstall", "forcequiet", "isforced", "parenthwnd", "parentwindow", "runwizard",
        "uninstall",
    )  # fmt: skip


class UpdateSession(UpdateObject):
    """IUpdateSession: a network logon may search before Server 2025, and neither download nor install."""

    def create_searcher(self, session: Session) -> UpdateSearcher:
        if int(session.host.release.year) >= 2025:
            _need_local_logon(session)
        return UpdateSearcher(session)

    def create_downloader(self, session: Session) -> UpdateDownloader:
        _need_local_logon(session)
        return UpdateDownloader(session)

    def create_installer(self, session: Session) -> UpdateInstaller:
        _need_local_logon(session)
        return UpdateInstaller(session)

    methods: ClassVar[dict[str, Callable[..., Any]]] = {
        "CreateUpdateSearcher": create_searcher,
        "CreateUpdateDownloader": create_downloader,
        "CreateUpdateInstaller": create_installer,
    }
    refused = (
        "clientapplicationid", "readonly", "webproxy", "userlocale", "createupdateservicemanager", "queryhistory",
    )  # fmt: skip


class SystemInformation(UpdateObject):
    """ISystemInformation: nothing of it is for a network logon."""

    def reboot_required(self) -> bool:
        _need_local_logon(self.session)
        return bool(self.session.host.updates.reboot_required)

    properties: ClassVar[dict[str, Property]] = {"RebootRequired": Property(reboot_required, kind="bool")}
    refused = ("oemhardwaresupportlink",)


for _name, _class in {
    "session": UpdateSession,
    "updatecoll": UpdateCollection,
    "systeminfo": SystemInformation,
}.items():
    COM_CLASSES[f"microsoft.update.{_name}"] = _class
    COM_CLASSES[f"microsoft.update.{_name}.1"] = _class

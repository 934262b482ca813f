"""Variables, scopes and session states: where names of a running script are looked up.

Scopes are dynamic: a function sees its caller's variables. A module has a session state of its own, whose
scopes hang under the global one and not under its callers'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

# System.Management.Automation.ScopedItemOptions
NONE, READ_ONLY, CONSTANT, PRIVATE, ALL_SCOPE = 0, 1, 2, 4, 8

SCOPE_WORDS = frozenset({"global", "local", "script", "private"})


def unauthorized(error_id: str, message: str, target: Any) -> ScriptError:
    """SessionStateUnauthorizedAccessException: a read-only or constant item was to be changed."""
    exception = NetException(
        "System.Management.Automation.SessionStateUnauthorizedAccessException", message, None, {"ItemName": target}
    )
    return ScriptError(ErrorRecord(exception, error_id, "WriteError", target))


class Variable(NetObject):
    """System.Management.Automation.PSVariable. `guard`, if set, converts and validates what is assigned."""

    net_type_name = "System.Management.Automation.PSVariable"
    __slots__ = ("attributes", "description", "guard", "module", "name", "options", "value", "visibility")

    def __init__(self, name: str, value: Any = None, options: int = NONE) -> None:
        self.name = name
        self.value = value
        self.options = options
        self.guard: Callable[[Any], Any] | None = None
        self.attributes: list[Any] = []
        self.description = ""
        self.module: Any = None
        self.visibility = "Public"

    def assign(self, value: Any) -> None:
        """Raises ScriptError VariableNotWritable, or what the variable's type and validation say."""
        if self.options & (READ_ONLY | CONSTANT):
            raise unauthorized(
                "VariableNotWritable",
                f"Cannot overwrite variable {self.name} because it is read-only or constant.",
                self.name,
            )
        self.value = value if self.guard is None else self.guard(value)


class ComputedVariable(Variable):
    """A variable whose value the engine keeps: `$PWD`, `$?` seen by name …"""

    __slots__ = ("_getter", "_setter")

    def __init__(
        self,
        name: str,
        getter: Callable[[], Any],
        setter: Callable[[Any], None] | None = None,
        options: int = NONE,
    ) -> None:
        self._setter: Callable[[Any], None] | None = None
        self._getter = getter
        super().__init__(name, None, options)
        self._setter = setter

    @property
    def value(self) -> Any:
        return self._getter()

    @value.setter
    def value(self, value: Any) -> None:
        if self._setter is not None:
            self._setter(value)


class Scope:
    """One scope: its variables, functions and aliases by lower-case name."""

    __slots__ = ("aliases", "functions", "is_script", "parent", "state", "strict", "variables")

    def __init__(self, parent: Scope | None, state: SessionState, is_script: bool = False) -> None:
        self.parent = parent
        self.state = state
        self.variables: dict[str, Variable] = {}
        self.functions: dict[str, Any] = {}
        self.aliases: dict[str, Any] = {}
        self.is_script = is_script
        self.strict: float | None = None
        """Set-StrictMode's version in this scope; None: the parent's."""

    # ---- variables

    def find(self, key: str) -> Variable | None:
        """The variable seen from here; private ones of parents are not."""
        variable = self.variables.get(key)
        if variable is not None:
            return variable
        scope = self.parent
        while scope is not None:
            variable = scope.variables.get(key)
            if variable is not None and not variable.options & PRIVATE:
                return variable
            scope = scope.parent
        return None

    def set(self, name: str, value: Any) -> None:
        """`$name = value`: the variable of this scope, made if need be (an AllScope one wherever it is)."""
        key = name.lower()
        variable = self.variables.get(key)
        if variable is None:
            variable = self.all_scope(key)
            if variable is None:
                self.variables[key] = Variable(name, value)
                return
        variable.assign(value)

    def all_scope(self, key: str) -> Variable | None:
        scope = self.parent
        while scope is not None:
            variable = scope.variables.get(key)
            if variable is not None:
                if variable.options & ALL_SCOPE:
                    return variable
                if variable.options & CONSTANT and key in ("true", "false", "null"):
                    return variable
            scope = scope.parent
        return None

    def put(self, name: str, value: Any) -> None:
        """Sets an automatic variable of this scope, whatever its options."""
        variable = self.variables.get(name)
        if variable is None:
            self.variables[name] = Variable(name, value)
        else:
            variable.value = value

    # ---- walking

    def chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def root(self) -> Scope:
        """The global scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def script(self) -> Scope:
        """What `script:` means here."""
        for scope in self.chain():
            if scope.is_script or scope.parent is None:
                return scope
        raise AssertionError("a chain of scopes ends in the global one")

    def named(self, word: str) -> Scope:
        """`global`, `local`, `private`, `script` or a number of steps up. Raises ScriptError."""
        low = word.lower()
        if low == "global":
            return self.root()
        if low in ("local", "private"):
            return self
        if low == "script":
            return self.script()
        try:
            steps = int(low)
        except ValueError:
            raise ScriptError(
                ErrorRecord(
                    NetException(
                        "System.Management.Automation.PSArgumentException",
                        'Cannot process argument because the value of argument "scopeID" is not valid. '
                        'Change the value of the "scopeID" argument and run the operation again.',
                        None,
                        {"ParamName": "scopeID"},
                    ),
                    "Argument",
                    "InvalidArgument",
                )
            ) from None
        scope: Scope | None = self
        for _ in range(steps):
            if scope is None:
                break
            scope = scope.parent
        if scope is None or steps < 0:
            raise ScriptError(
                ErrorRecord(
                    NetException(
                        "System.Management.Automation.PSArgumentOutOfRangeException",
                        f"The scope number '{word}' exceeds the number of active scopes.\r\nParameter name: scopeID\r\n"
                        f"Actual value was {word}.",
                    ),
                    "ArgumentOutOfRange",
                    "InvalidArgument",
                    word,
                )
            )
        return scope

    def find_function(self, key: str) -> Any:
        scope: Scope | None = self
        first = True
        while scope is not None:
            found = scope.functions.get(key)
            if found is not None and (first or not found.options & PRIVATE):
                return found
            scope = scope.parent
            first = False
        return None

    def find_alias(self, key: str) -> Any:
        scope: Scope | None = self
        first = True
        while scope is not None:
            found = scope.aliases.get(key)
            if found is not None and (first or not found.options & PRIVATE):
                return found
            scope = scope.parent
            first = False
        return None

    def strict_version(self) -> float:
        scope: Scope | None = self
        while scope is not None:
            if scope.strict is not None:
                return scope.strict
            scope = scope.parent
        return 0.0


class SessionState:
    """The top level (module None) or one module's inside: its root scope and the scope it is running in."""

    def __init__(self, session: Session, root_parent: Scope | None = None, module: Any = None) -> None:
        self.session = session
        self.module = module
        self.root = Scope(root_parent, self, is_script=True)
        self.current = self.root

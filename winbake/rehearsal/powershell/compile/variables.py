"""Reading and writing variables: plain, scoped, on drives (`$env:X`), automatic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.compile.core import Value, expression
from winbake.rehearsal.powershell.errors import ScriptError, script_error
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.scope import ALL_SCOPE, PRIVATE, SCOPE_WORDS, Scope, Variable
from winbake.rehearsal.powershell.values import AUTOMATION_NULL

Setter = Callable[[Frame, Any], None]

_CONSTANTS = {"null": None, "true": True, "false": False}


def split_path(path: str) -> tuple[str | None, str]:
    """`script:x` → ("script", "x"), `env:PATH` → ("env", "PATH"), `x` → (None, "x")."""
    prefix, colon, rest = path.partition(":")
    if not colon or not prefix:
        return None, path
    return prefix, rest


@expression(syntax.Variable)
def compile_variable(node: syntax.Variable) -> Value:
    prefix, name = split_path(node.path)
    if prefix is None:
        return _plain(name)
    low = prefix.lower()
    if low in SCOPE_WORDS:
        return _scoped(low, name)
    if low == "variable":
        return _plain(name)
    return _on_drive(prefix, name)


def _plain(name: str) -> Value:
    key = name.lower()
    if key == "psitem":
        key = "_"
    if key in _CONSTANTS:
        value = _CONSTANTS[key]
        return lambda f: value
    if key == "?":
        return lambda f: f.session.ok

    def read(f: Frame) -> Any:
        scope = f.scope
        variable = scope.variables.get(key)
        if variable is not None:
            return variable.value
        parent = scope.parent
        while parent is not None:
            variable = parent.variables.get(key)
            if variable is not None and not variable.options & PRIVATE:
                return variable.value
            parent = parent.parent
        return undefined(f, name)

    return read


def undefined(f: Frame, name: str) -> Any:
    if f.session.strict_used and f.scope.strict_version() >= 1:
        raise script_error(
            "VariableIsUndefined",
            f"The variable '${name}' cannot be retrieved because it has not been set.",
            "InvalidOperation",
            target=name,
        )
    return None


def _scoped(word: str, name: str) -> Value:
    key = name.lower()

    def read(f: Frame) -> Any:
        variable = f.scope.named(word).variables.get(key)
        return undefined(f, name) if variable is None else variable.value

    return read


def _on_drive(drive: str, name: str) -> Value:
    def read(f: Frame) -> Any:
        from winbake.rehearsal.powershell.providers.core import get_by_drive

        try:
            return get_by_drive(f.session, drive, name)
        except ScriptError as failure:
            if failure.record.error_id != "DriveNotFound":
                raise
            return undefined(f, f"{drive}:{name}")

    return read


# ---- writing ----------------------------------------------------------------------------------------------


def compile_setter(node: syntax.Variable) -> Setter:
    prefix, name = split_path(node.path)
    if prefix is None or prefix.lower() in ("local", "variable"):
        return _set_plain(name)
    low = prefix.lower()
    if low == "private":

        def set_private(f: Frame, value: Any) -> None:
            variable = f.scope.variables.get(name.lower())
            if variable is None:
                f.scope.variables[name.lower()] = Variable(name, value, PRIVATE)
            else:
                variable.assign(value)
                variable.options |= PRIVATE

        return set_private
    if low in SCOPE_WORDS:

        def set_scoped(f: Frame, value: Any) -> None:
            f.scope.named(low).set(name, value)

        return set_scoped

    def set_on_drive(f: Frame, value: Any) -> None:
        from winbake.rehearsal.powershell.providers.core import set_by_drive

        set_by_drive(f.session, prefix, name, None if value is AUTOMATION_NULL else value)

    return set_on_drive


def _set_plain(name: str) -> Setter:
    key = name.lower()
    if key == "psitem":
        key = name = "_"
    if key == "null":
        return lambda f, value: None
    if key in ("true", "false"):

        def refuse(f: Frame, value: Any) -> None:
            f.scope.root().variables[key].assign(value)

        return refuse

    def assign(f: Frame, value: Any) -> None:
        scope = f.scope
        variable = scope.variables.get(key)
        if variable is None:
            scope.set(name, value)
        elif variable.options or variable.guard is not None:
            _guarded(f, variable, value)
        else:
            variable.value = value

    return assign


def _guarded(f: Frame, variable: Variable, value: Any) -> None:
    """In a compiled scope a failing conversion is the conversion's own error; elsewhere it is the variable's."""
    try:
        variable.assign(value)
    except ScriptError as failure:
        record = failure.record
        if (
            f.typed_locals
            or variable.guard is None
            or record.error_id in ("VariableNotWritable", "ValidateSetFailure")
            or record.category == "MetadataError"
            or record.invocation is not None
        ):
            raise
        raise as_metadata_error(failure) from failure


def as_metadata_error(failure: ScriptError) -> ScriptError:
    exception = failure.record.exception
    return script_error(
        "RuntimeException",
        exception.message,
        "MetadataError",
        "System.Management.Automation.ArgumentTransformationMetadataException",
        inner=exception,
    )


def locate(f: Frame, path: str) -> Variable | None:
    """The variable that a path names, if it exists."""
    prefix, name = split_path(path)
    if prefix is None or prefix.lower() == "variable":
        return f.scope.find(name.lower())
    if prefix.lower() in SCOPE_WORDS:
        return f.scope.named(prefix).variables.get(name.lower())
    return None


def target_scope(f: Frame, path: str) -> tuple[Scope, str]:
    """The scope in which an assignment to a path would make its variable, and the bare name."""
    prefix, name = split_path(path)
    if prefix is None or prefix.lower() not in SCOPE_WORDS:
        found = f.scope.all_scope(name.lower())
        if found is not None and found.options & ALL_SCOPE and f.scope.variables.get(name.lower()) is None:
            for scope in f.scope.chain():
                if scope.variables.get(name.lower()) is found:
                    return scope, name
        return f.scope, name
    return f.scope.named(prefix), name


@expression(syntax.UsingExpression)
def compile_using(node: syntax.UsingExpression) -> Value:
    def refuse(f: Frame) -> Any:
        raise script_error(
            "UsingWithoutInvokeCommand",
            "A Using variable cannot be retrieved. A Using variable can be used only with "
            "Invoke-Command, Start-Job, or "
            "InlineScript in the script workflow.",
            "InvalidOperation",
        )

    return refuse

"""Signatures of .NET members from the table, and which of them a call means (the engine's overload resolution).

By the 2016 source's Adapter.FindBestMethod: overloads that fit the number of arguments, ranked by how well each
argument converts; a single candidate is taken whatever the arguments, so that its conversion error shows.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from winbake.rehearsal.powershell import dotnet
from winbake.rehearsal.powershell.conversion.ranks import Rank
from winbake.rehearsal.powershell.dotnet.registry import METHODS, STATICS
from winbake.rehearsal.powershell.engine_values import Reference
from winbake.rehearsal.powershell.errors import NetException, NotModelled, ScriptError, script_error
from winbake.rehearsal.powershell.types import NetType, type_in_signature
from winbake.rehearsal.powershell.values import PSArray

METHOD_EXCEPTION = "System.Management.Automation.MethodException"
REFERENCE = "System.Management.Automation.PSReference"
NULL_STRING = "System.Management.Automation.Language.NullString"


@dataclass(frozen=True)
class Parameter:
    """`by_reference` is "out", "ref" or ""; `type` is None for types in no table (pointers, internals)."""

    name: str
    text: str
    type: NetType | None
    is_params: bool = False
    by_reference: str = ""


@dataclass(eq=False)
class Signature:
    """One overload. Those of .NET come from the table; script classes make theirs with `function` set."""

    owner: NetType
    name: str
    parameters: tuple[Parameter, ...]
    return_text: str = "Void"
    static: bool = False
    start: NetType | None = None
    """The type that the member was looked up on: its registered functions come before the owner's."""
    function_given: Callable[..., Any] | None = None
    method_arguments: tuple[str, ...] = ()
    minimum: int = field(init=False)

    def __post_init__(self) -> None:
        self.minimum = len(self.parameters) - (1 if self.has_params else 0)

    @property
    def has_params(self) -> bool:
        return bool(self.parameters) and self.parameters[-1].is_params

    @cached_property
    def parameter_text(self) -> str:
        """`String,Int32`: what registry signatures are compared with."""
        return ",".join(parameter.text for parameter in self.parameters)

    @cached_property
    def return_type(self) -> NetType | None:
        return type_in_signature(self.return_text, self.start or self.owner, self.method_arguments)

    @cached_property
    def function(self) -> Callable[..., Any] | None:
        if self.function_given is not None:
            return self.function_given
        dotnet.load()
        registered = STATICS if self.static or self.name == ".ctor" else METHODS
        wanted = self.parameter_text
        start = self.start or self.owner
        places = [start] if self.name == ".ctor" else [*start.ancestors(), *start.interfaces]
        for place in places:
            functions = registered.get((place.table_name, self.name.lower()))
            if functions is None:
                continue
            for text, function in functions.items():
                if text is not None and text.replace(" ", "") == wanted:
                    return function
            if None in functions:
                return functions[None]
        return None

    @property
    def is_modelled(self) -> bool:
        return self.function is not None

    @cached_property
    def wants_session(self) -> bool:
        return self.function is not None and "session" in inspect.signature(self.function).parameters

    @cached_property
    def wants_type(self) -> bool:
        """Functions with a keyword `net_type` get the type the member was called on (generic arguments)."""
        return self.function is not None and takes_keyword(self.function, "net_type")

    def display(self) -> str:
        """As OverloadDefinitions shows it: `string Substring(int startIndex)`."""
        from winbake.rehearsal.powershell.type_system.type_names import display_name

        def shown(text: str) -> str:
            found = type_in_signature(text.rstrip("&"), self.start or self.owner)
            return display_name(found) if found is not None else text

        inner = ", ".join(
            f"{'params ' if p.is_params else ''}{'[ref] ' if p.by_reference else ''}{shown(p.text)} {p.name}"
            for p in self.parameters
        )
        if self.name == ".ctor":
            return f"{(self.start or self.owner).key} new({inner})"
        return f"{'static ' if self.static else ''}{shown(self.return_text)} {self.name}({inner})"


def takes_keyword(function: Callable[..., Any], name: str) -> bool:
    """Whether the function has a keyword-only parameter of that name."""
    found = inspect.signature(function).parameters.get(name)
    return found is not None and found.kind is inspect.Parameter.KEYWORD_ONLY


# ---- signatures from the table --------------------------------------------------------------------------

_METHOD = re.compile(r"(static )?(\S+) ([\w.]+)(?:<([^>]*)>)?\((.*)\)\Z")


def _parse_parameters(text: str, context: NetType, generic: tuple[str, ...] = ()) -> tuple[Parameter, ...]:
    parameters: list[Parameter] = []
    for part in text.split(", ") if text else []:
        words = part.split(" = ")[0].split()
        modifiers, type_text, name = words[:-2], words[-2], words[-1]
        by_reference = ("out" if "out" in modifiers else "ref") if type_text.endswith("&") else ""
        bare = type_text.rstrip("&")
        wanted = type_in_signature(bare, context, generic)
        parameters.append(Parameter(name, bare, wanted, "params" in modifiers, by_reference))
    return tuple(parameters)


def _cache(net_type: NetType) -> dict[Any, tuple[Signature, ...]]:
    found: dict[Any, tuple[Signature, ...]] = net_type.__dict__.setdefault("_signatures", {})
    return found


def constructors_of(net_type: NetType) -> tuple[Signature, ...]:
    """The public constructors; a struct has its empty one too."""
    script = net_type.script_class
    if script is not None and hasattr(script, "constructors"):
        return tuple(script.constructors(net_type))
    cache = _cache(net_type)
    if ".ctor" not in cache:
        made = []
        for text in net_type.row.get("constructors", ()):
            parameters = _parse_parameters(text[1:-1], net_type)
            made.append(Signature(net_type, ".ctor", parameters, start=net_type))
        if net_type.kind == "struct" and all(signature.parameters for signature in made):
            made.append(Signature(net_type, ".ctor", (), start=net_type))
        cache[".ctor"] = tuple(made)
    return cache[".ctor"]


def methods_of(net_type: NetType, name: str, static: bool = False) -> tuple[Signature, ...]:
    """All overloads of a method, inherited ones too; interface members only if the classes have none."""
    key = (name.lower(), static)
    cache = _cache(net_type)
    if key not in cache:
        found: dict[str, Signature] = {}
        for place in net_type.ancestors():
            for signature in _declared(place, net_type, key[0], static):
                found.setdefault(signature.parameter_text, signature)
        if not found and not static:
            for place in net_type.interfaces:
                for signature in _declared(place, net_type, key[0], static):
                    found.setdefault(signature.parameter_text, signature)
        cache[key] = tuple(found.values())
    return cache[key]


def method_names(net_type: NetType, static: bool = False) -> list[str]:
    """The names of all methods, inherited ones too, sorted."""
    names: set[str] = set()
    for place in net_type.ancestors():
        for text in place.row.get("methods", ()) if place.kind != "array" else ():
            found = _METHOD.match(text)
            if found is not None and bool(found[1]) == static:
                names.add(found[3])
    return sorted(names, key=str.lower)


def _declared(place: NetType, start: NetType, lower: str, static: bool) -> list[Signature]:
    index: dict[tuple[str, bool], list[re.Match[str]]] | None = place.__dict__.get("_method_index")
    if index is None:
        index = {}
        for text in place.row.get("methods", ()):
            match = _METHOD.match(text)
            if match is not None:
                index.setdefault((match[3].lower(), bool(match[1])), []).append(match)
        place.__dict__["_method_index"] = index
    found = []
    for match in index.get((lower, static), ()):
        generic = tuple(match[4].split(",")) if match[4] else ()
        context = start if start.definition is not None and start.definition is place.definition else place
        parameters = _parse_parameters(match[5], context, generic)
        found.append(Signature(place, match[3], parameters, match[2], static, start, method_arguments=generic))
    return found


# ---- choosing -------------------------------------------------------------------------------------------


@dataclass
class Candidate:
    signature: Signature
    types: list[NetType | None]
    """The type that each argument must become."""
    expanded: bool
    ranks: list[int] = field(default_factory=list)


def choose(signatures: Sequence[Signature], name: str, arguments: Sequence[Any]) -> Candidate:
    """The overload that a call with these arguments means.

    Raises ScriptError MethodCountCouldNotFindBest, or MethodAmbiguousException.
    """
    candidates = [c for signature in signatures for c in _applicable(signature, len(arguments))]
    if not candidates:
        raise _no_overload(name, len(arguments))
    if len(candidates) == 1 or (len(signatures) == 1 and not candidates[0].signature.has_params):
        return candidates[0]
    fitting = []
    for candidate in candidates:
        candidate.ranks = [_argument_rank(argument, candidate, i) for i, argument in enumerate(arguments)]
        if all(candidate.ranks):
            fitting.append(candidate)
    if not fitting:
        if len(signatures) == 1:
            return candidates[-1]
        raise _no_overload(name, len(arguments))
    best = [c for c in fitting if all(_compare(c, other) >= 0 for other in fitting if other is not c)]
    if len(best) == 1:
        return best[0]
    if not best:
        best = fitting
    modelled = [c for c in best if c.signature.is_modelled]
    if len(best) > 1 and any(_compare(best[0], other) != 0 for other in best[1:]) and len(modelled) != 1:
        raise script_error(
            "MethodCountCouldNotFindBest",
            f'Multiple ambiguous overloads found for "{name}" and the argument count: "{len(arguments)}".',
            "NotSpecified",
            METHOD_EXCEPTION,
        )
    return best[0]


def _no_overload(name: str, count: int) -> ScriptError:
    return script_error(
        "MethodCountCouldNotFindBest",
        f'Cannot find an overload for "{name}" and the argument count: "{count}".',
        "NotSpecified",
        METHOD_EXCEPTION,
    )


def _applicable(signature: Signature, count: int) -> list[Candidate]:
    """A params array counts twice: given as an array, and as its items."""
    parameters = signature.parameters
    types = [parameter.type for parameter in parameters]
    if not signature.has_params:
        return [Candidate(signature, types, False)] if count == len(parameters) else []
    found = []
    if count == len(parameters):
        found.append(Candidate(signature, types, False))
    if count >= signature.minimum:
        last = types[-1]
        element = last.element_type if last is not None else None
        found.append(Candidate(signature, types[:-1] + [element] * (count - signature.minimum), True))
    return found


def _argument_rank(argument: Any, candidate: Candidate, position: int) -> int:
    from winbake.rehearsal.powershell.convert import conversion_rank

    wanted = candidate.types[position]
    if wanted is None:
        return Rank.NONE
    parameters = candidate.signature.parameters
    by_reference = parameters[min(position, len(parameters) - 1)].by_reference
    if is_reference(argument):
        if by_reference:
            return Rank.IDENTITY
        return Rank.NONE if wanted.key not in ("System.Object", REFERENCE) else Rank.ASSIGNABLE
    if by_reference:
        return Rank.NONE
    return conversion_rank(argument, wanted)


def is_reference(value: Any) -> bool:
    return isinstance(value, Reference)


def _compare(one: Candidate, other: Candidate) -> int:
    """Positive if `one` is better."""
    score = 0
    count = len(one.ranks)
    for i in range(count):
        if one.ranks[i] != other.ranks[i]:
            weight = count - i
            score += weight if one.ranks[i] > other.ranks[i] else -weight
    if score:
        return score
    for i in range(count):
        score += (count - i) * _more_specific(one.types[i], other.types[i])
    if score:
        return score
    if one.expanded != other.expanded:
        return -1 if one.expanded else 1
    return len(one.signature.parameters) - len(other.signature.parameters) if one.expanded else 0


def _more_specific(one: NetType | None, other: NetType | None) -> int:
    if one is other or one is None or other is None:
        return 0
    from winbake.rehearsal.powershell.convert import type_rank

    forward, backward = type_rank(one, other), type_rank(other, one)
    if forward < Rank.NUMERIC_STRING and backward < Rank.NUMERIC_STRING:
        return 0
    return (forward > backward) - (forward < backward)


# ---- calling --------------------------------------------------------------------------------------------


def bind_arguments(candidate: Candidate, name: str, arguments: Sequence[Any], session: Any) -> list[Any]:
    """The arguments converted to the chosen overload's parameters, a params array gathered.

    Raises ScriptError MethodArgumentConversionInvalidCastArgument and others.
    """
    from winbake.rehearsal.powershell.convert import convert

    signature = candidate.signature
    bound: list[Any] = []
    for i, argument in enumerate(arguments):
        parameter = signature.parameters[min(i, len(signature.parameters) - 1)]
        wanted = candidate.types[i]
        if is_reference(argument):
            if not parameter.by_reference and (wanted is None or wanted.key not in ("System.Object", REFERENCE)):
                raise _reference_error("RefArgumentToNonRefParameterMsg", i, "should not be a [ref]")
            if parameter.by_reference == "ref" and wanted is not None and not _is_generic(wanted):
                argument.value = _converted(argument.value, wanted, parameter, name, session, convert)
            bound.append(argument)
            continue
        if parameter.by_reference:
            raise _reference_error(
                "NonRefArgumentToRefParameterMsg", i, "should be a System.Management.Automation.PSReference. Use [ref]"
            )
        if wanted is None:
            raise NotModelled(f"a parameter of type {parameter.text} ({signature.display()})")
        bound.append(
            argument if _is_generic(wanted) else _converted(argument, wanted, parameter, name, session, convert)
        )
    if candidate.expanded:
        first = signature.minimum
        last = signature.parameters[-1].type
        element = last.element_type.key if last is not None and last.element_type is not None else "System.Object"
        bound = [*bound[:first], PSArray(bound[first:], element)]
    return bound


def _is_generic(net_type: NetType) -> bool:
    """A parameter of a generic method (T of GetValue<T>): taken as it comes."""
    return (
        net_type.kind == "parameter"
        or any(_is_generic(a) for a in net_type.arguments)
        or (net_type.element_type is not None and _is_generic(net_type.element_type))
    )


def _converted(
    value: Any, wanted: NetType, parameter: Parameter, name: str, session: Any, convert: Callable[..., Any]
) -> Any:
    if getattr(value, "net_type_name", None) == NULL_STRING and wanted.key == "System.String":
        return None
    try:
        return convert(value, wanted, session)
    except ScriptError as error:
        from winbake.rehearsal.powershell.conversion.failures import type_text
        from winbake.rehearsal.powershell.conversion.text import flat_text

        cause = error.record.exception
        message = (
            f'Cannot convert argument "{parameter.name}", with value: "{flat_text(value, session)}", for "{name}" to '
            f'type "{type_text(wanted)}": "{cause.message}"'
        )
        inner = cause.inner if cause.inner is not None else cause
        raise script_error(
            "MethodArgumentConversionInvalidCastArgument", message, "NotSpecified", METHOD_EXCEPTION, inner=inner
        ) from None


def _reference_error(error_id: str, position: int, what: str) -> ScriptError:
    return script_error(error_id, f'Argument: "{position + 1}" {what}.', "NotSpecified", METHOD_EXCEPTION)


def call_signature(signature: Signature, session: Any, target: Any, bound: Sequence[Any]) -> Any:
    """Runs the function behind a signature with bound arguments; NetError and ScriptError come out as they are."""
    function = signature.function
    if function is None:
        owner = signature.start or signature.owner
        if signature.name == ".ctor":
            from winbake.rehearsal.powershell.dotnet.objects import default_instance

            made = default_instance(owner, list(bound))
            if made is not None:
                return made
        raise NotModelled(f"[{owner.short_name}] {signature.display()}")
    extra: dict[str, Any] = {}
    if signature.wants_session:
        extra["session"] = session
    if signature.wants_type:
        extra["net_type"] = signature.start or signature.owner
    if signature.static or signature.name == ".ctor":
        return function(*bound, **extra)
    return function(target, *bound, **extra)


def exception_id(exception: NetException) -> str:
    """The id that a wrapped exception gives to the error: its type's short name."""
    return exception.type_name.rpartition(".")[2].rpartition("+")[2]

"""From the attributes of a param block to parameter metadata and validations."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert, syntax
from winbake.rehearsal.powershell.binding.parameters import ALL_SETS, CommandMetadata, ParameterInfo, SetInfo
from winbake.rehearsal.powershell.binding.validation import (
    ValidateCount,
    ValidateLength,
    ValidateNotNull,
    ValidateNotNullOrEmpty,
    ValidatePattern,
    ValidateRange,
    ValidateScript,
    ValidateSet,
    Validation,
)
from winbake.rehearsal.powershell.errors import script_error
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.types import get_type, resolve_type
from winbake.rehearsal.powershell.values import unwrap

_IGNORED = frozenset(
    {
        "outputtype",
        "supportswildcards",
        "psdefaultvalue",
        "argumentcompleter",
        "suppressmessage",
        "obsolete",
        "dontshow",
        "alias",
        "parameter",
        "cmdletbinding",
        "credential",
        "flags",
        "dscresource",
        "dscproperty",
        "hidden",
        "serializable",
        "typeconverter",
    }
)


def attribute_name(node: syntax.Attribute) -> str:
    """Lower case, without namespace and `Attribute`: `parameter`, `validateset`."""
    name = node.type_name.name.rpartition(".")[2].lower()
    return name.removesuffix("attribute")


def _value(f: Frame, node: syntax.Expression | None) -> Any:
    if node is None:
        return True
    from winbake.rehearsal.powershell.compile.core import compile_expression

    return unwrap(compile_expression(node)(f))


def _named(f: Frame, node: syntax.Attribute) -> dict[str, Any]:
    return {name.lower(): _value(f, expression) for name, expression in node.named}


def _positional(f: Frame, node: syntax.Attribute) -> list[Any]:
    values: list[Any] = []
    for expression in node.positional:
        value = _value(f, expression)
        items = convert.enumerate_items(value)
        values.extend([value] if items is None else items)
    return values


def make_validation(f: Frame, node: syntax.Attribute) -> Validation | None:
    """The validation that an attribute asks for; None if it is another kind of attribute. Raises TypeNotFound."""
    name = attribute_name(node)
    if name == "validateset":
        options = _named(f, node)
        values = [convert.to_text(v, f.session) for v in _positional(f, node)]
        return ValidateSet(values, convert.to_bool(options.get("ignorecase", True)))
    if name == "validaterange":
        values = _positional(f, node)
        if len(values) != 2:
            raise _bad_arguments(node)
        return ValidateRange(values[0], values[1])
    if name == "validatelength":
        low, high = _positional(f, node)
        return ValidateLength(int(low), int(high))
    if name == "validatecount":
        low, high = _positional(f, node)
        return ValidateCount(int(low), int(high))
    if name == "validatepattern":
        pattern = convert.to_text(_positional(f, node)[0], f.session)
        options = _named(f, node).get("options", "IgnoreCase")
        flags = convert.convert(options, get_type("System.Text.RegularExpressions.RegexOptions"), f.session)
        return ValidatePattern(pattern, flags.value)
    if name == "validatescript":
        return ValidateScript(_positional(f, node)[0])
    if name == "validatenotnull":
        return ValidateNotNull()
    if name == "validatenotnullorempty":
        return ValidateNotNullOrEmpty()
    if name not in _IGNORED and not name.startswith("allow"):
        found = resolve_type(node.type_name, f.session)
        if found is None:
            raise script_error(
                "CustomAttributeTypeNotFound",
                f"Cannot find the type for custom attribute '{node.type_name.text}'. Make sure that the assembly that "
                "contains this type is loaded.",
                "InvalidOperation",
            )
    return None


def _bad_arguments(node: syntax.Attribute) -> Exception:
    return script_error(
        "RuntimeException",
        f'Cannot find an overload for "{node.type_name.name}Attribute" and the argument count: '
        f'"{len(node.positional)}".',
        "InvalidOperation",
    )


def make_validations(f: Frame, nodes: list[syntax.Attribute]) -> list[Validation]:
    return [found for node in nodes if (found := make_validation(f, node)) is not None]


def make_parameter(f: Frame, node: syntax.Parameter, position: int | None) -> ParameterInfo:
    """One parameter of a param block. `position` is its implicit one."""
    from winbake.rehearsal.powershell.compile.core import compile_expression, type_not_found

    info = ParameterInfo(node.name, from_script=True, attributes=list(node.attributes))
    declared: list[dict[str, Any]] = []
    for attribute in node.attributes:
        if isinstance(attribute, syntax.TypeConstraint):
            if info.net_type is None:
                found = resolve_type(attribute.type_name, f.session)
                if found is None:
                    raise type_not_found(attribute.type_name.text, attribute.type_name.name)
                info.net_type = found
                info.type_text = found.key
                info.is_switch = found.key == "System.Management.Automation.SwitchParameter"
                if found.key == "System.Object":
                    info.net_type = None
            continue
        name = attribute_name(attribute)
        if name == "parameter":
            declared.append(_named(f, attribute))
        elif name == "alias":
            info.aliases += [convert.to_text(v, f.session) for v in _positional(f, attribute)]
        elif name == "allownull":
            info.allow_null = True
        elif name == "allowemptystring":
            info.allow_empty_string = True
        elif name == "allowemptycollection":
            info.allow_empty_collection = True
        else:
            validation = make_validation(f, attribute)
            if validation is not None:
                info.validations.append(validation)
                if isinstance(validation, ValidateNotNull | ValidateNotNullOrEmpty):
                    pass
    for options in declared or [{}]:
        set_name = convert.to_text(options.get("parametersetname", ALL_SETS), f.session)
        given = options.get("position")
        info.sets.append(
            SetInfo(
                set_name,
                mandatory=convert.to_bool(options.get("mandatory", False)),
                position=int(given) if given is not None else position,
                by_value=convert.to_bool(options.get("valuefrompipeline", False)),
                by_name=convert.to_bool(options.get("valuefrompipelinebypropertyname", False)),
                remaining=convert.to_bool(options.get("valuefromremainingarguments", False)),
                help_message=convert.to_text(options.get("helpmessage", ""), f.session),
            )
        )
    if node.default is not None:
        info.default = compile_expression(node.default)
        info.has_default = True
    return info


def make_metadata(
    f: Frame, name: str, parameters: list[syntax.Parameter], attributes: list[syntax.Attribute]
) -> CommandMetadata:
    """The metadata of a function, script or script block."""
    binding: dict[str, Any] | None = None
    for attribute in attributes:
        if attribute_name(attribute) == "cmdletbinding":
            binding = _named(f, attribute)
    advanced = binding is not None or any(
        isinstance(a, syntax.Attribute) and attribute_name(a) == "parameter" for p in parameters for a in p.attributes
    )
    options = binding or {}
    positional = convert.to_bool(options.get("positionalbinding", True))
    explicit = any(
        isinstance(a, syntax.Attribute)
        and attribute_name(a) == "parameter"
        and any(n.lower() == "position" for n, _ in a.named)
        for p in parameters
        for a in p.attributes
    )
    default_set = options.get("defaultparametersetname")
    made = []
    implicit = 0
    for parameter in parameters:
        info = make_parameter(f, parameter, None)
        if info.is_switch or not positional or (explicit and advanced):
            pass
        else:
            for set_info in info.sets:
                if set_info.position is None and not set_info.remaining:
                    set_info.position = implicit
            implicit += 1
        made.append(info)
    return CommandMetadata(
        name,
        made,
        convert.to_text(default_set, f.session) if default_set is not None else None,
        advanced=advanced,
        should_process=convert.to_bool(options.get("supportsshouldprocess", False)),
        positional_binding=positional,
        confirm_impact=convert.to_text(options.get("confirmimpact", "Medium"), f.session),
    )

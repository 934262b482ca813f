"""The parameter binder: one algorithm for cmdlets, advanced and simple functions, scripts and script blocks.

The order is the engine's: named arguments, positional ones set by set (first without conversion, default set first),
remaining arguments, choice of the parameter set, mandatory ones, defaults; then each pipeline object in four passes
(by value and by property name, first without and then with conversion).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.argument_conversion import (
    NO_MATCH,
    check_empty,
    coerce,
    fits,
    is_delay_bind,
    passes,
    validate,
)
from winbake.rehearsal.powershell.binding.binding_errors import BindingError, BindingErrors
from winbake.rehearsal.powershell.binding.parameters import ALL, ALL_SETS, CommandMetadata, ParameterInfo
from winbake.rehearsal.powershell.values import (
    AUTOMATION_NULL,
    MemberTable,
    NoteProperty,
    PSArray,
    PSObject,
    unwrap,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.syntax import Node

_MISSING = object()
PARAMETER_MARK = "<CommandParameterName>"
"""The hidden note on a parameter name in `$args`, by which splatting `@args` knows it."""


class Argument:
    """One argument of a call. `name` is set for `-Name`; `literal` is a number's text as it was written."""

    __slots__ = ("colon", "ends_names", "has_value", "literal", "name", "name_node", "node", "splatted", "value")

    def __init__(
        self,
        name: str | None = None,
        value: Any = None,
        has_value: bool = True,
        node: Node | None = None,
        literal: str | None = None,
        splatted: bool = False,
        colon: bool = False,
    ) -> None:
        self.name = name
        self.value = value
        self.has_value = has_value
        self.node = node
        self.literal = literal
        self.splatted = splatted
        self.colon = colon
        self.name_node = node
        """Where the name stands: `node` is the value's place as soon as it has one."""
        self.ends_names = False
        """A bare `--`: what follows it is no parameter name."""

    @property
    def parameter_text(self) -> str:
        return f"-{self.name}:" if self.colon else f"-{self.name}"


def marked_name(text: str) -> PSObject:
    """A parameter name as `$args` holds it."""
    note = NoteProperty(PARAMETER_MARK, text)
    note.hidden = True
    return PSObject(text, MemberTable([note]))


def after_end_of_names(arguments: list[Argument]) -> list[Argument]:
    """Takes the first bare `--` away and makes plain texts of the names behind it."""
    for index, argument in enumerate(arguments):
        if argument.ends_names:
            rest: list[Argument] = []
            for later in arguments[index + 1 :]:
                if later.name is None:
                    rest.append(later)
                    continue
                rest.append(Argument(None, later.parameter_text, True, later.node))
                if later.has_value:
                    rest.append(Argument(None, later.value, True, later.node, later.literal))
            return arguments[:index] + rest
    return arguments


class Binder:
    """Binds one invocation. `bound` keeps the order of binding; `unbound` is what goes to `$args`."""

    def __init__(self, session: Session, metadata: CommandMetadata, name: str, suffix: str) -> None:
        self.session = session
        self.metadata = metadata
        self.errors = BindingErrors(name, suffix)
        self.bound: dict[str, Any] = {}
        self.arguments: dict[str, Argument] = {}
        self.unbound: list[Argument] = []
        self.current = ALL
        self.delayed: dict[str, Any] = {}
        self.expects_input = False
        self.transforms: dict[str, Callable[[Any], Any]] = {}
        """A cmdlet's own argument transformations."""
        self._pipeline_bound: dict[str, ParameterInfo] = {}
        self._whole: str | None = None
        """The one parameter that takes every object as it is ("": there is none such, None: not looked for yet)."""
        self.pipeline_reset: list[ParameterInfo] = []
        """What the last object had bound and must be unset before the next."""
        self._before_pipeline = ALL
        self.chosen_set = ALL_SETS
        self.defaults: dict[str, Any] = {}
        """What $PSDefaultParameterValues gives parameters (lower case) that the command line does not bind."""

    # ---- the command line

    def bind_command_line(self, arguments: list[Argument], expects_input: bool) -> None:
        """Binds what stands on the command line and decides the parameter set as far as that is possible."""
        self.expects_input = expects_input
        advanced = self.metadata.advanced
        pending = self._pair_names(arguments)
        pending = self._bind_named(pending)
        pending = self._bind_positional(pending)
        for key, value in self.defaults.items():
            parameter = self.metadata.parameters[key]
            if key not in self.arguments and parameter.mask & self.current:
                self._bind(parameter, Argument(None, value), with_coercion=True)
                if not parameter.in_all_sets:
                    self._narrow(parameter.mask)
        if advanced:
            self._resolve_sets(pre_pipeline=True, expects_input=expects_input, check_only=True)
        self.unbound = pending

    def finish_command_line(self) -> None:
        """After dynamic parameters: what is left over, sets, mandatory parameters."""
        pending = self._bind_remaining(self.unbound)
        self.unbound = pending
        if self.metadata.advanced:
            for argument in pending:
                if argument.name is not None:
                    raise self.errors.named_not_found(argument.name, argument.node)
                text = argument.literal or convert.to_text(argument.value, self.session)
                raise self.errors.positional_not_found(text)
            self._resolve_sets(pre_pipeline=True, expects_input=self.expects_input)
            self._check_mandatory()
            for name in self.delayed:
                if not self.expects_input:
                    raise self.errors.script_block_no_input(self.metadata.parameters[name].name)
            self._resolve_sets(pre_pipeline=self.expects_input, expects_input=self.expects_input)
        self._before_pipeline = self.current
        self.chosen_set = self._current_set_name()

    def rebind_dynamic(self) -> None:
        """Dynamic parameters have been added to the metadata: bind what they match."""
        pending = self._pair_names(self.unbound)
        pending = self._bind_named(pending)
        self.unbound = self._bind_positional(pending)

    def _current_set_name(self) -> str:
        if self.current == ALL or self.current.bit_count() == 1:
            return self.metadata.set_name(self.current)
        if self.current & self.metadata.default_mask:
            return self.metadata.set_name(self.metadata.default_mask)
        return self.metadata.set_name(self.current)

    def _find(self, name: str, node: Any) -> ParameterInfo | None:
        found = self.metadata.match(name)
        if len(found) > 1:
            raise self.errors.ambiguous(name, found, node)
        return found[0] if found else None

    def _pair_names(self, arguments: list[Argument]) -> list[Argument]:
        """`-Name value`: the value is joined to its name; switches get $true."""
        out: list[Argument] = []
        index = 0
        while index < len(arguments):
            argument = arguments[index]
            index += 1
            if argument.name is None or argument.has_value:
                out.append(argument)
                continue
            parameter = self._find(argument.name, argument.node)
            if parameter is None:
                following = arguments[index] if index < len(arguments) else None
                if following is not None and following.name is None and not self.metadata.is_cmdlet:
                    # An unknown name takes the value behind it along, to $args or into the error.
                    out.append(Argument(argument.name, following.value, True, argument.node, following.literal))
                    index += 1
                else:
                    out.append(argument)
                continue
            if parameter.is_switch:
                out.append(Argument(argument.name, self.session.switch(True), True, argument.node))
                continue
            if index >= len(arguments):
                raise self._missing(parameter, argument)
            following = arguments[index]
            if following.name is not None:
                matches = self.metadata.match(following.name)
                if matches or following.has_value:
                    raise self._missing(parameter, argument)
                out.append(Argument(argument.name, following.parameter_text, True, following.node))
            else:
                out.append(Argument(argument.name, following.value, True, following.node, following.literal))
            out[-1].name_node = argument.node
            index += 1
        return out

    def _missing(self, parameter: ParameterInfo, argument: Argument) -> BindingError:
        type_text = parameter.net_type.key if parameter.net_type is not None else f"System.{parameter.type_text}"
        return self.errors.missing_argument(parameter.name, type_text, argument.node)

    def _bind_named(self, arguments: list[Argument]) -> list[Argument]:
        out = []
        for argument in arguments:
            if argument.name is None or not argument.has_value:
                out.append(argument)
                continue
            parameter = self._find(argument.name, argument.node)
            if parameter is None:
                out.append(argument)
                continue
            key = parameter.name.lower()
            if key in self.arguments:
                if argument.splatted:
                    continue
                raise self.errors.already_bound(argument.name, argument.name_node)
            if self.metadata.advanced and not parameter.in_all_sets:
                if not parameter.mask & self.current:
                    raise self.errors.ambiguous_set()
            self._bind(parameter, argument, with_coercion=True)
            if not parameter.in_all_sets:
                self._narrow(parameter.mask)
        return out

    def _narrow(self, mask: int) -> None:
        self.current &= mask

    def _bind(self, parameter: ParameterInfo, argument: Argument, with_coercion: bool) -> bool:
        """Converts, checks and keeps one value. False: it does not fit without conversion."""
        key = parameter.name.lower()
        value = argument.value
        transform = self.transforms.get(parameter.name)
        if transform is not None:
            value = transform(value)
            argument = Argument(argument.name, value, True, argument.node, None, argument.splatted)
        if is_delay_bind(value, parameter) and (self.expects_input or self.metadata.advanced):
            self.delayed[key] = unwrap(value)
            self.arguments[key] = argument
            return True
        if not with_coercion:
            if argument.literal is not None and parameter.net_type is not None:
                if parameter.net_type.key in ("System.String", "System.String[]"):
                    return False
            fitting = fits(value, parameter)
            if fitting is NO_MATCH:
                return False
            value = (
                fitting
                if parameter.net_type is None or not parameter.from_script
                else self._coerce(parameter, argument)
            )
        else:
            value = self._coerce(parameter, argument)
        if (
            not with_coercion
            and any(v.swallowed for v in parameter.validations)
            and not passes(self.session, value, parameter)
        ):
            return False
        check_empty(value, parameter, self.errors, argument.node, argument.value)
        validate(self.session, value, parameter, self.errors, argument.node)
        self.bound[parameter.name] = value
        self.arguments[key] = argument
        return True

    def _coerce(self, parameter: ParameterInfo, argument: Argument) -> Any:
        return coerce(
            self.session,
            argument.value,
            parameter,
            self.errors,
            argument.literal,
            self.metadata.advanced,
            argument.node,
        )

    # ---- positions

    def _positions(self) -> dict[int, list[ParameterInfo]]:
        found: dict[int, list[ParameterInfo]] = {}
        for parameter in self.metadata.parameters.values():
            if parameter.name.lower() in self.arguments:
                continue
            for info in parameter.in_sets(self.current):
                if info.remaining or info.position is None:
                    continue
                if parameter not in found.setdefault(info.position, []):
                    found[info.position].append(parameter)
        return found

    def _bind_positional(self, arguments: list[Argument]) -> list[Argument]:
        if not any(a.name is None for a in arguments):
            return arguments
        positions = self._positions()
        out: list[Argument] = []
        queue = list(arguments)
        for position in sorted(positions):
            candidates = [
                p
                for p in positions[position]
                if p.name.lower() not in self.arguments and any(s.position == position for s in p.in_sets(self.current))
            ]
            if not candidates:
                continue
            argument = self._next_positional(queue, out)
            if argument is None:
                break
            if not self._bind_at(position, candidates, argument):
                out.append(argument)
        return out + queue

    def _next_positional(self, queue: list[Argument], out: list[Argument]) -> Argument | None:
        while queue:
            argument = queue.pop(0)
            if argument.name is None:
                return argument
            out.append(argument)
            if not argument.has_value and not self.metadata.advanced:
                # The value that follows an unknown name is a positional argument like any other.
                continue
        return None

    def _bind_at(self, position: int, candidates: list[ParameterInfo], argument: Argument) -> bool:
        default = self.metadata.default_mask
        attempts: list[tuple[int, bool]] = []
        if default and self.current & default:
            attempts.append((default, False))
        attempts.append((self.current, False))
        if default and self.current & default:
            attempts.append((default, True))
        attempts.append((self.current, True))
        for mask, with_coercion in attempts:
            for parameter in candidates:
                if not any(s.position == position for s in parameter.in_sets(mask)):
                    continue
                if parameter.positional_guard is not None and not parameter.positional_guard(argument.value):
                    continue
                if self._bind(parameter, argument, with_coercion):
                    if not parameter.in_all_sets:
                        self._narrow(parameter.mask)
                    return True
        return False

    def _bind_remaining(self, arguments: list[Argument]) -> list[Argument]:
        """ValueFromRemainingArguments."""
        if not arguments:
            return arguments
        target = None
        for parameter in self.metadata.parameters.values():
            if parameter.name.lower() in self.arguments:
                continue
            if any(info.remaining for info in parameter.in_sets(self.current)):
                target = parameter
                break
        if target is None:
            return arguments
        values: list[Any] = []
        for argument in arguments:
            if argument.name is not None:
                values.append(argument.parameter_text)
                if argument.has_value:
                    values.append(argument.value)
            else:
                element = target.net_type.element_type if target.net_type is not None else None
                texts = element is not None and element.key == "System.String" and argument.literal is not None
                values.append(argument.literal if texts else argument.value)
        gathered: Any
        if target.net_type is None or target.net_type.key in (
            "System.Object",
            "System.Management.Automation.PSObject",
        ):
            gathered = self.session.generic_list(values)
        else:
            gathered = PSArray(values)
        self._bind(target, Argument(None, gathered, True, arguments[0].node), with_coercion=True)
        if not target.in_all_sets:
            self._narrow(target.mask)
        return []

    # ---- parameter sets

    def _unbound_parameters(self) -> list[ParameterInfo]:
        return [p for key, p in self.metadata.parameters.items() if key not in self.arguments]

    def _pipeline_possible(self) -> bool:
        return any(
            info.by_value or info.by_name
            for parameter in self._unbound_parameters()
            for info in parameter.in_sets(self.current)
        )

    def _resolve_sets(self, pre_pipeline: bool, expects_input: bool, check_only: bool = False) -> None:
        """ValidateParameterSets of the engine."""
        metadata = self.metadata
        count = metadata.count(self.current)
        default = metadata.default_mask
        if count == 0:
            raise self.errors.ambiguous_set()
        if check_only:
            return
        waiting = pre_pipeline and expects_input and self._pipeline_possible()
        if count > 1:
            if default and self.current & default:
                if not waiting:
                    self.current = default
            elif waiting:
                pass
            else:
                self._resolve_by_mandatory()
        elif self.current == ALL:
            sets = len(metadata.set_names)
            if waiting:
                return
            if default:
                self.current = default
            elif sets > 1:
                self._resolve_by_mandatory()

    def _resolve_by_mandatory(self) -> None:
        remaining = self.current
        known = 0
        for parameter in self.metadata.parameters.values():
            for info in parameter.sets:
                known |= info.mask if info.mask != ALL else 0
        remaining &= known
        for parameter in self._unbound_parameters():
            for info in parameter.sets:
                if info.mandatory and info.mask != ALL:
                    remaining &= ~info.mask
        if remaining.bit_count() == 1:
            self.current = remaining
            return
        raise self.errors.ambiguous_set()

    # ---- mandatory parameters

    def _missing_in(self, mask: int, expects_input: bool) -> list[ParameterInfo]:
        missing = []
        for parameter in self._unbound_parameters():
            for info in parameter.in_sets(mask):
                if info.mandatory and not (expects_input and (info.by_value or info.by_name)):
                    missing.append(parameter)
                    break
        return missing

    def _check_mandatory(self) -> None:
        metadata = self.metadata
        if self.current == ALL:
            everywhere = [
                p
                for p in self._unbound_parameters()
                if any(
                    s.mask == ALL and s.mandatory and not (self.expects_input and (s.by_value or s.by_name))
                    for s in p.sets
                )
            ]
            if everywhere:
                raise self.errors.missing_mandatory([p.name for p in everywhere])
            if not metadata.set_names:
                return
            masks = [1 << i for i in range(len(metadata.set_names))]
        else:
            masks = [1 << i for i in range(len(metadata.set_names)) if self.current & (1 << i)]
        if len(masks) == 1:
            missing = self._missing_in(masks[0], self.expects_input)
            if missing:
                raise self.errors.missing_mandatory([p.name for p in missing])
            return
        lacking = {mask: self._missing_in(mask, self.expects_input) for mask in masks}
        good = [mask for mask in masks if not lacking[mask]]
        default = metadata.default_mask
        if default in masks:
            if lacking[default]:
                if not good or not self.expects_input:
                    raise self.errors.missing_mandatory([p.name for p in lacking[default]])
            elif not self.expects_input:
                return
        if good and len(good) < len(masks):
            self.current = sum(good)
        elif not good and default not in masks:
            shared = [p for p in lacking[masks[0]] if all(p in lacking[m] for m in masks)]
            if shared:
                raise self.errors.missing_mandatory([p.name for p in shared])

    # ---- pipeline input

    def bind_pipeline(self, item: Any) -> None:
        """Binds one pipeline object. Raises BindingError InputObjectNotBound, or a conversion's own error."""
        if not self.metadata.advanced:
            return
        if self._whole is None:
            self._whole = self._whole_object_parameter()
        if self._whole and item is not None and item is not AUTOMATION_NULL:
            self.bound[self._whole] = item
            return
        self._restore()
        self.current = self._before_pipeline
        for key, script in self.delayed.items():
            parameter = self.metadata.parameters[key]
            output = self.session.invoke(script, underscore=item, input=(item,), propagate=True)
            if not output:
                raise self.errors.make(
                    "ScriptBlockArgumentNoOutput",
                    f"Cannot evaluate parameter '{parameter.name}' because its argument input did not "
                    "produce any output. "
                    "Argument input is required.",
                    parameter.name,
                    category="InvalidArgument",
                )
            value = output[0] if len(output) == 1 else PSArray(output)
            given = self.arguments[key]
            self._bind(parameter, Argument(None, value, True, given.node), with_coercion=True)
            self.arguments[key] = given
        bound_any = bool(self.delayed)
        if self._bind_passes(item):
            bound_any = True
        if not bound_any:
            raise self.errors.not_bound()
        self._resolve_sets(pre_pipeline=False, expects_input=True)
        missing = self._missing_in(self.current, False) if self.current != ALL or not self.metadata.set_names else []
        if missing:
            raise self.errors.input_missing_mandatory([p.name for p in missing])
        self.chosen_set = self._current_set_name()

    def _whole_object_parameter(self) -> str:
        """The parameter's name if each object goes to it whatever it is, as to most -InputObject; else ""."""
        takers = [
            p for p in self._unbound_parameters() if any(s.by_value or s.by_name for s in p.in_sets(self.current))
        ]
        if self.delayed or len(takers) != 1 or (self.current != ALL and self.current.bit_count() != 1):
            return ""
        one = takers[0]
        plain = one.net_type is None or one.net_type.key in (
            "System.Object",
            "System.Management.Automation.PSObject",
        )
        infos = one.in_sets(self.current)
        whole = plain and not one.validations and one.cim_class is None and one.values is None and not one.from_script
        if whole and all(s.by_value and not s.by_name for s in infos) and not self._missing_in(self.current, True):
            return one.name
        return ""

    def pipeline_names(self) -> list[str]:
        """The parameters that the last pipeline object bound."""
        return [p.name for p in self._pipeline_bound.values()]

    def delayed_names(self) -> list[str]:
        return [self.metadata.parameters[key].name for key in self.delayed]

    def _restore(self) -> None:
        for key, parameter in self._pipeline_bound.items():
            self.bound.pop(parameter.name, None)
            self.arguments.pop(key, None)
        self.pipeline_reset = list(self._pipeline_bound.values())
        self._pipeline_bound = {}

    def _bind_passes(self, item: Any) -> bool:
        default = self.metadata.default_mask
        bound = False
        failure: BindingError | None = None
        for with_coercion in (False, True):
            for by_name in (False, True):
                while True:
                    progressed = False
                    masks = [default, self.current] if default and self.current & default else [self.current]
                    for mask in masks:
                        try:
                            progressed = self._pipeline_pass(item, mask, by_name, with_coercion)
                        except BindingError as error:
                            if not with_coercion:
                                raise
                            failure = failure or error
                            if error.record.error_id.startswith("ParameterArgumentValidationError"):
                                raise
                        if progressed:
                            break
                    if not progressed:
                        break
                    bound = True
        if not bound and failure is not None and failure.record.error_id.startswith("ParameterArgumentValidation"):
            raise failure
        return bound

    def _pipeline_pass(self, item: Any, mask: int, by_name: bool, with_coercion: bool) -> bool:
        """One pass: binds the first parameters that take the item. True if any did."""
        any_bound = False
        for parameter in self._unbound_parameters():
            infos = parameter.in_sets(mask)
            if not any((i.by_name if by_name else i.by_value) for i in infos):
                continue
            if by_name:
                value = self._property(item, parameter)
                if value is _MISSING:
                    continue
            else:
                value = item
            if self._bind(parameter, Argument(None, value), with_coercion):
                self._pipeline_bound[parameter.name.lower()] = parameter
                if not parameter.in_all_sets:
                    self._narrow(parameter.mask)
                any_bound = True
        return any_bound

    def _property(self, item: Any, parameter: ParameterInfo) -> Any:
        if item is None or item is AUTOMATION_NULL:
            return _MISSING
        for name in (parameter.name, *parameter.aliases):
            value = self.session.property_or(item, name, _MISSING)
            if value is not _MISSING:
                return value
        return _MISSING

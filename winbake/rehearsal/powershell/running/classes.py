"""Classes and enums written in PowerShell.

A class is a NetType whose `script_class` is a ScriptClass; its members look like .NET's to members.py: properties with
get and set, methods and constructors as Signatures. Method bodies run with `$this` in a scope of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert, members, syntax
from winbake.rehearsal.powershell.access.overloads import Parameter, Signature, bind_arguments, call_signature, choose
from winbake.rehearsal.powershell.binding.validation import Validation, ValidationFailure
from winbake.rehearsal.powershell.compile.block import CompiledBlock
from winbake.rehearsal.powershell.compile.core import Out, Run, Value, compile_expression, statement
from winbake.rehearsal.powershell.dotnet.objects import default_value
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ReturnFlow, ScriptError
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.scope import Scope, SessionState, Variable
from winbake.rehearsal.powershell.types import NetType, define_type, get_type, resolve_type
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, NetObject, unwrap

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_VOID = "Void"


class ScriptInstance(NetObject):
    """An object of a script class; `fields` are its properties by lower-case name."""

    def __init__(self, net_type: NetType) -> None:
        self.net_type = net_type
        self.fields: dict[str, Any] = {}


class ScriptException(NetException):
    """An object of a script class that descends from System.Exception."""

    def __init__(self, net_type: NetType) -> None:
        super().__init__(net_type.key, f"Exception of type '{net_type.key}' was thrown.")
        self.net_type = net_type
        self.fields: dict[str, Any] = {}


class ScriptProperty:
    """One property of a class as members.py wants it."""

    def __init__(self, owner: ScriptClass, node: syntax.PropertyMember, net_type: NetType) -> None:
        self.owner = owner
        self.node = node
        self.name = node.name
        self.static = node.static
        self.hidden = node.hidden
        self.net_type = net_type
        self.typed = node.type_constraint is not None
        self.validations: list[Validation] = []
        self.initial: Value | None = compile_expression(node.initial) if node.initial is not None else None
        self.value: Any = None

    def default(self) -> Any:
        """What an unset property of this type holds."""
        if not self.typed:
            return None
        return default_value(self.net_type)

    def get(self, session: Session, target: Any) -> Any:
        return self.value if self.static else target.fields.get(self.name.lower())

    def set(self, session: Session, target: Any, value: Any) -> None:
        if self.typed:
            value = convert.convert(value, self.net_type, session)
        for validation in self.validations:
            try:
                validation.check(session, value)
            except ValidationFailure as failure:
                exception = NetException("System.Management.Automation.ValidationMetadataException", failure.message)
                raise ScriptError(ErrorRecord(exception, failure.error_id, "MetadataError")) from failure
        if self.static:
            self.value = value
        else:
            target.fields[self.name.lower()] = value


class ScriptClass:
    """What stands behind a script class's NetType."""

    def __init__(self, session: Session, node: syntax.TypeDefinition, state: SessionState) -> None:
        self.session = session
        self.node = node
        self.state = state
        self.net_type: NetType
        self._properties: dict[str, ScriptProperty] = {}
        self._methods: list[Signature] = []
        self._constructors: list[Signature] = []
        self.static_constructor: _Method | None = None

    # ---- what members.py asks

    def find_property(self, net_type: NetType, name: str, static: bool) -> ScriptProperty | None:
        found = self._properties.get(name.lower())
        return found if found is not None and found.static == static else None

    def find_methods(self, net_type: NetType, name: str, static: bool) -> list[Signature]:
        low = name.lower()
        return [m for m in self._methods if m.name.lower() == low and m.static == static]

    def properties(self, net_type: NetType) -> list[ScriptProperty]:
        return list(self._properties.values())

    def methods(self, net_type: NetType) -> list[Signature]:
        return self._methods

    def constructors(self, net_type: NetType) -> list[Signature]:
        return self._constructors

    # ---- making objects

    def new_instance(self) -> Any:
        exception = get_type("System.Exception")
        if exception.assignable_from(self.net_type):
            return ScriptException(self.net_type)
        return ScriptInstance(self.net_type)

    def initialize(self, instance: Any, frame: Frame) -> None:
        """Gives the properties of this class their initial values."""
        for prop in self._properties.values():
            if prop.static:
                continue
            instance.fields[prop.name.lower()] = prop.default()
        for prop in self._properties.values():
            if not prop.static and prop.initial is not None:
                prop.set(self.session, instance, _plain(prop.initial(frame)))


def _plain(value: Any) -> Any:
    return None if value is AUTOMATION_NULL else value


# ---- running methods --------------------------------------------------------------------------------------


class _Method:
    """The body of one method or constructor."""

    def __init__(self, owner: ScriptClass, node: syntax.MethodMember, types: list[NetType | None]) -> None:
        self.owner = owner
        self.node = node
        self.types = types
        self.block = CompiledBlock(node.body)
        self.return_type: NetType | None = None
        self.returns = False
        self.base_arguments = [compile_expression(a) for a in node.base_arguments or []]

    def frame(self, this: Any, values: tuple[Any, ...]) -> tuple[Frame, Scope]:
        session = self.owner.session
        scope = Scope(self.owner.state.current, self.owner.state)
        if this is not None:
            scope.variables["this"] = Variable("this", this)
        for parameter, net_type, value in zip(self.node.parameters, self.types, values, strict=False):
            variable = Variable(parameter.name, value)
            if net_type is not None:
                from winbake.rehearsal.powershell.compile.assignments import make_guard

                variable.guard = make_guard(session, parameter.name, [net_type], [])
            scope.variables[parameter.name.lower()] = variable
        frame = Frame(session, scope, self.block, session.frame, typed_locals=True)
        frame.function_name = self.node.name
        frame.command_name = self.node.name
        return frame, scope

    def run(self, frame: Frame, scope: Scope, out: Out) -> None:
        body = self.block.end
        if body is None:
            return
        run = _returning(body)
        self.inside(frame, scope, lambda: run(frame, out))

    def inside(self, frame: Frame, scope: Scope, step: Callable[[], None]) -> None:
        from winbake.rehearsal.powershell.running.error_flow import call_depth_overflow
        from winbake.rehearsal.powershell.running.script_stage import MAX_DEPTH

        session = frame.session
        state = self.owner.state
        saved = (session.frame, session.state, state.current, session.propagate)
        session.frame, session.state, state.current = frame, state, scope
        session.propagate = True
        session.depth += 1
        try:
            if session.depth > MAX_DEPTH:
                raise call_depth_overflow()
            step()
        except ReturnFlow:
            return
        finally:
            session.depth -= 1
            session.frame, session.state, state.current, session.propagate = saved

    def call(self, this: Any, values: tuple[Any, ...]) -> Any:
        frame, scope = self.frame(this, values)
        out: list[Any] = []
        self.run(frame, scope, out.append)
        if not self.returns:
            return AUTOMATION_NULL
        return self._result(out)

    def _result(self, out: list[Any]) -> Any:
        value = self.owner.session.collected(out)
        if value is AUTOMATION_NULL:
            value = None
        if self.return_type is None or self.return_type.key == "System.Object":
            return value
        return convert.convert(value, self.return_type, self.owner.session)


def _method_signature(owner: ScriptClass, node: syntax.MethodMember, net_type: NetType) -> Signature:
    session = owner.session
    types: list[NetType | None] = []
    parameters = []
    for parameter in node.parameters:
        wanted: NetType | None = None
        for attribute in parameter.attributes:
            if isinstance(attribute, syntax.TypeConstraint):
                wanted = _resolve(session, attribute.type_name)
        types.append(wanted)
        shown = wanted or get_type("System.Object")
        parameters.append(Parameter(parameter.name, shown.key, shown))
    method = _Method(owner, node, types)
    if node.is_constructor:
        signature = Signature(net_type, ".ctor", tuple(parameters), start=net_type)
        signature.function_given = _constructor(owner, method)
        return signature
    method.returns = node.return_type is not None and node.return_type.type_name.name.lower() not in (
        "void",
        "system.void",
    )
    if node.return_type is not None and method.returns:
        method.return_type = _resolve(session, node.return_type.type_name)
    name = node.name
    returns = method.return_type.key if method.return_type is not None else ("Object" if method.returns else _VOID)
    signature = Signature(net_type, name, tuple(parameters), returns, node.static, start=net_type)

    def function(*values: Any) -> Any:
        if node.static:
            return method.call(None, values)
        return method.call(values[0], values[1:])

    signature.function_given = function
    return signature


def _returning(body: Run) -> Run:
    """A method's body: what its statements write is dropped, only `return` gives a value."""

    def run(f: Frame, out: Out) -> None:
        f.returns = out
        body(f, _drop)

    return run


def _drop(value: Any) -> None:
    return None


def _constructor(owner: ScriptClass, method: _Method | None) -> Callable[..., Any]:
    """Makes the object: properties from the base up, then the base's constructor, then the body."""

    def create(*values: Any) -> Any:
        instance = owner.new_instance()
        construct(owner, method, instance, values)
        return instance

    create.script_method = method  # type: ignore[attr-defined]
    return create


def construct(owner: ScriptClass, method: _Method | None, instance: Any, values: tuple[Any, ...]) -> None:
    session = owner.session
    if method is not None:
        frame, scope = method.frame(instance, values)
    else:
        scope = Scope(owner.state.current, owner.state)
        scope.variables["this"] = Variable("this", instance)
        frame = Frame(session, scope, None, session.frame)
    runner = method if method is not None else _Method(owner, _empty_method(owner.node), [])

    def step() -> None:
        given = [_plain(a(frame)) for a in method.base_arguments] if method is not None else []
        _construct_base(owner, instance, given)
        owner.initialize(instance, frame)
        if method is not None and method.block.end is not None:
            frame.returns = _drop
            method.block.end(frame, _drop)

    runner.inside(frame, scope, step)


def _construct_base(owner: ScriptClass, instance: Any, given: list[Any]) -> None:
    base = owner.net_type.base
    if base is None:
        return
    parent = base.script_class
    if isinstance(parent, ScriptClass):
        candidate = choose(tuple(parent.constructors(base)), base.name, given)
        bound = bind_arguments(candidate, base.name, given, owner.session)
        found = candidate.signature.function_given
        assert found is not None
        method = getattr(found, "script_method", None)
        construct(parent, method, instance, tuple(bound))
        return
    if isinstance(instance, ScriptException) and given:
        made = members.create(owner.session, base, given)
        if isinstance(made, NetException):
            instance.message = made.message
            instance.inner = made.inner
            instance.properties = made.properties


def _empty_method(node: syntax.TypeDefinition) -> syntax.MethodMember:
    body = syntax.ScriptBlock(node.source, node.start, node.end)
    return syntax.MethodMember(node.source, node.start, node.end, node.name, None, [], False, False, [], body, True)


def _resolve(session: Session, type_name: syntax.TypeName) -> NetType:
    found = resolve_type(type_name, session)
    if found is None:
        raise _refused("TypeNotFound", f"Unable to find type [{type_name.text}].", type_name)
    return found


def _refused(error_id: str, message: str, node: syntax.Node) -> ScriptError:
    """What is wrong with a definition is an error of parsing: nothing of the script runs."""
    from winbake.rehearsal.powershell.running.functions import parse_failure

    source = node.source
    return parse_failure([syntax.ParseError(error_id, message, source, node.start, node.end)], source.text)


def _already_defined(name: str, node: syntax.Node) -> ScriptError:
    return _refused("MemberAlreadyDefined", f"The member '{name}' is already defined.", node)


# ---- definitions ------------------------------------------------------------------------------------------


def define_types(session: Session, ast: syntax.ScriptBlock) -> None:
    """Defines the classes and enums at the top of a script before it runs, as the engine does."""
    blocks = (ast.begin_block, ast.process_block, ast.end_block)
    nodes = [s for b in blocks if b is not None for s in b.statements if isinstance(s, syntax.TypeDefinition)]
    if not nodes:
        return
    for node in nodes:
        if node.kind == "enum":
            _define_enum(session, node)
    classes = [_declare(session, node) for node in _in_order([n for n in nodes if n.kind == "class"])]
    for made in classes:
        _complete(session, made)
    for made in classes:
        _set_statics(session, made)


def _in_order(nodes: list[syntax.TypeDefinition]) -> list[syntax.TypeDefinition]:
    """Bases before what derives from them."""
    by_name = {n.name.lower(): n for n in nodes}
    out: list[syntax.TypeDefinition] = []

    def visit(node: syntax.TypeDefinition) -> None:
        if node in out:
            return
        for base in node.bases:
            parent = by_name.get(base.type_name.name.lower())
            if parent is not None and parent is not node:
                visit(parent)
        out.append(node)

    for node in nodes:
        visit(node)
    return out


def _define_enum(session: Session, node: syntax.TypeDefinition) -> None:
    values: dict[str, int] = {}
    following = 0
    for member in node.members:
        assert isinstance(member, syntax.PropertyMember)
        if member.initial is not None:
            following = _enumerator_value(session, member.initial)
        if any(known.lower() == member.name.lower() for known in values):
            raise _already_defined(member.name, member)
        values[member.name] = following
        following += 1
    flags = any(
        a.type_name.name.lower().removesuffix("attribute") in ("flags", "system.flags") for a in node.attributes
    )
    session.classes[node.name.lower()] = define_type(node.name, "enum", enum_values=values, is_flags=flags)


def _enumerator_value(session: Session, initial: syntax.Expression) -> int:
    found = unwrap(compile_expression(initial)(session.frame))
    ok, value = convert.try_convert(found, get_type("System.Int32"), session)
    if ok:
        return int(value)
    if isinstance(found, str):
        raise _refused("CannotConvertValue", "Cannot convert value to type 'int'.", initial)
    raise _refused(
        "EnumeratorValueOutOfBounds", "Enumerator value is too large or too small for an 'int'.", initial
    )


def _declare(session: Session, node: syntax.TypeDefinition) -> ScriptClass:
    made = ScriptClass(session, node, session.state)
    base: NetType | None = None
    interfaces: list[NetType] = []
    for constraint in node.bases:
        found = _resolve(session, constraint.type_name)
        if found.is_interface:
            interfaces.append(found)
        else:
            base = found
    made.net_type = define_type(node.name, "class", base=base, interfaces=tuple(interfaces), script_class=made)
    session.classes[node.name.lower()] = made.net_type
    return made


def _complete(session: Session, made: ScriptClass) -> None:
    from winbake.rehearsal.powershell.binding.attributes import make_validations

    for member in made.node.members:
        if isinstance(member, syntax.PropertyMember):
            constraint = member.type_constraint
            net_type = _resolve(session, constraint.type_name) if constraint is not None else get_type("System.Object")
            if member.name.lower() in made._properties:
                raise _already_defined(member.name, member)
            prop = ScriptProperty(made, member, net_type)
            prop.validations = make_validations(session.frame, member.attributes)
            made._properties[member.name.lower()] = prop
        else:
            signature = _method_signature(made, member, made.net_type)
            if member.is_constructor:
                if member.static:
                    made.static_constructor = signature.function_given.script_method  # type: ignore[union-attr]
                    continue
                _check_twin(made._constructors, signature, member)
                made._constructors.append(signature)
            else:
                _check_twin(made._methods, signature, member)
                made._methods.append(signature)
    if not made._constructors:
        parent = getattr(made.net_type.base, "script_class", None) if made.net_type.base is not None else None
        if parent is not None and not any(not c.parameters for c in parent._constructors):
            raise _refused(
                "BaseClassNoDefaultCtor",
                f"Base class '{parent.node.name}' does not contain a parameterless constructor.",
                made.node,
            )
        signature = Signature(made.net_type, ".ctor", (), start=made.net_type)
        signature.function_given = _constructor(made, None)
        made._constructors.append(signature)


def _check_twin(known: list[Signature], new: Signature, member: syntax.MethodMember) -> None:
    """Two methods of one name and the same parameter types are an error."""
    for other in known:
        if other.name.lower() == new.name.lower() and other.parameter_text == new.parameter_text:
            raise _already_defined(member.name, member)


def _set_statics(session: Session, made: ScriptClass) -> None:
    for prop in made._properties.values():
        if prop.static:
            prop.value = prop.default()
            if prop.initial is not None:
                prop.set(session, None, _plain(prop.initial(session.frame)))
    if made.static_constructor is not None:
        frame, scope = made.static_constructor.frame(None, ())
        frame.returns = _drop
        made.static_constructor.run(frame, scope, _drop)


@statement(syntax.TypeDefinition)
def compile_type_definition(node: syntax.TypeDefinition) -> Run:
    """Types at the top are defined before the script runs; a nested one when its block comes to it."""

    def run(f: Frame, out: Out) -> None:
        known = f.session.classes.get(node.name.lower())
        script = getattr(known, "script_class", None)
        if known is not None and (getattr(script, "node", node) is node):
            return
        block = syntax.StatementBlock(node.source, node.start, node.end, [node])
        define_types(f.session, syntax.ScriptBlock(node.source, node.start, node.end, end_block=block))

    return run


def base_call(session: Session, net_type: NetType, this: Any, name: str, arguments: list[Any]) -> Any:
    """`([Base]$this).Method()`: the base class's own method."""
    script = net_type.script_class
    if isinstance(script, ScriptClass):
        found = script.find_methods(net_type, name, False)
        if found:
            candidate = choose(tuple(found), name, arguments)
            return call_signature(
                candidate.signature, session, this, bind_arguments(candidate, name, arguments, session)
            )
    return members.invoke_method(session, this, name, arguments)

"""Parse-time checks of classes: names used once, methods that return on every path, and variables of methods
(a method sees only its own variables, and properties only through `$this`)."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.parsing.walk import descendants
from winbake.rehearsal.powershell.syntax import (
    ArrayLiteral,
    Assignment,
    AttributedExpression,
    BlockStatement,
    Break,
    CommandExpression,
    CommandParameter,
    Continue,
    Convert,
    Data,
    DoLoop,
    Exit,
    Expression,
    For,
    ForEach,
    FunctionDefinition,
    If,
    MethodMember,
    Node,
    Paren,
    Pipeline,
    PropertyMember,
    Return,
    ScriptBlock,
    ScriptBlockExpression,
    Statement,
    StatementBlock,
    StringConstant,
    Throw,
    Try,
    TypeDefinition,
    Unary,
    Variable,
)

_NESTED = (ScriptBlockExpression, FunctionDefinition, TypeDefinition)
_ALWAYS_THERE = frozenset(
    [
        "_", "args", "this", "input", "pscmdlet", "psboundparameters", "myinvocation", "psscriptroot",
        "pscommandpath", "?", "null", "true", "false", "consolefilename", "executioncontext", "home", "host",
        "pid", "psculture", "pshome", "psuiculture", "psversiontable", "psedition", "shellid", "lastexitcode",
        "error", "stacktrace", "outputencoding", "nestedpromptlevel", "pwd", "matches", "switch", "foreach",
        "debugpreference", "verbosepreference", "erroractionpreference", "whatifpreference", "warningpreference",
        "informationpreference", "confirmpreference", "progresspreference", "^", "$", "psitem", "ofs",
    ]
)
_VARIABLE_PARAMETERS = ("outvariable", "errorvariable", "warningvariable", "informationvariable", "pipelinevariable")


def check_type_names(script: ScriptBlock, errors: ErrorList) -> None:
    """Every class and enum of a script has a name of its own; checks the variables of their methods."""
    seen: set[str] = set()
    for node in descendants(script):
        if isinstance(node, TypeDefinition):
            if node.name.lower() in seen:
                errors.add("MemberAlreadyDefined", node.source, node.start, node.end, node.name)
            seen.add(node.name.lower())
            properties = {m.name.lower(): m for m in node.members if isinstance(m, PropertyMember)}
            for member in node.members:
                if isinstance(member, MethodMember):
                    _check_property_assignments(member, node, properties, errors)


def check_method(method: MethodMember, errors: ErrorList) -> None:
    body = method.body
    if body.param_block is not None:
        _add(errors, "ParamBlockNotAllowedInMethod", body.param_block)
    for block in (body.dynamic_param, body.begin_block, body.process_block):
        if block is not None:
            _add(errors, "NamedBlockNotAllowedInMethod", block)
            return
    if method.is_constructor and method.return_type is not None:
        _add(errors, "ConstructorCantHaveReturnType", method.return_type)
    end_block = body.end_block
    if end_block is None:
        return
    void = method.return_type is None or method.return_type.type_name.name.lower() in ("void", "system.void")
    if not void and _Flow().block(end_block):
        name_start = _name_start(method)
        errors.add("MethodHasCodePathNotReturn", method.source, name_start, name_start + len(method.name))
    for node in descendants(end_block, _NESTED):
        if isinstance(node, Return) and (node.pipeline is not None) == void:
            _add(errors, "VoidMethodHasReturn" if void else "NonVoidMethodMissingReturnValue", node)
    _check_variables(method, end_block, errors)


def _name_start(method: MethodMember) -> int:
    start = method.return_type.end if method.return_type is not None else method.start
    found = method.source.text.lower().find(method.name.lower(), start, method.end)
    return found if found >= 0 else method.start


def _add(errors: ErrorList, error_id: str, at: Node, *arguments: str) -> None:
    errors.add(error_id, at.source, at.start, at.end, *arguments)


# ---- variables ----------------------------------------------------------------------------------------------


def _targets(left: Expression) -> list[Variable]:
    """The variables that an assignment to `left` sets."""
    if isinstance(left, Variable):
        return [left]
    if isinstance(left, (Convert, AttributedExpression)):
        return _targets(left.child)
    if isinstance(left, ArrayLiteral):
        return [variable for element in left.elements for variable in _targets(element)]
    if isinstance(left, Paren) and isinstance(left.pipeline, Pipeline):
        element = left.pipeline.elements[0]
        return _targets(element.expression) if isinstance(element, CommandExpression) else []
    return []


def _check_property_assignments(
    method: MethodMember, definition: TypeDefinition, properties: dict[str, PropertyMember], errors: ErrorList
) -> None:
    own = {parameter.name.lower() for parameter in method.parameters}
    for node in descendants(method.body, _NESTED):
        if not isinstance(node, Assignment):
            continue
        for variable in _targets(node.left):
            name = variable.path.lower()
            member = properties.get(name)
            if member is None or name in own:
                continue
            if member.static:
                where = f"[{definition.name}]::"
                _add(errors, "MissingTypeInStaticPropertyAssignment", variable, where, member.name)
            else:
                _add(errors, "MissingThis", variable, "$this.", member.name)


def _check_variables(method: MethodMember, body: StatementBlock, errors: ErrorList) -> None:
    nodes = list(descendants(body, _NESTED))
    known = {_local_name(parameter.name) for parameter in method.parameters}
    for node in nodes:
        if isinstance(node, Assignment):
            known |= {_local_name(variable.path) for variable in _targets(node.left)}
        elif isinstance(node, ForEach):
            known.add(_local_name(node.variable.path))
        elif isinstance(node, Data) and node.variable:
            known.add(node.variable.lower())
        elif isinstance(node, Unary) and node.operator.endswith(("++", "--")):
            known |= {_local_name(variable.path) for variable in _targets(node.child)}
        elif isinstance(node, CommandParameter) and node.name.lower() in _VARIABLE_PARAMETERS:
            known |= {n.value.lower().lstrip("+") for n in nodes if isinstance(n, StringConstant)}
    for node in nodes:
        if not isinstance(node, Variable):
            continue
        prefix, colon, _ = node.path.partition(":")
        if colon and prefix.lower() not in ("local", "private", "variable"):
            continue
        name = _local_name(node.path)
        if name == "this" and method.static:
            _add(errors, "NonStaticMemberAccessInStaticMember", node, node.path)
        elif name not in known and name not in _ALWAYS_THERE:
            _add(errors, "VariableNotLocal", node)


def _local_name(path: str) -> str:
    prefix, colon, rest = path.lower().partition(":")
    return rest if colon and prefix in ("local", "private", "variable") else path.lower()


# ---- paths through a method ---------------------------------------------------------------------------------


class _Flow:
    """Whether control can run off the end of statements. Conditions count as able to go either way."""

    def __init__(self) -> None:
        self.breaks: list[bool] = []  # of the loops around: whether one is left by `break`

    def block(self, block: StatementBlock) -> bool:
        through = [self.statement(statement) for statement in block.statements]
        return all(through)

    def statement(self, node: Statement) -> bool:
        if isinstance(node, (Return, Throw, Exit)):
            return False
        if isinstance(node, (Break, Continue)):
            if self.breaks:
                self.breaks[-1] = True
            return False
        if isinstance(node, If):
            bodies = [body for _, body in node.clauses] + ([node.otherwise] if node.otherwise else [])
            through = [self.block(body) for body in bodies]
            return node.otherwise is None or any(through)
        if isinstance(node, DoLoop):
            through_body, left = self._loop(node.body)
            return through_body or left
        if isinstance(node, For) and node.condition is None:
            return self._loop(node.body)[1]
        if isinstance(node, Try):
            through = [self.block(node.body)] + [self.block(clause.body) for clause in node.catches]
            finally_through = node.finally_block is None or self.block(node.finally_block)
            return any(through) and finally_through
        if isinstance(node, (BlockStatement, Data)):
            return self.block(node.body)
        return True

    def _loop(self, body: StatementBlock) -> tuple[bool, bool]:
        self.breaks.append(False)
        through = self.block(body)
        return through, self.breaks.pop()

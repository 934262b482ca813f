"""What the engine checks once a script has been read without errors: targets of assignments, duplicate keys and
parameters, casts that stand alone, splatting, flow out of finally, constants in attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.parsing.class_checks import check_method, check_type_names
from winbake.rehearsal.powershell.parsing.data_checks import check_data_section
from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.parsing.walk import children
from winbake.rehearsal.powershell.syntax import (
    ArrayExpression,
    ArrayLiteral,
    Assignment,
    Attribute,
    AttributedExpression,
    Binary,
    Break,
    Command,
    CommandExpression,
    Constant,
    Continue,
    Convert,
    Data,
    DoLoop,
    Expression,
    For,
    ForEach,
    FunctionDefinition,
    Hashtable,
    Index,
    Labeled,
    Member,
    MethodMember,
    Node,
    ParamBlock,
    Parameter,
    Paren,
    Pipeline,
    PropertyMember,
    Return,
    ScriptBlock,
    ScriptBlockExpression,
    Statement,
    StatementBlock,
    StringConstant,
    Trap,
    Try,
    TypeExpression,
    TypeName,
    Unary,
    UsingExpression,
    Variable,
    While,
)

_LOOPS = (While, DoLoop, For, ForEach)


def check(script: ScriptBlock, errors: ErrorList) -> None:
    check_type_names(script, errors)
    _Checker(errors).visit(script)


class _Checker:
    def __init__(self, errors: ErrorList) -> None:
        self.errors = errors
        self.above: list[Node] = []

    def visit(self, node: Node) -> None:
        check_node = _CHECKS.get(type(node))
        if check_node is not None:
            check_node(self, node)
        self.above.append(node)
        for child in children(node):
            self.visit(child)
        self.above.pop()

    def error(self, error_id: str, at: Node, *arguments: str) -> None:
        self.errors.add(error_id, at.source, at.start, at.end, *arguments)

    # ---- assignments ----------------------------------------------------------------------------------------

    def assignment(self, node: Assignment) -> None:
        self._target(node.left, node.operator == "=", "InvalidLeftHandSide")

    def _target(self, target: Expression, simple: bool, error_id: str, *arguments: str) -> None:
        if isinstance(target, ArrayLiteral) and simple:
            for element in target.elements:
                self._target(element, True, error_id, *arguments)
        elif isinstance(target, Paren):
            inner = pure_expression(target.pipeline)
            if inner is None:
                self.error(error_id, target.pipeline, *arguments)
            else:
                self._target(inner, simple, error_id, *arguments)
        elif isinstance(target, (Convert, AttributedExpression)):
            self._constrained_target(target)
            self._target(_innermost(target), simple, error_id, *arguments)
        elif not isinstance(target, (Variable, Member, Index)):
            self.error(error_id, target, *arguments)

    def _constrained_target(self, target: Convert | AttributedExpression) -> None:
        casts: list[Convert] = []
        inner: Expression = target
        while isinstance(inner, (Convert, AttributedExpression)):
            if isinstance(inner, Convert):
                casts.append(inner)
            inner = inner.child
        for cast in casts:
            if _is_type(cast, "void"):
                self.error("VoidTypeConstraintNotAllowed", cast.type_constraint)
            if _is_type(cast, "ref") and len(casts) > 1:
                self.error("ReferenceNeedsToBeByItselfInTypeConstraint", cast.type_constraint)

    def unary(self, node: Unary) -> None:
        if node.operator.endswith(("++", "--")):
            text = node.operator[-2:]
            self._target(node.child, False, "OperatorRequiresVariableOrProperty", text)

    # ---- literals -------------------------------------------------------------------------------------------

    def hashtable(self, node: Hashtable) -> None:
        seen: set[str] = set()
        for key, _ in node.pairs:
            if isinstance(key, StringConstant):
                text = key.value
            elif isinstance(key, Constant):
                text = str(key.value)
            else:
                continue
            if text.lower() in seen:
                self.error("DuplicateKeyInHashLiteral", key, text)
            seen.add(text.lower())

    def convert(self, node: Convert) -> None:
        if _is_type(node, "ordered") and not isinstance(node.child, Hashtable):
            self.error("OrderedAttributeOnlyOnHashLiteralNode", node, node.type_constraint.type_name.name)
        if not _is_type(node, "ref"):
            return
        inner = node.child
        twice = False
        while isinstance(inner, (Convert, AttributedExpression)):
            if isinstance(inner, Convert) and _is_type(inner, "ref"):
                twice = True
                self.error("ReferenceNeedsToBeByItselfInTypeSequence", inner.type_constraint)
            inner = inner.child
        outer = self.above[-1] if self.above else None
        is_target = any(isinstance(above, Assignment) and above.left.end >= node.end for above in self.above)
        if not twice and isinstance(outer, Convert) and not _is_type(outer, "ref") and not is_target:
            self.error("ReferenceNeedsToBeLastTypeInTypeConversion", node.type_constraint)

    def variable(self, node: Variable) -> None:
        if not node.splatted or not self.above:
            return
        parent = self.above[-1]
        if isinstance(parent, (Command, UsingExpression)):
            return
        in_arguments = isinstance(parent, ArrayLiteral) and isinstance(self.above[-2], Command)
        self.error("SplattingNotPermittedInArgumentList" if in_arguments else "SplattingNotPermitted", node, node.path)

    def using_expression(self, node: UsingExpression) -> None:
        inner = node.child
        while not isinstance(inner, Variable):
            plain_member = isinstance(inner, Member) and isinstance(inner.member, StringConstant)
            if plain_member or (isinstance(inner, Index) and _is_constant(inner.index)):
                assert isinstance(inner, (Member, Index))
                inner = inner.target
            else:
                self.error("InvalidUsingExpression", inner)
                return

    # ---- parameters and attributes --------------------------------------------------------------------------

    def param_block(self, node: ParamBlock) -> None:
        self._parameters(node.parameters)

    def _parameters(self, parameters: list[Parameter]) -> None:
        seen: set[str] = set()
        for parameter in parameters:
            if parameter.name.lower() in seen:
                self.error("DuplicateFormalParameter", parameter, parameter.name)
            seen.add(parameter.name.lower())
            for attribute in parameter.attributes:
                name = attribute.type_name
                if isinstance(attribute, Attribute) or name.ranks or name.arguments:
                    continue
                if name.name.lower() in ("void", "system.void"):
                    self.error("VoidTypeConstraintNotAllowed", attribute)
                elif name.name.lower() == "ordered":
                    self.error("OrderedAttributeOnlyOnHashLiteralNode", attribute, name.name)

    def attribute(self, node: Attribute) -> None:
        on_class = any(isinstance(above, (MethodMember, PropertyMember)) for above in self.above[-2:])
        error_id = "ParameterAttributeArgumentNeedsToBeConstant"
        if not on_class:
            error_id += "OrScriptBlock"
        seen: set[str] = set()
        for name, value in node.named:
            if name.lower() in seen:
                self.error("DuplicateNamedArgument", value or node, name)
            elif value is not None and not _is_constant(value, script_blocks=not on_class):
                self.error(error_id, value)
            seen.add(name.lower())
        for value in node.positional:
            if not _is_constant(value, script_blocks=not on_class):
                self.error(error_id, value)

    def function(self, node: FunctionDefinition) -> None:
        if node.parameters is None:
            return
        if node.body.param_block is not None:
            self.error("OnlyOneParameterListAllowed", node.body.param_block)
        else:
            self._parameters(node.parameters)

    def method(self, node: MethodMember) -> None:
        self._parameters(node.parameters)
        check_method(node, self.errors)

    # ---- flow -----------------------------------------------------------------------------------------------

    def try_statement(self, node: Try) -> None:
        for index, clause in enumerate(node.catches[:-1]):
            if not clause.types:
                after = node.catches[index + 1]
                self.errors.add("EmptyCatchNotLast", after.source, after.start, after.start)
                return
        seen: set[str] = set()
        for clause in node.catches:
            for constraint in clause.types:
                name = constraint.type_name.text.lower()
                if name in seen:
                    self.error("ExceptionTypeAlreadyCaught", constraint, constraint.type_name.text)
            seen |= {constraint.type_name.text.lower() for constraint in clause.types}

    def jump(self, node: Break | Continue) -> None:
        label: str | None = ""
        if node.label is not None:
            label = node.label.value if isinstance(node.label, StringConstant) else None
        self._out_of_finally(node, label)
        if label:
            self._label_exists(node, label)

    def return_statement(self, node: Return) -> None:
        self._out_of_finally(node, None)

    def _out_of_finally(self, node: Statement, label: str | None) -> None:
        inner: Node = node
        for above in reversed(self.above):
            if isinstance(above, (ScriptBlock, Trap)):
                return
            if label is not None and isinstance(above, Labeled) and (not label or _same(above.label, label)):
                return
            if isinstance(above, Try) and inner is above.finally_block:
                self.error("ControlLeavingFinally", node)
                return
            inner = above

    def _label_exists(self, node: Statement, label: str) -> None:
        """Inside a class method a label must be there; elsewhere it is looked for when the script runs."""
        for above in reversed(self.above):
            if isinstance(above, Labeled) and _same(above.label, label):
                return
            if isinstance(above, (FunctionDefinition, ScriptBlockExpression)):
                return
            if isinstance(above, MethodMember):
                self.error("LabelNotFound", node, label)
                return

    def data(self, node: Data) -> None:
        check_data_section(node, self.errors)


def pure_expression(statement: Statement) -> Expression | None:
    """The expression of a pipeline that is nothing but one expression."""
    if isinstance(statement, Pipeline) and len(statement.elements) == 1:
        element = statement.elements[0]
        if isinstance(element, CommandExpression) and not element.redirections:
            return element.expression
    return None


def _innermost(expression: Expression) -> Expression:
    while isinstance(expression, (Convert, AttributedExpression)):
        expression = expression.child
    return expression


def _is_type(node: Convert, name: str) -> bool:
    type_name: TypeName = node.type_constraint.type_name
    if type_name.ranks or type_name.arguments:
        return False
    aliases = {"ref": ("ref", "psreference"), "void": ("void", "system.void"), "ordered": ("ordered",)}
    return type_name.name.lower() in aliases[name]


def _same(label: str | None, other: str) -> bool:
    return (label or "").lower() == other.lower()


def _is_constant(node: Any, script_blocks: bool = False) -> bool:
    if isinstance(node, (Constant, StringConstant, TypeExpression)):
        return True
    if isinstance(node, Variable):
        return node.path.lower() in ("true", "false", "null")
    if isinstance(node, ScriptBlockExpression):
        return script_blocks
    if isinstance(node, Paren):
        return _is_constant(pure_expression(node.pipeline), script_blocks)
    if isinstance(node, ArrayExpression):
        return _is_constant_block(node.body, script_blocks)
    if isinstance(node, ArrayLiteral):
        return all(_is_constant(element, script_blocks) for element in node.elements)
    if isinstance(node, Unary):
        return not node.operator.endswith(("++", "--")) and _is_constant(node.child, script_blocks)
    if isinstance(node, Binary):
        return _is_constant(node.left, script_blocks) and _is_constant(node.right, script_blocks)
    if isinstance(node, Convert):
        return _is_constant(node.child, script_blocks)
    if isinstance(node, Member):
        return type(node) is Member and node.static and isinstance(node.target, TypeExpression)
    return False


def _is_constant_block(body: StatementBlock, script_blocks: bool) -> bool:
    return all(_is_constant(pure_expression(statement), script_blocks) for statement in body.statements)


_CHECKS: dict[type, Callable[[_Checker, Any], None]] = {
    Assignment: _Checker.assignment,
    Unary: _Checker.unary,
    Hashtable: _Checker.hashtable,
    Convert: _Checker.convert,
    Variable: _Checker.variable,
    UsingExpression: _Checker.using_expression,
    ParamBlock: _Checker.param_block,
    Attribute: _Checker.attribute,
    FunctionDefinition: _Checker.function,
    MethodMember: _Checker.method,
    Try: _Checker.try_statement,
    Break: _Checker.jump,
    Continue: _Checker.jump,
    Return: _Checker.return_statement,
    Data: _Checker.data,
}

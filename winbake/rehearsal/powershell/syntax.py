"""The syntax tree of Windows PowerShell 5.1: what the parser makes and the compiler reads.

Node names follow System.Management.Automation.Language (minus the `Ast` ending). Every node knows the
stretch of source text it came from, because error records and `$MyInvocation` quote it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


class Source:
    """One script text: line and column of an offset, and the file it came from (None for text)."""

    def __init__(self, text: str, file: str | None = None) -> None:
        self.text = text
        self.file = file

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(i + 1 for i, c in enumerate(self.text) if c == "\n")
        return starts

    def line(self, offset: int) -> int:
        """The line of `offset`, counted from 1."""
        return bisect_right(self._line_starts, offset)

    def column(self, offset: int) -> int:
        """The column of `offset`, counted from 1."""
        return offset - self._line_starts[self.line(offset) - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line (counted from 1) without its line end."""
        start = self._line_starts[line - 1]
        end = self.text.find("\n", start)
        return (self.text[start:] if end < 0 else self.text[start:end]).rstrip("\r")


@dataclass(slots=True, eq=False)
class Node:
    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.line(self.start)

    @property
    def column(self) -> int:
        return self.source.column(self.start)


# ---- types, attributes, parameters ----------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class TypeName(Node):
    """`int`, `System.Collections.Generic.List[string]`, `byte[]`: name, generic arguments, array ranks.

    `string[][,]` is name "string" with ranks [1, 2].
    """

    name: str
    arguments: list[TypeName] = field(default_factory=list)
    ranks: list[int] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class TypeConstraint(Node):
    type_name: TypeName


@dataclass(slots=True, eq=False)
class Attribute(Node):
    """`[Parameter(Mandatory, Position = 0)]`; a named argument without a value has None."""

    type_name: TypeName
    positional: list[Expression] = field(default_factory=list)
    named: list[tuple[str, Expression | None]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Parameter(Node):
    name: str
    attributes: list[Attribute | TypeConstraint] = field(default_factory=list)
    default: Expression | None = None


@dataclass(slots=True, eq=False)
class ParamBlock(Node):
    attributes: list[Attribute]
    parameters: list[Parameter]


@dataclass(slots=True, eq=False)
class StatementBlock(Node):
    """`{ … }` of statements, or the body of a named block; traps are lifted out of the statements."""

    statements: list[Statement]
    traps: list[Trap] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ScriptBlock(Node):
    """A whole script, the body of a function, or what stands between the braces of `{ … }`.

    If the source has no named blocks, everything is in `end_block` (`process_block` for a filter).
    """

    param_block: ParamBlock | None = None
    usings: list[Using] = field(default_factory=list)
    dynamic_param: StatementBlock | None = None
    begin_block: StatementBlock | None = None
    process_block: StatementBlock | None = None
    end_block: StatementBlock | None = None
    requires: list[str] = field(default_factory=list)
    help_text: str | None = None


# ---- statements -----------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Statement(Node):
    pass


@dataclass(slots=True, eq=False)
class Pipeline(Statement):
    elements: list[Command | CommandExpression]


@dataclass(slots=True, eq=False)
class Assignment(Statement):
    """`left op right`; op is one of = += -= *= /= %=. `right` is a statement (pipeline, if, foreach …)."""

    left: Expression
    operator: str
    right: Statement


@dataclass(slots=True, eq=False)
class If(Statement):
    clauses: list[tuple[Statement, StatementBlock]]
    otherwise: StatementBlock | None = None


@dataclass(slots=True, eq=False)
class Labeled(Statement):
    label: str | None


@dataclass(slots=True, eq=False)
class While(Labeled):
    condition: Statement
    body: StatementBlock


@dataclass(slots=True, eq=False)
class DoLoop(Labeled):
    """`do { } while (…)` or, with `until`, `do { } until (…)`."""

    body: StatementBlock
    condition: Statement
    until: bool


@dataclass(slots=True, eq=False)
class For(Labeled):
    initializer: Statement | None
    condition: Statement | None
    iterator: Statement | None
    body: StatementBlock


@dataclass(slots=True, eq=False)
class ForEach(Labeled):
    variable: Variable
    expression: Statement
    body: StatementBlock


@dataclass(slots=True, eq=False)
class Switch(Labeled):
    """flags: any of "regex", "wildcard", "exact", "casesensitive", "file", "parallel" (lower case)."""

    flags: set[str]
    condition: Statement
    clauses: list[tuple[Expression, StatementBlock]]
    default: StatementBlock | None


@dataclass(slots=True, eq=False)
class Catch(Node):
    types: list[TypeConstraint]
    body: StatementBlock


@dataclass(slots=True, eq=False)
class Try(Statement):
    body: StatementBlock
    catches: list[Catch]
    finally_block: StatementBlock | None


@dataclass(slots=True, eq=False)
class Trap(Statement):
    type_constraint: TypeConstraint | None
    body: StatementBlock


@dataclass(slots=True, eq=False)
class Break(Statement):
    label: Expression | None


@dataclass(slots=True, eq=False)
class Continue(Statement):
    label: Expression | None


@dataclass(slots=True, eq=False)
class Return(Statement):
    pipeline: Statement | None


@dataclass(slots=True, eq=False)
class Throw(Statement):
    pipeline: Statement | None


@dataclass(slots=True, eq=False)
class Exit(Statement):
    pipeline: Statement | None


@dataclass(slots=True, eq=False)
class FunctionDefinition(Statement):
    """`parameters` is the list in `function f(…)`; a `param(…)` inside is in `body.param_block`."""

    name: str
    is_filter: bool
    parameters: list[Parameter] | None
    body: ScriptBlock
    is_workflow: bool = False


@dataclass(slots=True, eq=False)
class PropertyMember(Node):
    name: str
    type_constraint: TypeConstraint | None
    attributes: list[Attribute]
    static: bool
    hidden: bool
    initial: Expression | None


@dataclass(slots=True, eq=False)
class MethodMember(Node):
    """A method or constructor of a class; `base_arguments` are those of `: base(…)`."""

    name: str
    return_type: TypeConstraint | None
    attributes: list[Attribute]
    static: bool
    hidden: bool
    parameters: list[Parameter]
    body: ScriptBlock
    is_constructor: bool = False
    base_arguments: list[Expression] | None = None


@dataclass(slots=True, eq=False)
class TypeDefinition(Statement):
    """`class` or `enum`; for an enum the members are PropertyMembers with `initial` values."""

    name: str
    kind: str  # "class" | "enum" | "interface"
    bases: list[TypeConstraint]
    attributes: list[Attribute]
    members: list[PropertyMember | MethodMember]


@dataclass(slots=True, eq=False)
class Using(Statement):
    kind: str  # "namespace" | "module" | "assembly"
    name: str


@dataclass(slots=True, eq=False)
class Data(Statement):
    variable: str | None
    commands: list[Expression]
    body: StatementBlock


@dataclass(slots=True, eq=False)
class BlockStatement(Statement):
    """`sequence`/`parallel` blocks of workflows; parsed, never run."""

    kind: str
    body: StatementBlock


# ---- commands -------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Redirection(Node):
    """`from_stream`: 1..6, or 0 for `*`. Either `to_stream` (merging, always 1) or `target` is set."""

    from_stream: int
    to_stream: int | None = None
    target: Expression | None = None
    append: bool = False


@dataclass(slots=True, eq=False)
class CommandParameter(Node):
    """`-Name`, or `-Name:argument`. `name` has no dash."""

    name: str
    argument: Expression | None = None


@dataclass(slots=True, eq=False)
class Command(Node):
    """`elements[0]` names the command; the rest are expressions and CommandParameters.

    A bare word argument is a StringConstant of kind "bare" (its `number` holds the value that it would
    have as a number literal), or an ExpandableString of kind "bare" if it holds a variable.
    """

    elements: list[Expression | CommandParameter]
    invocation: str | None = None  # "&", "." or None
    redirections: list[Redirection] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class CommandExpression(Node):
    expression: Expression
    redirections: list[Redirection] = field(default_factory=list)


# ---- expressions ----------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Expression(Node):
    pass


@dataclass(slots=True, eq=False)
class Constant(Expression):
    """A number literal; `value` is a value of `values.py` (int, Int64, Double, Decimal …)."""

    value: Any


@dataclass(slots=True, eq=False)
class StringConstant(Expression):
    """kind: "bare", "single", "double", "here-single", "here-double"."""

    value: str
    kind: str
    number: Any = None


@dataclass(slots=True, eq=False)
class ExpandableString(Expression):
    """`parts` are plain str and expressions (Variable, SubExpression), in order. kind as in StringConstant."""

    parts: list[str | Expression]
    kind: str


@dataclass(slots=True, eq=False)
class Variable(Expression):
    """`$name`, `$scope:name`, `${any text}`, `@name` when splatted. `path` is without `$`, braces, backticks."""

    path: str
    splatted: bool = False
    braced: bool = False


@dataclass(slots=True, eq=False)
class Unary(Expression):
    """operator, lower case: "-", "+", "!", "-not", "-bnot", ",", "-split", "-isplit", "-csplit", "-join",
    "++", "--" (before), "post++", "post--" (after)."""

    operator: str
    child: Expression


@dataclass(slots=True, eq=False)
class Binary(Expression):
    """operator, lower case, as written: "+", "-eq", "-ceq", "-and", "..", "-f", "-is", "-as", "-replace" …"""

    left: Expression
    operator: str
    right: Expression
    operator_start: int = 0
    operator_end: int = 0


@dataclass(slots=True, eq=False)
class Convert(Expression):
    """`[type]expr`."""

    type_constraint: TypeConstraint
    child: Expression


@dataclass(slots=True, eq=False)
class AttributedExpression(Expression):
    """`[ValidateSet('a')] $x`."""

    attribute: Attribute
    child: Expression


@dataclass(slots=True, eq=False)
class TypeExpression(Expression):
    type_name: TypeName


@dataclass(slots=True, eq=False)
class Member(Expression):
    """`target.member` or `target::member`; the member is a StringConstant or any expression."""

    target: Expression
    member: Expression
    static: bool


@dataclass(slots=True, eq=False)
class InvokeMember(Expression):
    target: Expression
    member: Expression
    arguments: list[Expression]
    static: bool


@dataclass(slots=True, eq=False)
class Index(Expression):
    target: Expression
    index: Expression


@dataclass(slots=True, eq=False)
class ArrayLiteral(Expression):
    """`a, b, c`."""

    elements: list[Expression]


@dataclass(slots=True, eq=False)
class ArrayExpression(Expression):
    """`@( … )`."""

    body: StatementBlock


@dataclass(slots=True, eq=False)
class SubExpression(Expression):
    """`$( … )`."""

    body: StatementBlock


@dataclass(slots=True, eq=False)
class Paren(Expression):
    """`( pipeline )`; the pipeline may also be an assignment."""

    pipeline: Statement


@dataclass(slots=True, eq=False)
class Hashtable(Expression):
    pairs: list[tuple[Expression, Statement]]


@dataclass(slots=True, eq=False)
class ScriptBlockExpression(Expression):
    script_block: ScriptBlock


@dataclass(slots=True, eq=False)
class UsingExpression(Expression):
    """`$using:name`."""

    child: Expression


@dataclass(frozen=True, slots=True)
class ParseError:
    """One error of the parser: FullyQualifiedErrorId, message, and the stretch it points at."""

    id: str
    message: str
    source: Source
    start: int
    end: int

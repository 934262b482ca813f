"""Statements: blocks, if, loops, switch, try, trap, data, flow control."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.commands import CommandRules
from winbake.rehearsal.powershell.parsing.expressions import is_broken
from winbake.rehearsal.powershell.parsing.tokens import COMMAND, Token
from winbake.rehearsal.powershell.syntax import (
    BlockStatement,
    Break,
    Catch,
    CommandExpression,
    Continue,
    Data,
    DoLoop,
    Exit,
    Expression,
    For,
    ForEach,
    If,
    Pipeline,
    Return,
    Statement,
    StatementBlock,
    StringConstant,
    Switch,
    Throw,
    Trap,
    Try,
    TypeConstraint,
    Variable,
    While,
)

_SWITCH_FLAGS = ("regex", "wildcard", "exact", "casesensitive", "parallel", "file")


class StatementRules(CommandRules):
    # ---- blocks ---------------------------------------------------------------------------------------------

    def statement_block(self) -> StatementBlock | None:
        self.skip_newlines()
        opening = self.next()
        if opening.kind != "{":
            self.unget(opening)
            return None
        old = self.set_mode(COMMAND)
        try:
            block = self.statement_list(opening.end)
            closing = self.next()
            if closing.kind != "}":
                self.unget(closing)
                self.error("MissingEndCurlyBrace", opening)
            else:
                block.end = closing.end
        finally:
            self.set_mode(old)
        block.start = opening.start
        return block

    def statement_list(self, start: int) -> StatementBlock:
        block = StatementBlock(self.source, start, start, [], [])
        self.skip_newlines_and_semicolons()
        while (statement := self.statement()) is not None:
            if isinstance(statement, Trap):
                block.traps.append(statement)
            else:
                block.statements.append(statement)
            if len(block.statements) + len(block.traps) == 1:
                block.start = statement.start
            block.end = statement.end
            self.skip_newlines_and_semicolons()
            if self.peek().kind in (")", "}"):
                break
        return block

    # ---- if -------------------------------------------------------------------------------------------------

    def if_statement(self, keyword: Token) -> Statement:
        first = keyword
        clauses: list[tuple[Statement, StatementBlock]] = []
        otherwise: StatementBlock | None = None
        end = keyword.end
        while True:
            self.skip_newlines()
            opening = self.next()
            if opening.kind != "(":
                self.unget(opening)
                self.error_after("MissingOpenParenthesisInIfStatement", keyword, keyword.text)
                return self.broken_statement(first.start, keyword.end)
            self.skip_newlines()
            condition = self.pipeline()
            if condition is None:
                self.error_after("IfStatementMissingCondition", opening, keyword.text)
                condition = self.broken_statement(opening.end, opening.end)
            self.skip_newlines()
            closing = self.next()
            if closing.kind != ")":
                self.unget(closing)
                if not is_broken(condition):
                    self.error("MissingEndParenthesisAfterStatement", closing, keyword.text)
                return self.broken_statement(first.start, closing.start)
            body = self.statement_block()
            if body is None:
                self.error("MissingStatementBlock", closing, keyword.text)
                return self.broken_statement(first.start, closing.end)
            clauses.append((condition, body))
            end = body.end
            self.skip_newlines()
            keyword = self.peek()
            if keyword.kind == "elseif":
                self.skip()
                continue
            if keyword.kind == "else":
                self.skip()
                otherwise = self.statement_block()
                if otherwise is None:
                    self.error_after("MissingStatementBlockAfterElse", keyword)
                    return self.broken_statement(first.start, keyword.end)
                end = otherwise.end
            return If(self.source, first.start, end, clauses, otherwise)

    # ---- loops ----------------------------------------------------------------------------------------------

    def while_statement(self, label: Token | None, keyword: Token) -> Statement:
        start = (label or keyword).start
        self.skip_newlines()
        opening = self.next()
        if opening.kind != "(":
            self.unget(opening)
            self.error_after("MissingOpenParenthesisAfterKeyword", keyword, keyword.text)
            return self.broken_statement(start, keyword.end)
        self.skip_newlines()
        condition = self.pipeline()
        if condition is None:
            self.error_after("MissingExpressionAfterKeyword", opening, "while")
            condition = self.broken_statement(opening.end, opening.end)
        self.skip_newlines()
        closing = self.next()
        if closing.kind != ")":
            self.unget(closing)
            if not is_broken(condition):
                self.error_after("MissingEndParenthesisAfterStatement", condition, "while")
            return self.broken_statement(start, condition.end)
        body = self.statement_block()
        if body is None:
            self.error_after("MissingLoopStatement", closing, "while")
            return self.broken_statement(start, closing.end)
        return While(self.source, start, body.end, _name(label), condition, body)

    def do_statement(self, label: Token | None, keyword: Token) -> Statement:
        start = (label or keyword).start
        body = self.statement_block()
        if body is None:
            self.error_after("MissingLoopStatement", keyword, "do")
            return self.broken_statement(start, keyword.end)
        self.skip_newlines()
        second = self.next()
        if second.kind not in ("while", "until"):
            self.unget(second)
            self.error_after("MissingWhileOrUntilInDoWhile", body)
            return self.broken_statement(start, body.end)
        self.skip_newlines()
        opening = self.next()
        if opening.kind != "(":
            self.unget(opening)
            self.error_after("MissingOpenParenthesisAfterKeyword", second, second.kind)
            return self.broken_statement(start, second.end)
        self.skip_newlines()
        condition = self.pipeline()
        if condition is None:
            self.error_after("MissingExpressionAfterKeyword", opening, second.kind)
        self.skip_newlines()
        closing = self.next()
        if closing.kind != ")":
            self.unget(closing)
            if condition is not None:
                self.error_after("MissingEndParenthesisAfterStatement", condition, second.kind)
        if condition is None or closing.kind != ")":
            return self.broken_statement(start, opening.end)
        return DoLoop(self.source, start, closing.end, _name(label), body, condition, second.kind == "until")

    def for_statement(self, label: Token | None, keyword: Token) -> Statement:
        start = (label or keyword).start
        self.skip_newlines()
        opening = self.next()
        if opening.kind != "(":
            self.unget(opening)
            self.error_after("MissingOpenParenthesisAfterKeyword", keyword, "for")
            return self.broken_statement(start, keyword.end)
        end = opening.end
        parts: list[Statement | None] = []
        for index in range(3):
            self.skip_newlines()
            part = self.pipeline()
            parts.append(part)
            if part is not None:
                end = part.end
            if index < 2 and self.peek().kind == ";":
                end = self.next().end
        self.skip_newlines()
        closing = self.next()
        if closing.kind != ")":
            self.unget(closing)
            self.error_after("MissingEndParenthesisAfterStatement", end, "for")
            return self.broken_statement(start, end)
        body = self.statement_block()
        if body is None:
            self.error_after("MissingLoopStatement", closing, "for")
            return self.broken_statement(start, closing.end)
        return For(self.source, start, body.end, _name(label), parts[0], parts[1], parts[2], body)

    def foreach_statement(self, label: Token | None, keyword: Token) -> Statement:
        start = (label or keyword).start
        self._foreach_flags()
        opening = self.next()
        if opening.kind != "(":
            self.unget(opening)
            self.error_after("MissingOpenParenthesisAfterKeyword", keyword, "foreach")
            return self.broken_statement(start, keyword.end)
        self.skip_newlines()
        token = self.next()
        if token.kind not in ("variable", "splat"):
            self.unget(token)
            self.error_after("MissingVariableNameAfterForeach", opening)
            return self.broken_statement(start, opening.end)
        variable = Variable(self.source, token.start, token.end, token.value, False, token.flag == "braced")
        self.skip_newlines()
        in_token = self.next()
        if in_token.kind != "in":
            self.unget(in_token)
            self.error_after("MissingInInForeach", variable)
            return self.broken_statement(start, variable.end)
        self.skip_newlines()
        items = self.pipeline()
        if items is None:
            self.error_after("MissingForeachExpression", in_token)
            return self.broken_statement(start, in_token.end)
        self.skip_newlines()
        closing = self.next()
        if closing.kind != ")":
            self.unget(closing)
            self.error_after("MissingEndParenthesisAfterForeach", items)
            return self.broken_statement(start, items.end)
        body = self.statement_block()
        if body is None:
            self.error_after("MissingForeachStatement", closing)
            return self.broken_statement(start, closing.end)
        return ForEach(self.source, start, body.end, _name(label), variable, items, body)

    def _foreach_flags(self) -> None:
        """`-parallel` and `-throttlelimit` belong to workflows; outside one they are errors."""
        self.skip_newlines()
        while (token := self.peek()).kind == "parameter":
            self.skip()
            if _is_flag(token, "parallel"):
                self.error("ParallelNotSupported", token)
            elif _is_flag(token, "throttlelimit"):
                self.skip_newlines()
                if self.single_argument("argument") is None:
                    self.error_after("MissingThrottleLimit", token)
            else:
                self.error("InvalidForeachFlag", token, token.value)
            self.skip_newlines()

    # ---- switch ---------------------------------------------------------------------------------------------

    def switch_statement(self, label: Token | None, keyword: Token) -> Statement:
        start = (label or keyword).start
        flags: set[str] = set()
        condition, end, good = self._switch_flags(keyword, flags)
        opening = self.peek()
        if opening.kind == "(":
            self.skip()
            if "file" in flags:
                good = False
                self.error("PipelineValueRequired", opening)
            self.skip_newlines()
            condition = self.pipeline()
            end = opening.end if condition is None else condition.end
            if condition is None:
                self.error_after("PipelineValueRequired", opening)
            self.skip_newlines()
            closing = self.next()
            if closing.kind != ")":
                self.unget(closing)
                self.error_after("MissingEndParenthesisInSwitchStatement", end)
                good = False
            else:
                end = closing.end
        elif condition is None and "file" not in flags:
            self.error_after("PipelineValueRequired", end)
        if condition is None:
            good = False
            condition = self.broken_statement(end, end)
        switch = Switch(self.source, start, end, _name(label), flags, condition, [], None)
        self.skip_newlines()
        curly = self.next()
        if curly.kind != "{":
            self.unget(curly)
            if good:
                self.error_after("MissingCurlyBraceInSwitchStatement", end)
            return self.broken_statement(start, end)
        self._switch_clauses(switch, curly)
        return switch

    def _switch_flags(self, keyword: Token, flags: set[str]) -> tuple[Statement | None, int, bool]:
        condition: Statement | None = None
        end, good = keyword.end, True
        self.skip_newlines()
        while (token := self.peek()).kind == "parameter":
            self.skip()
            end = token.end
            flag = next((name for name in _SWITCH_FLAGS if _is_flag(token, name)), None)
            if flag is None:
                good = False
                self.error("InvalidSwitchFlag", token, token.value)
            elif flag == "file":
                flags.add(flag)
                self.skip_newlines()
                name = self.single_argument("file")
                if name is None:
                    good = False
                    self.error_after("MissingFilenameOption", token)
                else:
                    end = name.end
                    element = CommandExpression(self.source, name.start, name.end, name)
                    condition = Pipeline(self.source, name.start, name.end, [element])
            else:
                if flag in ("regex", "wildcard", "exact"):
                    flags -= {"regex", "wildcard", "exact"}
                if flag == "parallel":
                    self.error("ParallelNotSupported", token)
                flags.add(flag)
        return condition, end, good

    def _switch_clauses(self, switch: Switch, curly: Token) -> None:
        end = curly.end
        self.skip_newlines()
        while True:
            condition = self.single_argument("switch")
            if condition is None:
                self.error_after("MissingSwitchConditionExpression", end)
                if self.peek().kind == "}":
                    self.skip()
                return
            if isinstance(condition, StringConstant) and condition.number is not None:
                condition = self._number_again(condition)
            end = condition.end
            body = self.statement_block()
            if body is None:
                self.error_after("MissingSwitchStatementClause", end)
            else:
                end = body.end
                self._switch_clause(switch, condition, body)
            self.skip_newlines_and_semicolons()
            token = self.peek()
            if token.kind == "}":
                switch.end = token.end
                self.skip()
                return
            if token.kind == "eof":
                self.error("MissingEndCurlyBrace", curly)
                return

    def _switch_clause(self, switch: Switch, condition: Expression, body: StatementBlock) -> None:
        is_default = (
            isinstance(condition, StringConstant) and condition.kind == "bare" and condition.value.lower() == "default"
        )
        if not is_default:
            switch.clauses.append((condition, body))
            return
        if switch.default is not None:
            self.error("MultipleSwitchDefaultClauses", condition)
        switch.default = body

    # ---- try, trap, data ------------------------------------------------------------------------------------

    def try_statement(self, keyword: Token) -> Statement:
        body = self.statement_block()
        if body is None:
            self.error_after("MissingTryStatementBlock", keyword)
            return self.broken_statement(keyword.start, keyword.end)
        catches: list[Catch] = []
        errors_before = len(self.errors)
        end = body.end
        while (clause := self._catch()) is not None:
            catches.append(clause)
            end = clause.end
        broken = len(self.errors) > errors_before and not catches
        self.skip_newlines()
        token = self.peek()
        finally_block: StatementBlock | None = None
        if token.kind == "finally":
            self.skip()
            finally_block = self.statement_block()
            if finally_block is None:
                broken = True
                self.error_after("MissingFinallyStatementBlock", token)
            else:
                end = finally_block.end
        if not catches and finally_block is None and not broken:
            self.error_after("MissingCatchOrFinally", body)
        return Try(self.source, keyword.start, end, body, catches, finally_block)

    def _catch(self) -> Catch | None:
        self.skip_newlines()
        keyword = self.next()
        if keyword.kind != "catch":
            self.unget(keyword)
            return None
        types: list[TypeConstraint] = []
        end = keyword.end
        while True:
            position = self.here()
            self.skip_newlines()
            attribute = self.attribute()
            if attribute is None:
                if types:
                    self.error_after("MissingTypeLiteralToken", end)
                break
            if not isinstance(attribute, TypeConstraint):
                self.go_to(position)
                break
            types.append(attribute)
            end = attribute.end
            self.skip_newlines()
            comma = self.peek()
            if comma.kind != ",":
                break
            end = comma.end
            self.skip()
        body = self.statement_block()
        if body is None:
            self.error_after("MissingCatchHandlerBlock", end)
            return None
        return Catch(self.source, keyword.start, body.end, types, body)

    def trap_statement(self, keyword: Token) -> Statement:
        position = self.here()
        self.skip_newlines()
        attribute = self.attribute()
        constraint = attribute if isinstance(attribute, TypeConstraint) else None
        if attribute is not None and constraint is None:
            self.go_to(position)
        body = self.statement_block()
        if body is None:
            self.error_after("MissingTrapStatement", constraint or keyword)
            return self.broken_statement(keyword.start, keyword.end)
        return Trap(self.source, keyword.start, body.end, constraint, body)

    def data_statement(self, keyword: Token) -> Statement:
        self.skip_newlines()
        name = self.simple_name()
        self.skip_newlines()
        commands: list[Expression] = []
        end = name.end if name else keyword.end
        token = self.peek()
        if token.kind == "parameter":
            self.skip()
            if not _is_flag(token, "supportedcommand"):
                self.error("InvalidParameterForDataSectionStatement", token, token.value)
            end = token.end
            while True:
                self.skip_newlines()
                command = self.single_argument("name")
                if command is None:
                    self.error_after("MissingValueForSupportedCommandInDataSectionStatement", end)
                    return self.broken_statement(keyword.start, end)
                commands.append(command)
                end = command.end
                comma = self.peek()
                if comma.kind != ",":
                    break
                end = comma.end
                self.skip()
        body = self.statement_block()
        if body is None:
            self.error_after("MissingStatementBlockForDataSection", end)
            return self.broken_statement(keyword.start, end)
        return Data(self.source, keyword.start, body.end, name.text if name else None, commands, body)

    def block_statement(self, keyword: Token) -> Statement:
        body = self.statement_block()
        if body is None:
            self.error_after("MissingStatementAfterKeyword", keyword, keyword.text)
            return self.broken_statement(keyword.start, keyword.end)
        return BlockStatement(self.source, keyword.start, body.end, keyword.kind, body)

    def configuration_statement(self, keyword: Token) -> Statement | None:
        """`configuration Name { … }` of Desired State Configuration: told apart, never run. Without a name and a
        block the word is a command."""
        name = self.next()
        if name.kind in ("identifier", "generic", "string"):
            self.skip_newlines()
            if self.peek().kind == "{":
                body = self.statement_block()
                assert body is not None
                return BlockStatement(self.source, keyword.start, body.end, "configuration", body)
        self.go_to(keyword.start)
        return self.pipeline()

    # ---- flow -----------------------------------------------------------------------------------------------

    def flow_statement(self, keyword: Token) -> Statement:
        """break, continue, return, throw, exit."""
        if keyword.kind in ("break", "continue"):
            label = self.label_or_key()
            end = keyword.end if label is None else label.end
            if keyword.kind == "break":
                return Break(self.source, keyword.start, end, label)
            return Continue(self.source, keyword.start, end, label)
        value = self.pipeline()
        end = keyword.end if value is None else value.end
        if keyword.kind == "return":
            return Return(self.source, keyword.start, end, value)
        if keyword.kind == "throw":
            return Throw(self.source, keyword.start, end, value)
        return Exit(self.source, keyword.start, end, value)


def _name(label: Token | None) -> str | None:
    return None if label is None else str(label.value)


def _is_flag(token: Token, name: str) -> bool:
    """Whether a parameter token is `name` or an abbreviation of it."""
    given = str(token.value).lower()
    return bool(given) and name.startswith(given)

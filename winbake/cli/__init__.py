"""The command line: one module a verb, imported only when its verb is called. The only room that prints or asks."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from winbake import __version__

VERBS = {
    "plan": "what would change on the hosts; changes nothing (exit 0: nothing, 2: changes, 1: error)",
    "apply": "plan, ask, apply and prove; or apply a saved plan exactly",
    "lock": "fetch each source once and note what was really seen: sha256, size, version; --upgrade TOOL",
    "outdated": "which tools have a newer version, and what to do (exit 0: none, 2: some, 1: error)",
    "doctor": "which layer of the connection fails, and why: TCP, TLS, HTTP, login, shell, PowerShell",
    "master": "the EC2 instance that is baked: up, rdp, password, stop, start, down",
    "verify": "check a baked host by other means than the plan: programs, versions, services, ports, groups",
    "runs": "the run records in runs/, newest first",
    "report": "a run record as one HTML page or Markdown: what was checked, what failed, timeline, changes",
    "snapshot": "lock the master down, sysprep it and make an image of it; goes on where a killed run ended",
    "images": "the images of this project, newest first",
    "clones": "the stations of a classroom, clones of the image: up, list, start, stop, down, dns",
    "status": "what the project has in AWS, since when, what it costs, what is out of step (exit 0: nothing, 2: some)",
    "handouts": "what participants get: cards to print, .rdp files, tables",
    "teardown": "everything of the project in AWS, found by its tag: listed, asked for, deleted",
    "pacs": "the classroom's PACS: render, plan, deploy its configuration, check (do images reach every station)",
    "rehearse": "the whole story on this machine, with simulated Windows hosts",
}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        from winbake.cli.failures import needs_extra

        with needs_extra(cmd_name):
            command: click.Command = import_module(f"winbake.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from winbake.config.errors import nearest

            raise click.UsageError(f"no such verb: {args[0]}{nearest(args[0], VERBS)}", ctx) from error


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="winbake")
def _group() -> None:
    """Bake a Windows teaching image from one YAML manifest: plan it, apply it over WinRM, prove it."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and gives its exit code. No traceback reaches a user for an error that winbake knows."""
    try:
        result = _group.main(args=arguments, prog_name="bake.py", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 1
    except (KeyboardInterrupt, click.Abort):
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (| head): nobody is left to tell.
        sys.stderr.close()
        return 1
    except Exception as error:
        from winbake.cli.failures import show_failure

        return show_failure(error)
    return int(result or 0)

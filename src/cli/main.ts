import { Command } from "commander";
import { version } from "../version.ts";
import { commandEntries } from "./commands.ts";
import { visible } from "./visible.ts";

/** A failed command ends after this time, even if something that it opened is still open. Help opens nothing. */
const lingerMs = 1_000;

/** Runs a command line. Exit codes: 0 success, 1 failure, 2 usage error. */
export async function run(argv: string[]): Promise<void> {
  // A closed pipe (`| head`) ends the command without a stack trace.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });
  try {
    await strict(await commandLine(name => argv.includes(name))).parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error, argv.includes("--json"));
    if (process.exitCode !== 0) setTimeout(() => process.exit(), lingerMs).unref();
  }
}

/**
 * The command line, before it is run. Commands that are not `wanted` have a name and a description alone, for the
 * overview.
 */
export async function commandLine(wanted: (name: string) => boolean = () => true): Promise<Command> {
  const program = new Command("hakika")
    .description("Tells merchants, once and for certain, how each of their payments ended.")
    .version(version)
    .configureHelp({ subcommandTerm: command => command.name() })
    .addHelpText("after", afterHelp);
  for (const { name, description, load } of commandEntries) {
    program.addCommand(wanted(name) ? await load() : new Command(name).description(description));
  }
  return program;
}

const afterHelp = `
Every command takes --help and --json, reads the same environment variables as start, and works with or without a
running server.
Exit codes: 0 success, 1 failure, 2 usage error.

First steps:
  hakika start                        starts everything, on an embedded database
  hakika simulate daraja stk-success  follows one payment from the provider's callback to the merchant`;

/** Makes usage errors of all commands throw, so that `run` sets the exit code. */
function strict(command: Command): Command {
  command.exitOverride().showHelpAfterError("(--help lists the arguments and flags)");
  for (const each of command.commands) strict(each);
  return command;
}

/** The exit code of an error. Commander has printed its usage errors itself; any other error is printed here. */
function exitCodeOf(error: unknown, json: boolean): number {
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) {
    return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  }
  const message = error instanceof Error ? error.message : String(error);
  // An answer of a provider may be in it.
  process.stderr.write(visible(json ? `${JSON.stringify({ error: message })}\n` : `hakika: ${message}\n`));
  return 1;
}

import { Command } from "commander";
import { version } from "../version.ts";
import { doctorCommand } from "./doctor/command.ts";
import { keysCommand } from "./keys/command.ts";
import { migrateCommand } from "./migrate.ts";
import { callbacksCommand } from "./resources/callbacks.ts";
import { connectionsCommand } from "./resources/connections.ts";
import { deliveriesCommand } from "./resources/deliveries.ts";
import { endpointsCommand } from "./resources/endpoints.ts";
import { merchantsCommand } from "./resources/merchants.ts";
import { reconcileCommand } from "./resources/reconcile.ts";
import { replayCommand } from "./resources/replay.ts";
import { transactionsCommand } from "./resources/transactions.ts";
import { simulateCommand } from "./simulate/command.ts";
import { startCommand } from "./start.ts";

/** How long a failed command may hold on to what it did not get to close. */
const lingerMs = 1_000;

/** Exit codes: 0, 1 failure, 2 usage. */
export async function run(argv: string[]): Promise<void> {
  // A reader that has seen enough (`| head`) ends the command, without a stack trace.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });
  try {
    await strict(commandLine()).parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error, argv.includes("--json"));
    setTimeout(() => process.exit(), lingerMs).unref();
  }
}

/** The whole command line, not run yet. */
export function commandLine(): Command {
  const program = new Command("hakika")
    .description("Tells a merchant, once and for certain, what became of every payment.")
    .version(version)
    .addHelpText("after", afterHelp);
  for (const command of commands()) program.addCommand(command);
  return program;
}

const afterHelp = `
Every command takes --help and --json, and reads the variables that start reads; it works whether or not a server is running.
Exit codes: 0 done, 1 failed, 2 not understood.

First steps:
  hakika start                        starts everything on an embedded database
  hakika simulate daraja stk-success  follows one payment from the provider's callback to the merchant`;

function commands(): Command[] {
  return [
    startCommand(),
    migrateCommand(),
    reconcileCommand(),
    doctorCommand(),
    merchantsCommand(),
    connectionsCommand(),
    endpointsCommand(),
    transactionsCommand(),
    callbacksCommand(),
    deliveriesCommand(),
    replayCommand(),
    simulateCommand(),
    keysCommand(),
  ];
}

/** Mistakes of usage come back here, from commands of commands too. */
function strict(command: Command): Command {
  command.exitOverride().showHelpAfterError("(add --help for what it takes)");
  for (const each of command.commands) strict(each);
  return command;
}

/** Commander has printed its own message; ours is the last thing on standard error. */
function exitCodeOf(error: unknown, json: boolean): number {
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) {
    return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(json ? `${JSON.stringify({ error: message })}\n` : `hakika: ${message}\n`);
  return 1;
}

import { Command } from "commander";
import { version } from "../version.ts";
import { startCommand } from "./start.ts";
import { migrateCommand } from "./migrate.ts";

/** Exit codes: 0, 1 failure, 2 usage (contract, section 8). */
export async function run(argv: string[]): Promise<void> {
  const program = new Command("hakika")
    .description("Tells a merchant, once and for certain, what became of every payment.")
    .version(version)
    .showHelpAfterError("(add --help for what it takes)")
    .exitOverride();
  for (const command of [startCommand(), migrateCommand()]) program.addCommand(command.exitOverride());
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Commander has printed its own message; ours is the last line on standard error. */
function exitCodeOf(error: unknown): number {
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) {
    return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  }
  process.stderr.write(`hakika: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
}

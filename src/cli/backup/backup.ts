import { resolve } from "node:path";
import { Command } from "commander";
import { writeBackup } from "../../database/backup/write.ts";
import { version } from "../../version.ts";
import { configuration } from "../configuration.ts";
import { openCliDatabase } from "../database.ts";
import { checkSpool } from "../doctor/checks.ts";
import { printJson, printLine } from "../print.ts";
import { withResource } from "../with-resource.ts";

/** `hakika backup <file>`: everything of the database as it is at one moment; `admin.key` and `secret.key` stay out. */
export function backupCommand(): Command {
  return new Command("backup")
    .description("writes the whole database into a file, without the keys, beside a running server or without one")
    .argument("<file>", "a new file (gzip); it is written as a whole or not at all")
    .option("--json", "print JSON")
    .addHelpText("after", "\nKeep the keys (secret.key, or HAKIKA_SECRET_KEY) elsewhere: without them nothing opens.")
    .action(async (name: string, options: { json?: boolean }) => {
      const config = configuration();
      const file = resolve(name);
      const rows = await withResource(
        () => openCliDatabase(config),
        ({ sql }) => writeBackup(sql, file, { version, now: new Date() }),
      );
      const warnings = checkSpool(config).map(({ what }) => `${what}: not in the backup`);
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      if (options.json) return printJson({ file, rows: total, tables: rows, warnings });
      for (const warning of warnings) process.stderr.write(`hakika: ${warning}\n`);
      printLine(`${total} rows written to ${file}. Keep secret.key (or HAKIKA_SECRET_KEY) elsewhere: it is not in it.`);
    });
}

import { resolve } from "node:path";
import { Command } from "commander";
import type { Config } from "../../app/config.ts";
import { restoreBackup } from "../../database/backup/restore.ts";
import { grantToProgram } from "../../database/grants.ts";
import { programRole } from "../../embedded-postgres/program-role.ts";
import { startEmbedded } from "../../embedded-postgres/start.ts";
import { configuration } from "../configuration.ts";
import { printJson, printLine } from "../print.ts";
import { quietLog } from "../quiet-log.ts";
import { withResource } from "../with-resource.ts";

/** `hakika restore <file>`: fills an empty database, which is made where it is the embedded one. */
export function restoreCommand(): Command {
  return new Command("restore")
    .description("fills an empty database from the file that backup wrote")
    .argument("<file>", "what hakika backup wrote")
    .option("--json", "print JSON")
    .addHelpText("after", "\nThen put secret.key back (or set HAKIKA_SECRET_KEY), run hakika doctor, and start.")
    .action(async (name: string, options: { json?: boolean }) => {
      const config = configuration();
      const rows = await withResource(
        () => openOwner(config),
        ({ ownerUrl, isEmbedded }) => restore(ownerUrl, isEmbedded, resolve(name)),
      );
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      if (options.json) printJson({ rows: total, tables: rows });
      else printLine(`${total} rows restored. Put secret.key back (or set HAKIKA_SECRET_KEY), then run hakika doctor.`);
    });
}

async function restore(ownerUrl: string, isEmbedded: boolean, file: string) {
  const rows = await restoreBackup(ownerUrl, file);
  if (isEmbedded) await grantToProgram(ownerUrl, programRole);
  return rows;
}

async function openOwner({ databaseUrl, databaseDirectUrl, dataDir, pgBinDir }: Config) {
  if (databaseUrl !== null) {
    return { ownerUrl: databaseDirectUrl ?? databaseUrl, isEmbedded: false, close: async () => {} };
  }
  const embedded = await startEmbedded({ dataDir, binDir: pgBinDir ?? undefined, log: quietLog() });
  return { ownerUrl: embedded.ownerUrl, isEmbedded: true, close: () => embedded.stop() };
}

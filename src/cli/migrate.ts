import { Command } from "commander";
import { makeLogger } from "../app/log.ts";
import { migrate } from "../database/migrate.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { configuration } from "./configuration.ts";

/** `hakika migrate`: migrates the database to this version's schema. Safe beside a running server. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("migrates the database to this version's schema")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const config = configuration();
      const log = makeLogger({ level: "warn" });
      const embedded =
        config.databaseUrl === null
          ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log })
          : null;
      try {
        const ran = await migrate(config.databaseUrl ?? embedded!.url);
        process.stdout.write(options.json ? `${JSON.stringify({ migrations: ran })}\n` : `${ran} migrations run\n`);
      } finally {
        await embedded?.stop();
      }
    });
}

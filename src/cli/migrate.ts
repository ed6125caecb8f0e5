import { Command } from "commander";
import { makeLogger } from "../app/log.ts";
import { grantToProgram } from "../database/grants.ts";
import { migrate } from "../database/migrate.ts";
import { programRole } from "../embedded-postgres/program-role.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { configuration } from "./configuration.ts";

/** `hakika migrate`: migrates the database to this version's schema. Safe beside a running server. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("migrates the database to this version's schema")
    .option(
      "--grant <role>",
      "gives this role what the program needs and no more, as the owner that DATABASE_URL names",
    )
    .option("--json", "print JSON")
    .action(async (options: { grant?: string; json?: boolean }) => {
      const config = configuration();
      const log = makeLogger({ level: "warn" });
      const embedded =
        config.databaseUrl === null
          ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log })
          : null;
      try {
        const ownerUrl = config.databaseDirectUrl ?? config.databaseUrl ?? embedded!.ownerUrl;
        const ran = await migrate(ownerUrl);
        const role = options.grant ?? (embedded ? programRole : null);
        if (role !== null) await grantToProgram(ownerUrl, role);
        process.stdout.write(options.json ? `${JSON.stringify({ migrations: ran })}\n` : `${ran} migrations run\n`);
      } finally {
        await embedded?.stop();
      }
    });
}

import { Command } from "commander";
import { makeLogger } from "../app/log.ts";
import { grantToProgram } from "../database/grants.ts";
import { type Migrated, migrateDatabase } from "../database/migrate.ts";
import { migrationPlan, planLines } from "../database/migration-plan.ts";
import { programRole } from "../embedded-postgres/program-role.ts";
import { startEmbedded } from "../embedded-postgres/start.ts";
import { configuration } from "./configuration.ts";

type Options = { grant?: string; plan?: boolean; distribute?: boolean; json?: boolean };

/** `hakika migrate`: migrates the database to this version's schema. Safe beside a running server. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description(
      "migrates the database to this version's schema, and distributes its tables where it is a Citus cluster",
    )
    .option(
      "--grant <role>",
      "gives this role what the program needs and no more, as the owner that DATABASE_URL names",
    )
    .option("--plan", "says what would be done to each migration and each table, and changes nothing")
    .option("--distribute", "distributes tables of a cluster that have rows already; restart the program afterwards")
    .option("--json", "print JSON")
    .action(async (options: Options) => {
      const config = configuration();
      const log = makeLogger({ level: "warn" });
      const embedded =
        config.databaseUrl === null
          ? await startEmbedded({ dataDir: config.dataDir, binDir: config.pgBinDir ?? undefined, log })
          : null;
      try {
        const ownerUrl = config.databaseDirectUrl ?? config.databaseUrl ?? embedded!.ownerUrl;
        process.stdout.write(
          options.plan ? await plan(ownerUrl, options) : await run(ownerUrl, options, embedded !== null),
        );
      } finally {
        await embedded?.stop();
      }
    });
}

async function plan(url: string, { distribute, json }: Options): Promise<string> {
  const planned = await migrationPlan(url, { withRows: distribute ?? false });
  return `${json ? JSON.stringify(planned) : planLines(planned).join("\n")}\n`;
}

async function run(url: string, options: Options, isEmbedded: boolean): Promise<string> {
  const migrated = await migrateDatabase(url, { withRows: options.distribute ?? false });
  const role = options.grant ?? (isEmbedded ? programRole : null);
  if (role !== null) await grantToProgram(url, role);
  return options.json ? `${JSON.stringify(migrated)}\n` : report(migrated);
}

function report({ migrations, distributed, waiting }: Migrated): string {
  const moved = distributed.length > 0 ? `${distributed.length} tables distributed\n` : "";
  const left = waiting.length > 0 ? `no table distributed: --distribute moves the rows of ${waiting.join(", ")}\n` : "";
  return `${migrations} migrations run\n${moved}${left}`;
}

import { Command, Option } from "commander";
import { environments, kindNames, statuses } from "../../domain/kinds.ts";
import type { ClientRequest } from "../api-client.ts";
import { idOf, instantOf } from "../arguments.ts";
import { refusalOf } from "../call-api.ts";
import { connectApi } from "../connect-api.ts";
import { printJson } from "../print.ts";
import { withResource } from "../with-resource.ts";

type Flags = Record<string, string | undefined> & { json?: boolean };

/** `hakika export`: transactions as CSV on standard output; with `--json` as text within JSON. */
export function exportCommand(): Command {
  return new Command("export")
    .description("prints transactions as CSV")
    .option("--after <time>", "created at this time or later: a time, or 2h, 7d", instantOf)
    .option("--before <time>", "created before this time", instantOf)
    .addOption(new Option("--status <status>", "with this status").choices(statuses))
    .addOption(new Option("--kind <kind>", "of this kind").choices(kindNames))
    .addOption(new Option("--environment <name>", "of connections of this environment").choices(environments))
    .option("--connection <id>", "of this connection (con_...)", idOf("connection"))
    .option("--merchant <id>", "of this merchant (mer_...)", idOf("merchant"))
    .option("--json", "print JSON, with the table as text")
    .addHelpText("after", "\nExamples:\n  hakika export --after 2026-11-01 --before 2026-12-01 > november.csv")
    .action(async (flags: Flags) => {
      await withResource(
        () => connectApi(),
        async api => {
          const request = requestOf(flags);
          const response = await api.send(request);
          if (response.status !== 200) throw refusalOf(request, response);
          if (flags.json) printJson({ csv: response.bytes.toString() });
          else process.stdout.write(response.bytes);
        },
      );
    });
}

function requestOf({ after, before, status, kind, environment, connection, merchant }: Flags): ClientRequest {
  return {
    method: "GET",
    path: "/v1/transactions.csv",
    query: {
      ...{ status, kind, environment },
      created_after: after,
      created_before: before,
      connection_id: connection,
      merchant_id: merchant,
    },
  };
}

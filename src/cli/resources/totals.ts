import type { Command } from "commander";
import { groupings } from "../../api/totals/store.ts";
import { apiCommand } from "../api-command.ts";
import { idOf, instantOf } from "../arguments.ts";
import { merchantFlag } from "../page.ts";
import { tableOf } from "../table.ts";

type Total = Partial<Record<"day" | "connection_id" | "provider" | "kind" | "status", string>> & {
  currency: string | null;
  count: number;
  amount: string;
  fees: string;
};

const groups = ["day", "connection_id", "provider", "kind", "status"] as const;

/** `hakika totals`: what a period came to. */
export function totalsCommand(): Command {
  return apiCommand<{ data: Total[] }>({
    name: "totals",
    description: "adds a period up",
    examples: [
      "hakika totals --from 30d --group-by day,kind",
      "hakika totals --from 2026-11-01 --to 2026-12-01 --group-by connection --time-zone Africa/Nairobi",
    ],
    flags: [
      { flags: "--from <time>", description: "since this time: a time, or 2h, 7d", parse: instantOf, required: true },
      { flags: "--to <time>", description: "before this time (by default now)", parse: instantOf },
      { flags: "--group-by <names>", description: `some of ${groupings.join(",")} (by default day)` },
      { flags: "--time-zone <name>", description: "that of the days (by default Africa/Nairobi)" },
      { flags: "--connection <id>", description: "of this connection (con_...)", parse: idOf("connection") },
      merchantFlag,
    ],
    request: o => ({
      method: "GET",
      path: "/v1/totals",
      query: {
        from: o.from,
        to: o.to ?? new Date().toISOString(),
        group_by: o.groupBy ?? "day",
        time_zone: o.timeZone,
        connection_id: o.connection,
        merchant_id: o.merchant,
      },
    }),
    text: ({ data }) => tableOf(data, columnsOf(data), "nothing in this period"),
  });
}

function columnsOf(rows: Total[]) {
  const shown = groups.filter(name => rows.some(row => row[name] !== undefined));
  return [
    ...shown.map(name => ({ heading: name.replace("_id", "").toUpperCase(), of: (row: Total) => row[name] })),
    { heading: "COUNT", of: (row: Total) => row.count, right: true },
    { heading: "AMOUNT", of: (row: Total) => row.amount, right: true },
    { heading: "FEES", of: (row: Total) => row.fees, right: true },
    { heading: "CURRENCY", of: (row: Total) => row.currency },
  ];
}

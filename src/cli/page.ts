import type { ResultPage } from "./api-client.ts";
import type { Flag } from "./api-command.ts";
import { integerOf } from "./arguments.ts";
import { type TableColumn, tableOf } from "./table.ts";

const pageRowsMax = 200;

/** The flags of every list. */
export const pageFlags: readonly Flag[] = [
  {
    flags: "--limit <rows>",
    description: `rows, newest first (1 to ${pageRowsMax})`,
    parse: integerOf(1, pageRowsMax),
  },
  { flags: "--cursor <cursor>", description: "continues after the previous page" },
];

export const merchantFlag: Flag = { flags: "--merchant <id>", description: "of this merchant (mer_...)" };

/** The query parameters of these flags. */
export function pageQuery({ limit, cursor, merchant }: { limit?: number; cursor?: string; merchant?: string }) {
  return { limit: limit === undefined ? undefined : String(limit), cursor, merchant_id: merchant };
}

/** A page as a table, with the flag that continues the list. */
export function pageText<Row>(page: ResultPage<Row>, columns: readonly TableColumn<Row>[], empty: string): string {
  const table = tableOf(page.data, columns, empty);
  return page.next_cursor === null ? table : `${table}\n(continue with --cursor ${page.next_cursor})`;
}

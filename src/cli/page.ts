import type { Flag } from "./api-command.ts";
import { integerOf } from "./arguments.ts";
import { type TableColumn, tableOf } from "./table.ts";

/** A page of a list, as the API answers it. */
export type ApiPage<Row> = { data: Row[]; next_cursor: string | null };

const pageRowsMax = 200;

/** What every list takes. */
export const pageFlags: readonly Flag[] = [
  { flags: "--limit <rows>", means: `rows, newest first (1 to ${pageRowsMax})`, parse: integerOf(1, pageRowsMax) },
  { flags: "--cursor <cursor>", means: "goes on where the page before ended" },
];

export const merchantFlag: Flag = { flags: "--merchant <id>", means: "of this merchant (mer_...)" };

/** The query parameters of those flags. */
export function pageQuery({ limit, cursor, merchant }: { limit?: number; cursor?: string; merchant?: string }) {
  return { limit: limit === undefined ? undefined : String(limit), cursor, merchant_id: merchant };
}

/** A page as a table, and how to come by the next one. */
export function pageText<Row>(page: ApiPage<Row>, columns: readonly TableColumn<Row>[], empty: string): string {
  const table = tableOf(page.data, columns, empty);
  return page.next_cursor === null ? table : `${table}\n(more: --cursor ${page.next_cursor})`;
}

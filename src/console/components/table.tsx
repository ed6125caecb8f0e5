// biome-ignore-all lint/a11y/noRedundantRoles: on a narrow screen `display: block` removes the roles the elements have.
import type { Child } from "hono/jsx";
import { EmptyNote } from "./notice.tsx";

export type Column<Row> = { head: string; cell(row: Row): Child; numeric?: true };

type TableProps<Row> = { label: string; columns: Column<Row>[]; rows: Row[]; empty: string };

/** A table; on a narrow screen the style sheet shows each row as a card. */
export function Table<Row>({ label, columns, rows, empty }: TableProps<Row>) {
  if (rows.length === 0) return <EmptyNote>{empty}</EmptyNote>;
  return (
    <section class="scroll" aria-label={label} tabindex={0}>
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ head, numeric }) => (
              <th scope="col" role="columnheader" class={numeric && "number"}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(row => (
            <tr role="row">
              {columns.map(({ head, cell, numeric }) => (
                <td role="cell" class={numeric && "number"} data-head={head}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

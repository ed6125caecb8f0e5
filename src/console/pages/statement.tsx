import type { z } from "zod";
import type { lineSchema } from "../../api/statements/line-json.ts";
import type { statementSchema } from "../../api/statements/statement-json.ts";
import { verdicts } from "../../books/statements/statement-row.ts";
import { Badge } from "../components/badge.tsx";
import { Facts } from "../components/facts.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { ErrorNotice, Notice } from "../components/notice.tsx";
import { Pager } from "../components/pager.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import type { PageRoute } from "../page-route.ts";

type Statement = z.output<typeof statementSchema>;
type Line = z.output<typeof lineSchema>;
type Lines = { data: Line[]; next_cursor: string | null };

const refreshS = 2;

export const statementPage: PageRoute = {
  path: "/console/statements/:id",
  section: "statements",
  async render({ api, id, query: { verdict, cursor } }) {
    const query = { ...(verdict && { verdict }), ...(cursor && { cursor }) };
    const [statement, lines] = await Promise.all([
      api.get<Statement>(`/v1/statements/${id}`),
      api.get<Lines>(`/v1/statements/${id}/lines`, query),
    ]);
    if (statement.kind === "refused") return statement;
    if (lines.kind === "refused") return lines;
    const body = <Report statement={statement.value} lines={lines.value} verdict={verdict} isFirstPage={!cursor} />;
    const isImporting = statement.value.state === "importing";
    return { kind: "page", title: "Statement", body, ...(isImporting && { refreshS }) };
  },
};

type ReportProps = { statement: Statement; lines: Lines; verdict: string | undefined; isFirstPage: boolean };

function Report({ statement, lines, verdict, isFirstPage }: ReportProps) {
  const { id, state, problems, period, currency, adds_up, lines_done } = statement;
  const money = (amount: string | null) => amount !== null && <Money amount={amount} currency={currency} />;
  return (
    <>
      <h1>
        Statement <Badge state={state} />
      </h1>
      {state === "importing" && (
        <Notice tone="info">{`${lines_done} lines so far. This page looks again by itself.`}</Notice>
      )}
      {problems.map(problem => (
        <ErrorNotice>{problem}</ErrorNotice>
      ))}
      <Facts
        entries={[
          ["Id", <code>{id}</code>],
          ["Connection", <IdLink section="connections" id={statement.connection_id} />],
          ["From", period.from && <Time at={period.from} />],
          ["To", period.to && <Time at={period.to} />],
          ["Opening balance", money(statement.opening_balance)],
          ["Paid in", money(statement.paid_in)],
          ["Withdrawn", money(statement.withdrawn)],
          ["Closing balance", money(statement.closing_balance)],
          ["Adds up", adds_up === null ? null : adds_up ? "yes" : "no"],
        ]}
      />
      <Counts statement={statement} verdict={verdict} />
      <Table label="Lines" columns={columns} rows={lines.data} empty="No lines of this verdict." />
      <Pager
        path={`/console/statements/${id}`}
        query={verdict ? { verdict } : {}}
        isFirstPage={isFirstPage}
        nextCursor={lines.next_cursor}
      />
    </>
  );
}

/** The verdicts as links that filter the lines, and the report as a file. */
function Counts({ statement: { id, counts }, verdict }: { statement: Statement; verdict: string | undefined }) {
  const path = `/console/statements/${id}`;
  return (
    <p class="actions">
      <a href={path} aria-current={verdict === undefined ? "page" : undefined}>
        All lines
      </a>
      {verdicts
        .filter(name => counts[name] !== undefined)
        .map(name => (
          <a href={`${path}?verdict=${name}`} aria-current={name === verdict ? "page" : undefined}>
            {`${words(name)}: ${counts[name]}`}
          </a>
        ))}
      <a href={`${path}/report.csv`} download="">
        Download as CSV
      </a>
    </p>
  );
}

const columns: Column<Line>[] = [
  { head: "Line", cell: ({ line }) => line ?? "–", numeric: true },
  { head: "Verdict", cell: ({ verdict }) => <Badge state={verdict} /> },
  { head: "Receipt", cell: ({ receipt }) => receipt && <code>{receipt}</code> },
  { head: "Completed", cell: ({ completed_at }) => completed_at && <Time at={completed_at} /> },
  { head: "Amount", cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />, numeric: true },
  { head: "Transaction", cell: ({ transaction_id: id }) => id && <IdLink section="transactions" id={id} /> },
  { head: "Problem", cell: ({ problem }) => problem },
];

import type { z } from "zod";
import type { statementSchema } from "../../api/statements/statement-json.ts";
import type { ActionRoute } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { Time } from "../components/time.tsx";
import type { PageRequest } from "../page-request.ts";
import { listPage } from "./list-page.tsx";

type Statement = z.output<typeof statementSchema>;

const gaps = ["new", "missing", "differs", "unreadable"] as const;

export const statementsPage = listPage<Statement>({
  title: "Statements",
  path: "/console/statements",
  section: "statements",
  source: "/v1/statements",
  above: uploadForm,
  filters: [
    { name: "state", label: "State", options: ["importing", "imported", "failed"] },
    { name: "connection_id", label: "Connection" },
  ],
  columns: [
    { head: "Uploaded", cell: ({ created_at }) => <Time at={created_at} /> },
    { head: "Statement", cell: ({ id }) => <IdLink section="statements" id={id} /> },
    { head: "Connection", cell: ({ connection_id }) => <IdLink section="connections" id={connection_id} /> },
    { head: "From", cell: ({ period }) => period.from && <Time at={period.from} /> },
    { head: "To", cell: ({ period }) => period.to && <Time at={period.to} /> },
    { head: "Paid in", cell: ({ paid_in, currency }) => <Money amount={paid_in} currency={currency} />, numeric: true },
    {
      head: "To look at",
      cell: ({ counts }) => gaps.reduce((sum, name) => sum + (counts[name] ?? 0), 0),
      numeric: true,
    },
    { head: "State", cell: ({ state }) => <Badge state={state} /> },
  ],
  empty: "No statement was imported yet.",
});

/** Uploads the chosen file, and shows its report as it grows. */
export const uploadAction: ActionRoute = {
  path: "/console/statements",
  async run({ api }, { connection_id = "", columns = "" }, file) {
    if (file === null || file.size === 0) return { kind: "refused", status: 422, detail: "Choose a file first." };
    const query = new URLSearchParams({ connection_id, ...(columns.trim() !== "" && { columns }) });
    const result = await api.upload<{ id: string }>(`/v1/statements?${query}`, file);
    if (result.kind === "refused") return result;
    return { kind: "done", location: `/console/statements/${result.value.id}`, flash: "uploaded" };
  },
};

type Connections = { data: { id: string; name: string; provider: string }[] };

async function uploadForm({ api }: PageRequest) {
  const result = await api.get<Connections>("/v1/connections", { limit: "200" });
  const connections = result.kind === "ok" ? result.value.data : [];
  return (
    <form method="post" action="/console/statements" enctype="multipart/form-data" class="stack">
      <label>
        Connection
        <select name="connection_id">
          {connections.map(({ id, name, provider }) => (
            <option value={id}>{`${name} (${provider})`}</option>
          ))}
        </select>
      </label>
      <label>
        Statement (CSV or XLSX)
        <input type="file" name="file" accept=".csv,.xlsx" required />
      </label>
      <label>
        Columns, for files of other banks (JSON)
        <input name="columns" autocomplete="off" spellcheck={false} />
      </label>
      <button type="submit" class="primary">
        Import
      </button>
    </form>
  );
}

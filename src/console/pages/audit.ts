import { html } from "../html.ts";
import { showTime } from "../show.ts";
import { listPage } from "./list-page.ts";

type Entry = { actor: string; action: string; subject: string; detail: Record<string, unknown>; created_at: string };

export const auditPage = listPage<Entry>({
  title: "Audit",
  path: "/console/audit",
  section: "audit",
  source: "/v1/audit",
  filters: [
    { name: "action", label: "Action" },
    { name: "subject", label: "Subject" },
  ],
  columns: [
    { head: "When", cell: e => showTime(e.created_at) },
    { head: "Who", cell: e => html`<code>${e.actor}</code>` },
    { head: "Did", cell: e => e.action },
    { head: "What", cell: e => html`<code>${e.subject}</code>` },
    {
      head: "Detail",
      cell: e => (Object.keys(e.detail).length === 0 ? null : html`<code>${JSON.stringify(e.detail)}</code>`),
    },
  ],
  empty: "Nothing was changed yet.",
});

import { Time } from "../components/time.tsx";
import { listPage } from "./list-page.tsx";

type AuditEntry = {
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  created_at: string;
};

export const auditPage = listPage<AuditEntry>({
  title: "Audit",
  path: "/console/audit",
  section: "audit",
  source: "/v1/audit",
  filters: [
    { name: "action", label: "Action" },
    { name: "subject", label: "Subject" },
  ],
  columns: [
    { head: "Time", cell: entry => <Time at={entry.created_at} /> },
    { head: "Actor", cell: entry => <code>{entry.actor}</code> },
    { head: "Action", cell: entry => entry.action },
    { head: "Subject", cell: entry => <code>{entry.subject}</code> },
    {
      head: "Details",
      cell: ({ detail }) => (Object.keys(detail).length === 0 ? null : <code>{JSON.stringify(detail)}</code>),
    },
  ],
  empty: "No audit entries match.",
});

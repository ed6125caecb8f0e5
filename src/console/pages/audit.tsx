import { Time } from "../components/time.tsx";
import { listPage } from "./list-page.tsx";

type AuditEntry = {
  at: string;
  actor: { id: string; name: string | null; address: string | null };
  action: string;
  subject: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
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
    { head: "Time", cell: entry => <Time at={entry.at} /> },
    { head: "Actor", cell: ({ actor }) => <code title={actor.id}>{actor.name ?? actor.id}</code> },
    { head: "Address", cell: ({ actor }) => actor.address },
    { head: "Action", cell: entry => entry.action },
    { head: "Subject", cell: entry => <code>{entry.subject}</code> },
    { head: "Before", cell: ({ before }) => <Facts of={before} /> },
    { head: "After", cell: ({ after }) => <Facts of={after} /> },
  ],
  empty: "No audit entries match.",
});

function Facts({ of }: { of: Record<string, unknown> | null }) {
  return of === null || Object.keys(of).length === 0 ? null : <code>{JSON.stringify(of)}</code>;
}

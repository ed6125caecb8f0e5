import type { z } from "zod";
import type { approvalSchema } from "../../api/approvals/approval-json.ts";
import type { ActionRoute } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import type { FlashName } from "../components/flash.ts";
import { ActionButton, Actions } from "../components/form.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import { listPage } from "./list-page.tsx";

type Approval = z.output<typeof approvalSchema>;

export const approvalsPage = listPage<Approval>({
  title: "Approvals",
  path: "/console/approvals",
  section: "approvals",
  source: "/v1/approvals",
  filters: [{ name: "state", label: "State", options: ["pending", "approved", "rejected", "lapsed"] }],
  columns: [
    { head: "State", cell: ({ state }) => <Badge state={state} /> },
    { head: "", cell: approval => approval.state === "pending" && <Decision of={approval} /> },
    { head: "Summary", cell: ({ summary }) => summary },
    { head: "Amount", cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />, numeric: true },
    { head: "By", cell: ({ asked_by }) => <code title={asked_by.id}>{asked_by.name}</code> },
    { head: "What", cell: ({ action }) => words(action.replace(".", " ")) },
    { head: "Of", cell: approval => <Subject of={approval} /> },
    { head: "Asked", cell: ({ created_at }) => <Time at={created_at} /> },
    { head: "Ends", cell: ({ expires_at }) => <Time at={expires_at} /> },
  ],
  empty: "Nothing waits for a second person.",
});

export const approveAction = decision("approve", "approved");
export const rejectAction = decision("reject", "rejected");

function decision(verb: string, flash: FlashName): ActionRoute {
  return {
    path: `/console/approvals/:id/${verb}`,
    async run({ api, id }) {
      const result = await api.post(`/v1/approvals/${id}/${verb}`);
      return result.kind === "refused" ? result : { kind: "done", location: "/console/approvals", flash };
    },
  };
}

function Subject({ of: { subject } }: { of: Approval }) {
  return <IdLink section={subject.startsWith("con_") ? "connections" : "transactions"} id={subject} />;
}

function Decision({ of: { id } }: { of: Approval }) {
  return (
    <Actions>
      <ActionButton action={`/console/approvals/${id}/approve`} primary>
        Approve
      </ActionButton>
      <ActionButton action={`/console/approvals/${id}/reject`}>Reject</ActionButton>
    </Actions>
  );
}

import type { z } from "zod";
import type { timelineSchema } from "../../api/transactions/timeline.ts";
import { finalStatuses } from "../../domain/kinds.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { type ActionRoute, apiAction } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { JsonBlock } from "../components/code-block.tsx";
import { Facts } from "../components/facts.tsx";
import { ActionButton, SelectField, StackedForm, TextArea } from "../components/form.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { Notice } from "../components/notice.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import type { PageRoute } from "../page-route.ts";
import { Timeline } from "./timeline.tsx";

type TransactionWithTimeline = TransactionJson & { timeline: z.output<typeof timelineSchema> };

export const transactionPage: PageRoute = {
  path: "/console/transactions/:id",
  section: "transactions",
  async render({ api, id }) {
    const result = await api.get<TransactionWithTimeline>(`/v1/transactions/${id}`);
    if (result.kind === "refused") return result;
    const transaction = result.value;
    const title = `Transaction ${transaction.reference ?? transaction.id}`;
    return { kind: "page", title, body: <TransactionView transaction={transaction} /> };
  },
};

export const resolveAction: ActionRoute = {
  path: "/console/transactions/:id/resolve",
  async run({ api, id }, form) {
    const body = { status: form.status ?? "", note: form.note ?? "" };
    const result = await api.post<{ approval?: unknown }>(`/v1/transactions/${id}/resolve`, body);
    if (result.kind === "refused") return result;
    if (result.value.approval !== undefined) return { kind: "done", location: "/console/approvals", flash: "waits" };
    return { kind: "done", location: `/console/transactions/${id}`, flash: "resolved" };
  },
};

export const pollAction = apiAction("transactions", "poll", "polled", ({ api, id }) =>
  api.post(`/v1/transactions/${id}/poll`),
);

function TransactionView({ transaction }: { transaction: TransactionWithTimeline }) {
  const { review } = transaction;
  return (
    <>
      <h1>
        <Money amount={transaction.amount} currency={transaction.currency} /> <Badge state={transaction.status} />
      </h1>
      <p class="subtitle">
        {words(transaction.kind)}, {transaction.provider}, version {transaction.version}, status from{" "}
        {words(transaction.status_source)}
      </p>
      {review !== null && (
        <Notice tone="warning">
          <strong>{words(review.reason)}</strong> since <Time at={review.since} />. {review.detail}
        </Notice>
      )}
      <div class="columns">
        <section aria-labelledby="details">
          <h2 id="details">Details</h2>
          <TransactionFacts transaction={transaction} />
        </section>
        <section aria-labelledby="timeline">
          <h2 id="timeline">Timeline</h2>
          <Timeline entries={transaction.timeline} />
        </section>
      </div>
      <ResolveForm id={transaction.id} />
    </>
  );
}

function TransactionFacts({ transaction }: { transaction: TransactionJson }) {
  const { result, occurred_at, metadata } = transaction;
  return (
    <>
      <Facts
        entries={[
          ["Id", <code>{transaction.id}</code>],
          ["Reference", transaction.reference],
          ["Phone", transaction.phone],
          ["Party", transaction.party_name],
          ["Result", result && `${result.code} ${result.description}`],
          ["Registered", transaction.registered ? "yes" : "no"],
          ["Occurred", occurred_at && <Time at={occurred_at} />],
          ["Created", <Time at={transaction.created_at} />],
          ["Updated", <Time at={transaction.updated_at} />],
          ["Connection", <IdLink section="connections" id={transaction.connection_id} />],
          ["Merchant", <code>{transaction.merchant_id}</code>],
        ]}
      />
      <Facts
        entries={Object.entries(transaction.provider_refs).map(([name, ref]) => [words(name), <code>{ref}</code>])}
      />
      <Facts entries={Object.entries(transaction.details).map(([name, value]) => [words(name), String(value)])} />
      {Object.keys(metadata).length > 0 && (
        <>
          <h3>Metadata</h3>
          <JsonBlock value={metadata} />
        </>
      )}
    </>
  );
}

function ResolveForm({ id }: { id: string }) {
  return (
    <section id="resolve" aria-labelledby="resolve-heading">
      <h2 id="resolve-heading">Resolve</h2>
      <ActionButton action={`/console/transactions/${id}/poll`}>Poll the provider now</ActionButton>
      <StackedForm action={`/console/transactions/${id}/resolve`} submit="Resolve">
        <p class="note">
          Sets the status, overrides all other evidence and closes the review. Your key and the note are recorded.
        </p>
        <SelectField label="Status" name="status" options={finalStatuses} />
        <TextArea label="Note" name="note" charsMax={2000} />
      </StackedForm>
    </section>
  );
}

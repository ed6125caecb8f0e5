import type { TransactionWithTimeline } from "../../api/transactions/get.ts";
import { pollWords } from "../../api/transactions/poll-words.ts";
import { finalStatuses } from "../../domain/kinds.ts";
import { type ActionRoute, apiAction } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { CopyText, JsonBlock } from "../components/code-block.tsx";
import { type Fact, Facts } from "../components/facts.tsx";
import { ActionButton, SelectField, StackedForm, TextArea, TextField } from "../components/form.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { Notice } from "../components/notice.tsx";
import { ReviewFacts } from "../components/review-facts.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import type { PageRoute } from "../page-route.ts";
import { ReverseForm, reversible } from "./reverse.tsx";
import { Timeline } from "./timeline.tsx";

export const transactionPage: PageRoute = {
  path: "/console/transactions/:id",
  section: "transactions",
  async render({ api, id }) {
    const result = await api.get<TransactionWithTimeline>(`/v1/transactions/${id}`);
    if (result.kind === "refused") return result;
    const transaction = result.value;
    const title = `Transaction ${transaction.reference ?? transaction.id}`;
    return {
      kind: "page",
      title,
      body: <TransactionView transaction={transaction} isReversible={await reversible(api, transaction)} />,
    };
  },
};

export const resolveAction: ActionRoute = {
  path: "/console/transactions/:id/resolve",
  async run({ api, id }, form) {
    const body = { status: form.status ?? "", note: form.note ?? "", amount: form.amount?.trim() || null };
    const result = await api.post<{ approval?: unknown }>(`/v1/transactions/${id}/resolve`, body);
    if (result.kind === "refused") return result;
    if (result.value.approval !== undefined) return { kind: "done", location: "/console/approvals", flash: "waits" };
    return { kind: "done", location: `/console/transactions/${id}`, flash: "resolved" };
  },
};

export const pollAction = apiAction("transactions", "poll", "polled", ({ api, id }) =>
  api.post(`/v1/transactions/${id}/poll`),
);

function TransactionView({
  transaction,
  isReversible,
}: {
  transaction: TransactionWithTimeline;
  isReversible: boolean;
}) {
  const { review } = transaction;
  return (
    <>
      <h1>
        <Money amount={transaction.amount} currency={transaction.currency} /> <Badge state={transaction.status} />{" "}
        {transaction.environment === "sandbox" && <Badge state="sandbox" />}
      </h1>
      <p class="subtitle">
        {words(transaction.kind)}, {transaction.provider}, version {transaction.version}, status from{" "}
        {words(transaction.status_source)}
      </p>
      {review !== null && (
        <Notice tone="warning">
          <strong>{words(review.reason)}</strong> since <Time at={review.since} />. {review.detail}
          <ReviewFacts review={review} />
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
      {isReversible && <ReverseForm transaction={transaction} />}
      <ResolveForm transaction={transaction} />
    </>
  );
}

function TransactionFacts({ transaction }: { transaction: TransactionWithTimeline }) {
  const { result, occurred_at, metadata, refunded_amount, currency, start } = transaction;
  return (
    <>
      <Facts
        entries={[
          ["Id", <code>{transaction.id}</code>],
          ["Reference", transaction.reference],
          ["Refunded", Number(refunded_amount) > 0 && <Money amount={refunded_amount} currency={currency} />],
          ["Phone", transaction.phone ?? transaction.phone_masked],
          ["Party", transaction.party_name],
          ["Result", result && `${result.code} ${result.description}`],
          ["Started", start && <Badge state={start.state} />],
          ["To pay at", start?.redirect_url && <CopyText>{start.redirect_url}</CopyText>],
          ["Registered", transaction.registered ? "yes" : "no"],
          ["Environment", transaction.environment],
          ["Occurred", occurred_at && <Time at={occurred_at} />],
          ["Created", <Time at={transaction.created_at} />],
          ["Updated", <Time at={transaction.updated_at} />],
          ["Connection", <IdLink section="connections" id={transaction.connection_id} />],
          ["Merchant", <code>{transaction.merchant_id}</code>],
        ]}
      />
      {transaction.polling !== null && <Facts entries={pollingFacts(transaction.polling)} />}
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

/** When the provider is polled next, and what came of it last. */
function pollingFacts(polling: NonNullable<TransactionWithTimeline["polling"]>): Fact[] {
  const { next_at, last_at, last_outcome, tries, ends_at } = polling;
  return [
    ["Next poll", next_at === null ? "none: polling has ended" : <Time at={next_at} />],
    ["Last poll", last_at === null ? "none yet" : <Time at={last_at} />],
    ["Last outcome", last_outcome && pollWords(last_outcome)],
    ["Polls answered", tries],
    ["Polling ends", ends_at && <Time at={ends_at} />],
  ];
}

function ResolveForm({ transaction: { id, currency } }: { transaction: TransactionWithTimeline }) {
  return (
    <section id="resolve" aria-labelledby="resolve-heading">
      <h2 id="resolve-heading">Resolve</h2>
      <ActionButton action={`/console/transactions/${id}/poll`}>Poll the provider now</ActionButton>
      <StackedForm action={`/console/transactions/${id}/resolve`} submit="Resolve">
        <p class="note">
          Sets the status, overrides all other evidence and closes the review. Your key and the note are recorded.
        </p>
        <SelectField label="Status" name="status" options={finalStatuses} />
        <TextField
          label={`Amount that was really paid${currency === null ? "" : `, in ${currency}`} (empty: as shown)`}
          name="amount"
          value=""
        />
        <TextArea label="Note" name="note" charsMax={2000} />
      </StackedForm>
    </section>
  );
}

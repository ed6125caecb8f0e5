import { reviewReasons } from "../../domain/kinds.ts";
import type { TransactionJson } from "../../domain/transaction-json.ts";
import { Badge } from "../components/badge.tsx";
import { IdLink } from "../components/id-link.tsx";
import { Money } from "../components/money.tsx";
import { ReviewFacts } from "../components/review-facts.tsx";
import { Time } from "../components/time.tsx";
import { words } from "../components/words.ts";
import { listPage } from "./list-page.tsx";

export const reviewsPage = listPage<TransactionJson>({
  title: "Reviews",
  path: "/console/reviews",
  section: "reviews",
  source: "/v1/transactions",
  always: { review: "true" },
  filters: [{ name: "review", label: "Reason", options: reviewReasons }],
  columns: [
    { head: "Since", cell: ({ review }) => <Time at={review?.since} /> },
    { head: "Transaction", cell: transaction => <IdLink section="transactions" id={transaction.id} /> },
    { head: "Reason", cell: ({ review }) => review && <ReviewReason review={review} /> },
    { head: "Reference", cell: transaction => transaction.reference },
    { head: "Amount", cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />, numeric: true },
    {
      head: "Status",
      cell: ({ status, environment }) => (
        <>
          <Badge state={status} /> {environment === "sandbox" && <Badge state="sandbox" />}
        </>
      ),
    },
    {
      head: "",
      cell: ({ id }) => (
        <a class="button" href={`/console/transactions/${id}#resolve`}>
          Resolve
        </a>
      ),
    },
  ],
  empty: "No open reviews.",
});

function ReviewReason({ review }: { review: NonNullable<TransactionJson["review"]> }) {
  return (
    <>
      <strong>{words(review.reason)}</strong>
      <br />
      <small>
        {review.detail}
        <ReviewFacts review={review} />
      </small>
    </>
  );
}

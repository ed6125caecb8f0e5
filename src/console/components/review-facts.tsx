import type { TransactionJson } from "../../domain/transaction-json.ts";
import { IdLinks } from "./id-link.tsx";
import { Money } from "./money.tsx";

/** The amounts of a review that differ, and the other transactions concerned; nothing where there are none. */
export function ReviewFacts({ review }: { review: NonNullable<TransactionJson["review"]> }) {
  const { expected, told, related } = review;
  return (
    <>
      {expected !== null && (
        <>
          {" "}
          Expected{" "}
          <strong>
            <Money {...expected} />
          </strong>
          {told !== null && ","}
        </>
      )}
      {told !== null && (
        <>
          {" "}
          told{" "}
          <strong>
            <Money {...told} />
          </strong>
        </>
      )}
      {(expected !== null || told !== null) && "."}
      {related.length > 0 && (
        <>
          {" "}
          See <IdLinks section="transactions" ids={related} />
        </>
      )}
    </>
  );
}

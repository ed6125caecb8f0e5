import { callApi } from "../../api-client/call-api.ts";
import type { ApiClient, ApiPage } from "../../api-client/client.ts";
import type { Setup } from "./setup.ts";

type Callback = { id: string; state: string; problems: { message: string }[] };
type Transaction = {
  id: string;
  status: string;
  review: { reason: string; detail: string } | null;
  timeline: {
    type: string;
    event_type?: string;
    deliveries?: { id: string; state: string; attempt_count: number }[];
  }[];
};
type Delivery = { attempts: { status: number | null; error: string | null }[] };

/** How far a callback came, from the end of its way backwards. */
export async function whereItStopped(api: ApiClient, stage: Setup, transactionId: string | null): Promise<string> {
  const query = { connection_id: stage.connection.id, limit: "1" };
  const { data } = await callApi<ApiPage<Callback>>(api, { method: "GET", path: "/v1/callbacks", query });
  const [callback] = data;
  const transaction = transactionId === null ? null : await get<Transaction>(api, `/v1/transactions/${transactionId}`);
  const deliveries = transaction?.timeline.flatMap(entry => entry.deliveries ?? []) ?? [];
  const owed = deliveries.at(-1);
  if (owed) {
    const { attempts } = await get<Delivery>(api, `/v1/deliveries/${owed.id}`);
    const tries = attempts.map(({ status, error }) => error ?? `status ${status}`).join("; ");
    if (attempts.length === 0)
      return `The event is made, and ${owed.id} waits for its first attempt: does a worker run? (hakika doctor)`;
    return `The event is made; ${owed.id} is ${owed.state} after ${attempts.length} attempts: ${tries}`;
  }
  if (callback?.state === "pending")
    return `${callback.id} is kept and not read yet: does a worker run? (hakika doctor)`;
  if (callback?.state === "quarantined") {
    return `${callback.id} is in quarantine: ${callback.problems.map(({ message }) => message).join("; ")}`;
  }
  if (transaction) {
    const review =
      transaction.review === null ? "" : `, in review (${transaction.review.reason}: ${transaction.review.detail})`;
    return `${transaction.id} is ${transaction.status}${review}; nothing was to be told yet.`;
  }
  return "Nothing of it is known: see hakika callbacks list.";
}

function get<T>(api: ApiClient, path: string): Promise<T> {
  return callApi<T>(api, { method: "GET", path });
}

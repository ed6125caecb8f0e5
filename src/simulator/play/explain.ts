import type { ListAnswer, ManagementApi } from "../management-api.ts";
import type { Setup } from "./setup.ts";

type CallbackJson = { id: string; state: string; problems: { message: string }[] };
type TransactionJson = {
  id: string;
  status: string;
  review: { reason: string; detail: string } | null;
  timeline: {
    type: string;
    event_type?: string;
    deliveries?: { id: string; state: string; attempt_count: number }[];
  }[];
};
type DeliveryJson = { attempts: { status: number | null; error: string | null }[] };

/** How far a callback came, looked at from the merchant backwards. */
export async function whereItStopped(api: ManagementApi, setup: Setup, transactionId: string | null): Promise<string> {
  const query = { connection_id: setup.connection.id, limit: "1" };
  const { data } = await api.call<ListAnswer<CallbackJson>>({ method: "GET", path: "/v1/callbacks", query });
  const [callback] = data;
  const transaction =
    transactionId === null ? null : await get<TransactionJson>(api, `/v1/transactions/${transactionId}`);
  const deliveries = transaction?.timeline.flatMap(entry => entry.deliveries ?? []) ?? [];
  const last = deliveries.at(-1);
  if (last) {
    const { attempts } = await get<DeliveryJson>(api, `/v1/deliveries/${last.id}`);
    const results = attempts.map(({ status, error }) => error ?? `status ${status}`).join("; ");
    if (attempts.length === 0)
      return `The event exists, and ${last.id} waits for its first attempt: is a worker running? (hakika doctor)`;
    return `The event exists; ${last.id} is ${last.state} after ${attempts.length} attempts: ${results}`;
  }
  const event = transaction?.timeline.find(({ type }) => type === "event");
  if (event)
    return (
      `The event exists (${event.event_type}), and no endpoint takes it: an endpoint gets sandbox events ` +
      "where its environment is sandbox or any."
    );
  if (callback?.state === "pending")
    return `${callback.id} is kept and not read yet: is a worker running? (hakika doctor)`;
  if (callback?.state === "quarantined") {
    return `${callback.id} is in quarantine: ${callback.problems.map(({ message }) => message).join("; ")}`;
  }
  if (transaction) {
    const review =
      transaction.review === null ? "" : `, in review (${transaction.review.reason}: ${transaction.review.detail})`;
    return `${transaction.id} is ${transaction.status}${review}; it has no event yet.`;
  }
  return "There is no trace of it: see hakika callbacks list.";
}

function get<T>(api: ManagementApi, path: string): Promise<T> {
  return api.call<T>({ method: "GET", path });
}

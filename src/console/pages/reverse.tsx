import type { TransactionWithTimeline } from "../../api/transactions/get.ts";
import type { ActionRoute } from "../action-route.ts";
import { OrderKey, StackedForm, TextField } from "../components/form.tsx";
import type { ConsoleApi } from "../console-api.ts";
import { providerOf, type Started, startedResult } from "./start.tsx";

type Reversible = Pick<TransactionWithTimeline, "id" | "status" | "direction" | "provider" | "currency">;

/** Whether money that came in can be given back by a call to its provider. */
export async function reversible(api: ConsoleApi, { status, direction, provider }: Reversible): Promise<boolean> {
  if (status !== "completed" || direction !== "in") return false;
  return (await providerOf(api, provider))?.start?.kinds.includes("reversal") ?? false;
}

export const reverseAction: ActionRoute = {
  path: "/console/transactions/:id/reverse",
  async run({ api, id }, form) {
    const body = {
      transaction_id: decodeURIComponent(id),
      amount: form.amount?.trim() || null,
      description: form.description?.trim() || null,
    };
    return startedResult(await api.post<Started>("/v1/reversals", body, form.key));
  },
};

export function ReverseForm({ transaction: { id, currency } }: { transaction: Reversible }) {
  return (
    <section aria-labelledby="reverse-heading">
      <h2 id="reverse-heading">Give back</h2>
      <StackedForm action={`/console/transactions/${id}/reverse`} submit="Reverse the payment">
        <OrderKey />
        <p class="note">Sent once, however often the button is pressed. A large amount waits for a second person.</p>
        <TextField label={`Amount, in ${currency ?? "its currency"} (empty: all of it)`} name="amount" value="" />
        <TextField label="Remarks" name="description" value="" />
      </StackedForm>
    </section>
  );
}

import type { z } from "zod";
import type { connectionSchema } from "../../api/connections/connection-json.ts";
import type { providerSchema } from "../../api/providers/list.ts";
import { startPaths } from "../../api/start/read-start.ts";
import type { TransactionWithTimeline } from "../../api/transactions/get.ts";
import type { ActionResult, ActionRoute, FormFields } from "../action-route.ts";
import { OrderKey, StackedForm, TextArea, TextField } from "../components/form.tsx";
import { EmptyNote } from "../components/notice.tsx";
import { words } from "../components/words.ts";
import type { ApiResult, ConsoleApi } from "../console-api.ts";
import type { PageRoute } from "../page-route.ts";

type Connection = z.output<typeof connectionSchema>;
type ProviderEntry = z.output<typeof providerSchema>;

/** What a person chooses from, with the calls that start it. A reversal is on its payment's page. */
const groups = [
  ["Request a payment", "/v1/payments"],
  ["Pay out", "/v1/payouts"],
  ["Airtime and data", "/v1/airtime"],
  ["Pay a bill", "/v1/bills"],
  ["Send a message", "/v1/messages"],
] as const satisfies [string, keyof typeof startPaths][];

export const startPage: PageRoute = {
  path: "/console/connections/:id/start",
  section: "connections",
  async render({ api, id }) {
    const found = await api.get<Connection>(`/v1/connections/${id}`);
    if (found.kind === "refused") return found;
    const provider = await providerOf(api, found.value.provider);
    const title = "Request a payment or pay out";
    return { kind: "page", title, body: <StartView title={title} connection={found.value} provider={provider} /> };
  },
};

export const startAction: ActionRoute = {
  path: "/console/connections/:id/start",
  async run({ api, id }, form) {
    const found = await api.get<Connection>(`/v1/connections/${id}`);
    if (found.kind === "refused") return found;
    const [, path] = groups.find(([, each]) => (startPaths[each] as readonly string[]).includes(form.kind ?? "")) ?? [];
    if (path === undefined) return { kind: "refused", status: 422, detail: "kind: choose what to start." };
    const body = { connection_id: found.value.id, ...orderOf(form) };
    return startedResult(await api.post<Started>(path, body, form.key));
  },
};

/** A start call's answer. */
export type Started = Pick<TransactionWithTimeline, "id" | "start"> | { approval: unknown };

/** Leads to the transaction, or to what waits for a second person. */
export function startedResult(result: ApiResult<Started>): ActionResult {
  if (result.kind === "refused") return result;
  if ("approval" in result.value) return { kind: "done", location: "/console/approvals", flash: "waits" };
  const { id, start } = result.value;
  return { kind: "done", location: `/console/transactions/${id}`, flash: start?.state ?? "unknown" };
}

/** What `GET /v1/providers` says of one provider. */
export async function providerOf(api: ConsoleApi, id: string): Promise<ProviderEntry | null> {
  const result = await api.get<{ data: ProviderEntry[] }>("/v1/providers");
  return result.kind === "ok" ? (result.value.data.find(each => each.id === id) ?? null) : null;
}

const texts = ["kind", "amount", "currency", "phone", "account", "reference", "description"] as const;

/** The form's fields as the API takes them: empty ones are left out. */
function orderOf(form: FormFields): Record<string, unknown> {
  const sent = texts.map(name => [name, form[name]?.trim()]).filter(([, value]) => value);
  const lines = (form.options ?? "").split("\n").filter(line => line.trim() !== "");
  const options = lines.map(line => {
    const [name = "", ...value] = line.split("=");
    return [name.trim(), value.join("=").trim()];
  });
  return { ...Object.fromEntries(sent), options: Object.fromEntries(options) };
}

type ViewProps = { title: string; connection: Connection; provider: ProviderEntry | null };

function StartView({ title, connection: { id, name, environment, settings }, provider }: ViewProps) {
  const start = provider?.start ?? null;
  const bar = settings.approve_above;
  return (
    <>
      <h1>{title}</h1>
      <p class="subtitle">
        <a href={`/console/connections/${id}`}>{name || provider?.name}</a>, {environment}
      </p>
      {start === null ? (
        <EmptyNote>Nothing can be started at this provider.</EmptyNote>
      ) : (
        <StackedForm action={`/console/connections/${id}/start`} submit="Send">
          <OrderKey />
          <p class="note">
            Sent once, however often the button is pressed.
            {bar !== undefined && ` What pays out ${bar} or more waits for a second person.`}
          </p>
          <KindField kinds={start.kinds} />
          <TextField label="Amount" name="amount" value="" />
          <TextField label="Currency (empty: the provider's own)" name="currency" value="" />
          <TextField label="Phone, with the country: +254700000001" name="phone" value="" />
          <TextField label="Account: bank, bill or paybill account, or e-mail address" name="account" value="" />
          <TextField label="Reference of your own" name="reference" value="" />
          <TextField label="Remarks, or a message's text" name="description" value="" />
          <TextArea label="Options: one name=value to a line" name="options" charsMax={4000} optional />
          <Options of={start.options} />
        </StackedForm>
      )}
    </>
  );
}

function KindField({ kinds }: { kinds: readonly string[] }) {
  const offered = groups.map(
    ([label, path]) => [label, startPaths[path].filter(kind => kinds.includes(kind))] as const,
  );
  return (
    <label>
      What
      <select name="kind">
        {offered
          .filter(([, each]) => each.length > 0)
          .map(([label, each]) => (
            <optgroup label={label}>
              {each.map(kind => (
                <option value={kind}>{words(kind)}</option>
              ))}
            </optgroup>
          ))}
      </select>
    </label>
  );
}

function Options({ of }: { of: NonNullable<ProviderEntry["start"]>["options"] }) {
  const withSome = Object.entries(of).filter(([kind, options]) => kind !== "reversal" && options.length > 0);
  if (withSome.length === 0) return null;
  return (
    <details>
      <summary>Options of each kind</summary>
      {withSome.map(([kind, options]) => (
        <>
          <h3>{words(kind)}</h3>
          <ul>
            {options.map(({ name, required, means }) => (
              <li>
                <code>{name}</code>
                {required && " (required)"}: {means}
              </li>
            ))}
          </ul>
        </>
      ))}
    </details>
  );
}

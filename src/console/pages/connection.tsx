import type { z } from "zod";
import type { connectionSchema } from "../../api/connections/connection-json.ts";
import type { healthSchema } from "../../api/connections/health.ts";
import { type ActionRoute, apiAction } from "../action-route.ts";
import { CopyText, JsonBlock } from "../components/code-block.tsx";
import { Facts } from "../components/facts.tsx";
import { ActionButton, Actions } from "../components/form.tsx";
import { Money } from "../components/money.tsx";
import { EmptyNote } from "../components/notice.tsx";
import { Time } from "../components/time.tsx";
import type { PageRoute } from "../page-route.ts";

type Connection = z.output<typeof connectionSchema>;
type Health = z.output<typeof healthSchema>;

export const connectionPage: PageRoute = {
  path: "/console/connections/:id",
  section: "connections",
  async render({ api, id }) {
    const result = await api.get<Connection>(`/v1/connections/${id}`);
    if (result.kind === "refused") return result;
    const connection = result.value;
    const health = await api.get<Pick<Health, "balance">>(`/v1/connections/${id}/health`);
    const balance = health.kind === "ok" ? health.value.balance : null;
    const title = connection.name === "" ? connection.provider : connection.name;
    return { kind: "page", title, body: <ConnectionView title={title} connection={connection} balance={balance} /> };
  },
};

export const askBalanceAction = apiAction("connections", "balance", "balanceAsked", ({ api, id }) =>
  api.post(`/v1/connections/${id}/balance`),
);

/** Shows the token in the answer to the form alone: no address leads to it. */
export const handOutTokenAction: ActionRoute = {
  path: "/console/connections/:id/token",
  async run({ api, id }) {
    const result = await api.post<{ access_token: string; expires_at: string }>(`/v1/connections/${id}/token`);
    if (result.kind === "refused") return result;
    const { access_token, expires_at } = result.value;
    const body = (
      <>
        <h1>Access token</h1>
        <p class="note">
          A secret that acts for the merchant at the provider until <Time at={expires_at} />. The audit has who took it.
        </p>
        <CopyText>{access_token}</CopyText>
        <p>
          <a href={`/console/connections/${id}`}>Back to the connection</a>
        </p>
      </>
    );
    return { kind: "page", title: "Access token", body };
  },
};

type ViewProps = { title: string; connection: Connection; balance: Health["balance"] };

function ConnectionView({ title, connection, balance }: ViewProps) {
  return (
    <>
      <h1>{title}</h1>
      <p class="subtitle">
        {connection.provider}, {connection.environment}
      </p>
      <Facts
        entries={[
          ["Id", <code>{connection.id}</code>],
          ["Base URL", connection.base_url],
          ["Credentials set", connection.credentials.join(", ")],
          [
            "Balance",
            balance && (
              <>
                <Money amount={balance.amount} currency={balance.currency} /> at <Time at={balance.at} />
              </>
            ),
          ],
          ["Created", <Time at={connection.created_at} />],
          ["Updated", <Time at={connection.updated_at} />],
        ]}
      />
      <p>
        <a href={`/console/callbacks?connection_id=${connection.id}`}>Callbacks</a>,{" "}
        <a href={`/console/transactions?connection_id=${connection.id}`}>transactions</a>
      </p>
      <Actions>
        <a class="button" href={`/console/connections/${connection.id}/start`}>
          Request a payment or pay out
        </a>
        <ActionButton action={`/console/connections/${connection.id}/balance`}>Ask for the balance</ActionButton>
        <ActionButton action={`/console/connections/${connection.id}/token`}>Show the access token</ActionButton>
      </Actions>
      <h2>Callback URLs</h2>
      <CallbackUrls urls={connection.callback_urls} />
      <h2>Verification</h2>
      <JsonBlock value={connection.verification} />
      <h2>Settings</h2>
      <JsonBlock value={connection.settings} />
    </>
  );
}

function CallbackUrls({ urls }: { urls: Record<string, string> }) {
  if (Object.keys(urls).length === 0) return <EmptyNote>None: all tokens were revoked.</EmptyNote>;
  return (
    <>
      <p class="note">
        Register each URL with the provider. A URL holds a secret token: treat it like a password. Click a URL to select
        it.
      </p>
      <dl class="urls">
        {Object.entries(urls).map(([channel, url]) => (
          <div>
            <dt>{channel}</dt>
            <dd>
              <CopyText>{url}</CopyText>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

import type { z } from "zod";
import type { connectionSchema } from "../../api/connections/connection-json.ts";
import { CopyText, JsonBlock } from "../components/code-block.tsx";
import { Facts } from "../components/facts.tsx";
import { EmptyNote } from "../components/notice.tsx";
import { Time } from "../components/time.tsx";
import type { PageRoute } from "../page-route.ts";

type Connection = z.output<typeof connectionSchema>;

export const connectionPage: PageRoute = {
  path: "/console/connections/:id",
  section: "connections",
  async render({ api, id }) {
    const result = await api.get<Connection>(`/v1/connections/${id}`);
    if (result.kind === "refused") return result;
    const connection = result.value;
    const title = connection.name === "" ? connection.provider : connection.name;
    return { kind: "page", title, body: <ConnectionView title={title} connection={connection} /> };
  },
};

function ConnectionView({ title, connection }: { title: string; connection: Connection }) {
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
          ["Created", <Time at={connection.created_at} />],
          ["Updated", <Time at={connection.updated_at} />],
        ]}
      />
      <p>
        <a href={`/console/callbacks?connection_id=${connection.id}`}>Callbacks</a>,{" "}
        <a href={`/console/transactions?connection_id=${connection.id}`}>transactions</a>
      </p>
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

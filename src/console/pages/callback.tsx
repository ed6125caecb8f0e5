import type { z } from "zod";
import type { callbackSchema } from "../../api/callbacks/callback-json.ts";
import { apiAction } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import { BytesBlock } from "../components/code-block.tsx";
import { Facts } from "../components/facts.tsx";
import { StackedForm, TextField } from "../components/form.tsx";
import { IdLink, IdLinks } from "../components/id-link.tsx";
import { EmptyNote } from "../components/notice.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import type { ApiResult } from "../console-api.ts";
import type { PageRoute } from "../page-route.ts";

type Callback = z.output<typeof callbackSchema>;

export const callbackPage: PageRoute = {
  path: "/console/callbacks/:id",
  section: "callbacks",
  async render({ api, id }) {
    const [result, bytes] = await Promise.all([
      api.get<Callback>(`/v1/callbacks/${id}`),
      api.bytes(`/v1/callbacks/${id}/body`),
    ]);
    if (result.kind === "refused") return result;
    return { kind: "page", title: "Callback", body: <CallbackView callback={result.value} bytes={bytes} /> };
  },
};

export const reprocessAction = apiAction("callbacks", "reprocess", "reprocess", ({ api, id }, form) => {
  const channel = form.channel?.trim() ?? "";
  return api.post(`/v1/callbacks/${id}/reprocess`, channel === "" ? {} : { channel });
});

function CallbackView({ callback, bytes }: { callback: Callback; bytes: ApiResult<Buffer> }) {
  const { answer, problems } = callback;
  return (
    <>
      <h1>
        Callback <Badge state={callback.state} />
      </h1>
      <p class="subtitle">
        {callback.provider} {callback.channel}
        {callback.read_as !== null && `, read as ${callback.read_as}`}
      </p>
      <Facts
        entries={[
          ["Id", <code>{callback.id}</code>],
          ["Received", <Time at={callback.received_at} />],
          ["Copies", callback.copies],
          ["Connection", <IdLink section="connections" id={callback.connection_id} />],
          ["Transactions", linksTo("transactions", callback.transaction_ids)],
          ["Conflicts with", linksTo("callbacks", callback.conflicts_with)],
          ["Answer sent", answer === null ? null : <code>{JSON.stringify(answer)}</code>],
        ]}
      />
      {problems.length > 0 && (
        <>
          <h2>Problems</h2>
          <Table label="Problems" columns={problemColumns} rows={problems} empty="" />
        </>
      )}
      <h2>Body</h2>
      {bytes.kind === "ok" ? <BytesBlock bytes={bytes.value} /> : <EmptyNote>{bytes.detail}</EmptyNote>}
      <StackedForm action={`/console/callbacks/${callback.id}/reprocess`} submit="Reprocess">
        <p class="note">
          Reads the bytes again. Name a channel where the callback was sent to the wrong URL; blank is its own.
        </p>
        <TextField label="Channel" name="channel" value={callback.read_as ?? ""} />
      </StackedForm>
    </>
  );
}

const problemColumns: Column<Callback["problems"][number]>[] = [
  { head: "Field", cell: ({ path }) => path !== "" && <code>{path}</code> },
  { head: "Problem", cell: problem => problem.message },
];

function linksTo(section: string, ids: string[]) {
  return ids.length === 0 ? null : <IdLinks section={section} ids={ids} />;
}

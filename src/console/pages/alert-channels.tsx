import type { z } from "zod";
import { type alertChannelSchema, channelKinds } from "../../api/alert-channels/channel-json.ts";
import type { ActionRoute, FormFields } from "../action-route.ts";
import { Badge } from "../components/badge.tsx";
import type { FlashName } from "../components/flash.ts";
import { ActionButton, Actions, SelectField, StackedForm, TextField } from "../components/form.tsx";
import { Time } from "../components/time.tsx";
import type { ApiResult } from "../console-api.ts";
import type { PageRequest } from "../page-request.ts";
import { listPage } from "./list-page.tsx";

type Channel = z.output<typeof alertChannelSchema>;
const path = "/console/alerts/channels";

export const alertChannelsPage = listPage<Channel>({
  title: "Alert channels",
  path,
  section: "alerts",
  source: "/v1/alert-channels",
  filters: [],
  columns: [
    { head: "Kind", cell: ({ kind }) => kind },
    { head: "To", cell: ({ url, to, chat_id }) => <code>{url ?? to ?? chat_id}</code> },
    { head: "Of", cell: ({ merchant_id }) => (merchant_id ? <code>{merchant_id}</code> : "every merchant") },
    { head: "Alerts", cell: ({ alerts }) => alerts?.join(", ") ?? "all" },
    { head: "Reminder", cell: ({ remind_after_s }) => remind_after_s && `${remind_after_s} s` },
    { head: "Last message", cell: channel => <LastMessage of={channel} /> },
    { head: "", cell: channel => <Buttons of={channel} /> },
  ],
  empty: "No channel yet: alerts are shown here, and sent to merchants' endpoints as events.",
  after: request => <NewChannel isAdmin={request.isAdmin} />,
});

function LastMessage({ of: { last_error, last_failure_at, last_success_at } }: { of: Channel }) {
  if (last_error !== null) {
    return (
      <>
        <Badge state="failed" /> <small>{last_error}</small> <Time at={last_failure_at} />
      </>
    );
  }
  return last_success_at === null ? null : (
    <>
      <Badge state="delivered" /> <Time at={last_success_at} />
    </>
  );
}

function Buttons({ of: { id } }: { of: Channel }) {
  return (
    <Actions>
      <ActionButton action={`${path}/${id}/test`}>Test</ActionButton>
      <ActionButton action={`${path}/${id}/delete`}>Delete</ActionButton>
    </Actions>
  );
}

function NewChannel({ isAdmin }: { isAdmin: boolean }) {
  return (
    <section aria-labelledby="new-channel">
      <h2 id="new-channel">New channel</h2>
      <StackedForm action={path} submit="Create channel">
        <SelectField label="Kind" name="kind" options={channelKinds} />
        <TextField label="To: an https URL, an e-mail address, or the id of a Telegram chat" name="to" value="" />
        <TextField label="Token of the bot (Telegram)" name="bot_token" value="" />
        <TextField label="Kinds of alerts, with commas (empty: all)" name="alerts" value="" />
        <TextField label="Reminder after so many seconds (empty: none)" name="remind_after_s" value="" />
        {isAdmin && <TextField label="Merchant (empty: every merchant)" name="merchant_id" value="" />}
      </StackedForm>
      <p>
        <small>
          The signing secret of a webhook is shown once, and not here: make a webhook that verifies it with{" "}
          <code>POST /v1/alert-channels</code>.
        </small>
      </p>
    </section>
  );
}

export const createChannelAction: ActionRoute = {
  path,
  run: (request, form) => done(request.api.post("/v1/alert-channels", bodyOf(form)), "channel"),
};

export const testChannelAction = buttonAction("test", "channelTest", ({ api, id }) =>
  api.post(`/v1/alert-channels/${id}/test`),
);
export const deleteChannelAction = buttonAction("delete", "channelDeleted", ({ api, id }) =>
  api.remove(`/v1/alert-channels/${id}`),
);

function buttonAction(
  verb: string,
  flash: FlashName,
  call: (request: PageRequest) => Promise<ApiResult<unknown>>,
): ActionRoute {
  return { path: `${path}/:id/${verb}`, run: request => done(call(request), flash) };
}

async function done(call: Promise<ApiResult<unknown>>, flash: FlashName) {
  const result = await call;
  return result.kind === "refused" ? result : ({ kind: "done", location: path, flash } as const);
}

/** The form's fields as the API takes them: empty ones are left out. */
function bodyOf({
  kind = "",
  to = "",
  bot_token = "",
  alerts = "",
  remind_after_s = "",
  merchant_id = "",
}: FormFields) {
  const target = { webhook: "url", slack: "url", telegram: "chat_id", email: "to" }[kind] ?? "url";
  const kinds = alerts.split(/[\s,]+/).filter(each => each !== "");
  return {
    kind,
    [target]: to.trim(),
    ...(kind === "telegram" && { bot_token: bot_token.trim() }),
    ...(kinds.length > 0 && { alerts: kinds }),
    ...(remind_after_s.trim() !== "" && { remind_after_s: Number(remind_after_s) }),
    ...(merchant_id.trim() !== "" && { merchant_id: merchant_id.trim() }),
  };
}

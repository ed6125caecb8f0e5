import type { Command } from "commander";
import { providers } from "../../providers/registry.ts";
import type { ResultPage } from "../api-client.ts";
import { type ApiCommand, apiCommand, commandGroup } from "../api-command.ts";
import { idOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf } from "../table.ts";
import { callbackBodyCommand } from "./callback-body.ts";

type Callback = {
  id: string;
  connection_id: string;
  provider: string;
  channel: string;
  read_as: string | null;
  state: string;
  copies: number;
  received_at: string;
  problems: { path: string; message: string }[];
  answer: { status: number; body: string } | null;
  transaction_ids: string[];
  conflicts_with: string[];
};

const callback = { name: "<callback>", description: "its id (cbk_...)", parse: idOf("callback") };

/** `hakika callbacks`: requests that providers sent. */
export function callbacksCommand(): Command {
  return commandGroup("callbacks", "requests that providers sent, stored as they arrived", [
    apiCommand(list),
    apiCommand(show),
    callbackBodyCommand(),
    apiCommand(reprocess),
  ]);
}

const list: ApiCommand<ResultPage<Callback>> = {
  name: "list",
  description: "lists callbacks",
  examples: ["hakika callbacks list --state quarantined"],
  flags: [
    merchantFlag,
    { flags: "--state <state>", description: "in this state", choices: ["pending", "processed", "quarantined"] },
    { flags: "--provider <provider>", description: "of this provider", choices: [...providers.keys()] },
    { flags: "--channel <channel>", description: "of this channel" },
    { flags: "--connection <id>", description: "of this connection (con_...)" },
    ...pageFlags,
  ],
  request: o => ({
    method: "GET",
    path: "/v1/callbacks",
    query: {
      ...pageQuery(o),
      state: o.state,
      provider: o.provider,
      channel: o.channel,
      connection_id: o.connection,
    },
  }),
  text: page =>
    pageText(
      page,
      [
        { heading: "ID", of: c => c.id },
        { heading: "CHANNEL", of: c => `${c.provider} ${c.channel}` },
        { heading: "STATE", of: c => c.state },
        { heading: "COPIES", of: c => c.copies, right: true },
        { heading: "RECEIVED (UTC)", of: c => readableTime(c.received_at) },
        { heading: "PROBLEM", of: c => c.problems.map(problemText)[0] },
      ],
      "none",
    ),
};

const show: ApiCommand<Callback> = {
  name: "show",
  description: "shows a callback and its reading",
  arguments: [callback],
  request: (_, id) => ({ method: "GET", path: `/v1/callbacks/${id}` }),
  text: callbackText,
};

const reprocess: ApiCommand<Callback> = {
  name: "reprocess",
  description: "reads the stored bytes again, after a fix or as another channel",
  examples: ["hakika callbacks reprocess cbk_... --channel stk"],
  arguments: [callback],
  flags: [{ flags: "--channel <channel>", description: "the channel they belong to, where the URL named another" }],
  request: ({ channel }, id) => ({
    method: "POST",
    path: `/v1/callbacks/${id}/reprocess`,
    ...(channel !== undefined && { body: { channel } }),
  }),
  text: c => `${callbackText(c)}\n\nThe callback is queued to be read again.`,
};

function callbackText(c: Callback): string {
  return factsOf({
    id: c.id,
    channel: `${c.provider} ${c.channel}`,
    "read as": c.read_as,
    state: c.state,
    copies: c.copies,
    received: readableTime(c.received_at),
    answer: c.answer && `${c.answer.status} ${c.answer.body}`,
    problems: c.problems.map(problemText).join("\n"),
    transactions: c.transaction_ids.join("\n"),
    "conflicts with": c.conflicts_with.join("\n"),
    connection: c.connection_id,
  });
}

function problemText({ path, message }: { path: string; message: string }): string {
  return path === "" ? message : `${path} ${message}`;
}

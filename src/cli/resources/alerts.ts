import type { Command } from "commander";
import { type AlertJson, alertKinds } from "../../domain/alerts.ts";
import type { ResultPage } from "../api-client.ts";
import { apiCommand, commandGroup } from "../api-command.ts";
import { idOf, integerOf } from "../arguments.ts";
import { merchantFlag, pageFlags, pageQuery, pageText } from "../page.ts";
import { readableTime } from "../readable.ts";
import { factsOf, type TableColumn } from "../table.ts";

const columns: readonly TableColumn<AlertJson>[] = [
  { heading: "ID", of: a => a.id },
  { heading: "STATE", of: a => (a.state === "open" && a.acknowledged_at ? "acknowledged" : a.state) },
  { heading: "KIND", of: a => a.kind },
  { heading: "OF", of: a => [a.connection_id ?? a.endpoint_id, a.channel].filter(Boolean).join(" ") },
  { heading: "OPENED (UTC)", of: a => readableTime(a.opened_at) },
  { heading: "CLOSED (UTC)", of: a => a.closed_at && readableTime(a.closed_at) },
];

type Channel = {
  id: string;
  kind: string;
  url: string | null;
  to: string | null;
  chat_id: string | null;
  alerts: string[] | null;
  last_error: string | null;
};

const channelColumns: readonly TableColumn<Channel>[] = [
  { heading: "ID", of: c => c.id },
  { heading: "KIND", of: c => c.kind },
  { heading: "TO", of: c => c.url ?? c.to ?? c.chat_id },
  { heading: "ALERTS", of: c => c.alerts ?? "all" },
  { heading: "LAST ERROR", of: c => c.last_error },
];

const channelArgument = { name: "<channel>", description: "its id (alc_...)", parse: idOf("alertChannel") };
const alertArgument = { name: "<alert>", description: "its id (alt_...)", parse: idOf("alert") };
const secondsMax = 366 * 86_400;

/** `hakika alerts`: what a person should know of, and who is told. */
export function alertsCommand(): Command {
  return commandGroup("alerts", "what a person should know of, and the channels that say so", [
    listCommand(),
    apiCommand<AlertJson>({
      name: "show",
      description: "shows one alert",
      arguments: [alertArgument],
      request: (_, id) => ({ method: "GET", path: `/v1/alerts/${id}` }),
      text: factsOf,
    }),
    apiCommand<AlertJson>({
      name: "acknowledge",
      description: "says that a person looks after it: no more reminders",
      arguments: [alertArgument],
      request: (_, id) => ({ method: "POST", path: `/v1/alerts/${id}/acknowledge` }),
      text: alert => `acknowledged by ${alert.acknowledged_by}`,
    }),
    channelsCommand(),
  ]);
}

function listCommand(): Command {
  return apiCommand<ResultPage<AlertJson>>({
    name: "list",
    description: "lists alerts, newest first",
    examples: ["hakika alerts list --state open"],
    flags: [
      { flags: "--state <state>", description: "open or closed", choices: ["open", "closed"] },
      { flags: "--kind <kind>", description: "of this kind", choices: alertKinds },
      merchantFlag,
      ...pageFlags,
    ],
    request: ({ state, kind, ...options }) => ({
      method: "GET",
      path: "/v1/alerts",
      query: { state, kind, ...pageQuery(options) },
    }),
    text: page => pageText(page, columns, "no alerts"),
  });
}

function channelsCommand(): Command {
  return commandGroup("channels", "where messages about alerts go", [
    apiCommand<ResultPage<Channel>>({
      name: "list",
      description: "lists channels",
      flags: [merchantFlag, ...pageFlags],
      request: options => ({ method: "GET", path: "/v1/alert-channels", query: pageQuery(options) }),
      text: page =>
        pageText(page, channelColumns, "none yet: hakika alerts channels create email --to ops@example.com"),
    }),
    createChannelCommand(),
    apiCommand<Channel>({
      name: "test",
      description: "sends a test message",
      arguments: [channelArgument],
      request: (_, id) => ({ method: "POST", path: `/v1/alert-channels/${id}/test` }),
      text: () => "queued; hakika alerts channels list shows what came of it",
    }),
    apiCommand<null>({
      name: "delete",
      description: "deletes a channel and its secrets",
      arguments: [channelArgument],
      request: (_, id) => ({ method: "DELETE", path: `/v1/alert-channels/${id}` }),
      text: () => "deleted",
    }),
  ]);
}

function createChannelCommand(): Command {
  return apiCommand<Channel & { secret?: string }>({
    name: "create",
    description: "creates a channel: webhook, slack, telegram or email",
    examples: [
      "hakika alerts channels create email --to ops@example.com --remind-after 3600",
      "hakika alerts channels create webhook --url https://example.com/alerts --alerts silence review",
    ],
    arguments: [{ name: "<kind>", description: "webhook, slack, telegram or email" }],
    flags: [
      { flags: "--url <url>", description: "of a webhook or Slack" },
      { flags: "--to <address>", description: "of e-mail" },
      { flags: "--bot-token <token>", description: "of Telegram" },
      { flags: "--chat-id <id>", description: "of Telegram" },
      { flags: "--alerts <kinds...>", description: "the kinds to be told of (all where left out)" },
      {
        flags: "--remind-after <seconds>",
        description: "tells an alert that stays open again",
        parse: integerOf(1, secondsMax),
      },
      merchantFlag,
    ],
    request: ({ url, to, botToken, chatId, alerts, remindAfter, merchant }, kind) => ({
      method: "POST",
      path: "/v1/alert-channels",
      body: {
        ...{ kind, url, to, alerts, bot_token: botToken, chat_id: chatId },
        ...{ remind_after_s: remindAfter, merchant_id: merchant },
      },
    }),
    text: channel =>
      channel.secret === undefined
        ? factsOf(channel)
        : `${factsOf(channel)}\n\nKeep the secret now: it is not shown again.`,
  });
}

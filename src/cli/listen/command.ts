import { setTimeout as pause } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { newWebhookSecret } from "../../egress/webhook.ts";
import type { ApiClient, ResultPage } from "../api-client.ts";
import { idOf } from "../arguments.ts";
import { ApiError, callApi } from "../call-api.ts";
import { connectApi } from "../connect-api.ts";
import { printLine } from "../print.ts";
import { forward, type ListenedEvent } from "./forward.ts";

const waitS = 30;
const againMs = 2_000;
const eventsAtOnce = 100;

type Options = { forwardTo: string; merchant?: string; type?: string; json?: true };

/** `hakika listen`: sends events to a local server as they come, without an endpoint. */
export function listenCommand(): Command {
  const command = new Command("listen")
    .description("sends events to a local server as they come, signed, until Ctrl-C; makes no endpoint")
    .requiredOption("--forward-to <url>", "where to send them, such as http://127.0.0.1:3000/hooks", urlOf)
    .option("--merchant <id>", "events of this merchant alone (mer_...)", idOf("merchant"))
    .option("--type <type>", "events of this type, or payment.*")
    .option("--json", "print JSON, a line for each event")
    .addHelpText("after", "\nExample:\n  hakika listen --forward-to http://127.0.0.1:3000/hooks --merchant mer_...");
  return command.action(async () => listen(command.opts<Options>()));
}

/** A person names the address: it may be any, and is not checked as merchants' endpoints are. */
function urlOf(text: string): string {
  if (/^https?:\/\/[^/]/i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("Write an address that begins with http:// or https://.");
}

async function listen(options: Options): Promise<void> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const api = await connectApi();
  try {
    const secret = newWebhookSecret();
    const last = await newestEvent(api, options);
    if (options.json) printLine(JSON.stringify({ secret, forward_to: options.forwardTo }));
    else printLine(`Events go to ${options.forwardTo}, signed with ${secret}. Ctrl-C ends it.`);
    await readAlong(api, options, secret, last, stop.signal);
  } finally {
    await api.close();
  }
}

async function readAlong(
  api: ApiClient,
  options: Options,
  secret: string,
  last: string | null,
  signal: AbortSignal,
): Promise<void> {
  for (let after = last; !signal.aborted; ) {
    const events = await nextEvents(api, options, after, signal);
    for (const event of events) {
      if (signal.aborted) return;
      const outcome = await forward(options.forwardTo, event, secret, { now: () => new Date(), signal });
      const { id, type } = event;
      printLine(options.json ? JSON.stringify({ id, type, ...outcome }) : textOf(event, outcome));
      after = id;
    }
  }
}

function textOf({ id, type }: ListenedEvent, { status, error, ms }: Awaited<ReturnType<typeof forward>>): string {
  const time = new Date().toISOString().slice(11, 19);
  return `${time}  ${type}  ${id}  ${status ?? `not sent: ${error}`} (${ms} ms)`;
}

async function newestEvent(api: ApiClient, options: Options): Promise<string | null> {
  const query = { limit: "1", ...filterOf(options) };
  const { data } = await callApi<ResultPage<ListenedEvent>>(api, { method: "GET", path: "/v1/events", query });
  return data[0]?.id ?? null;
}

/** The next events, none after a while without any. A server that is away for a moment is waited for. */
async function nextEvents(
  api: ApiClient,
  options: Options,
  after: string | null,
  signal: AbortSignal,
): Promise<ListenedEvent[]> {
  const query = {
    order: "asc",
    wait_s: String(waitS),
    limit: String(eventsAtOnce),
    ...(after !== null && { after }),
    ...filterOf(options),
  };
  try {
    const page = await callApi<ResultPage<ListenedEvent>>(api, { method: "GET", path: "/v1/events", query, signal });
    return page.data;
  } catch (error) {
    if (signal.aborted) return [];
    const isPassing = !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
    if (!isPassing) throw error;
    process.stderr.write(`hakika: no answer (${(error as Error).message}); trying again\n`);
    await pause(againMs, undefined, { signal }).catch(() => {});
    return [];
  }
}

const filterOf = ({ merchant, type }: Options) => ({ merchant_id: merchant, type });

import { setTimeout as pause } from "node:timers/promises";
import { callApi } from "../../api-client/call-api.ts";
import type { ApiClient, ApiPage } from "../../api-client/client.ts";
import { safePath } from "../../app/log.ts";
import { whereItStopped } from "./explain.ts";
import type { ReceivedEvent } from "./merchant-server.ts";
import { type Posted, post } from "./post.ts";
import type { ReportStep } from "./report-step.ts";
import { runUssd } from "./run-ussd.ts";
import { newSample, type Sample } from "./sample.ts";
import type { Post, Scenario } from "./scenario.ts";
import type { Setup } from "./setup.ts";

/** How callbacks travel. */
export type Transmission = {
  /** How often each arrives, at once. */
  copies: number;
  /** Last first, and all of them before the registration. */
  backwards: boolean;
  afterMs: number;
  /** They never arrive: what is there is learnt by asking. */
  lost: boolean;
};

export const undisturbed: Transmission = { copies: 1, backwards: false, afterMs: 0, lost: false };

export type Played = {
  /** What went wrong, in words; null where all went as it must. */
  problem: string | null;
  sent: number;
  /** Types of the events the merchant got, without repeats of one `webhook-id`. */
  events: string[];
};

type Props = { api: ApiClient; stage: Setup; scenario: Scenario; say: ReportStep; json: boolean };

const eventPatienceMs = 30_000;
const lookEveryMs = 25;
/** What something came to; on the way there it may wait, be in review, and be told so. */
const isOutcome = (type: string) => !/^transaction\.review|\.(pending|processing)$/.test(type);

/** Plays a scenario once and follows it to the merchant. */
export async function play(props: Props, way: Transmission, enter: (made: Sample) => void = () => {}): Promise<Played> {
  const { api, stage, scenario, say } = props;
  const made = newSample(new Date());
  enter(made);
  if (scenario.by === "dialling") {
    const problem = await runUssd({ ...props, scenario, made });
    return problem === null ? await follow(props, made, null, 1) : { problem, sent: 1, events: [] };
  }
  const register = async () => {
    if (!scenario.register) return null;
    const registering = scenario.register(made);
    const body = { connection_id: stage.connection.id, ...registering };
    const { id, status } = await callApi<{ id: string; status: string }>(api, {
      method: "POST",
      path: "/v1/transactions",
      body,
    });
    say(
      "registered",
      `${id} ${registering.kind}${registering.amount === undefined ? "" : ` of ${registering.amount}`}, ${status}`,
      {
        transaction_id: id,
      },
    );
    return id;
  };
  const inOrder = scenario.posts(made);
  const posts = way.lost ? [] : way.backwards ? inOrder.toReversed() : inOrder;
  let transactionId = way.backwards ? null : await register();
  if (way.afterMs > 0) await pause(way.afterMs);
  for (const each of posts) {
    const problem = await send(props, each, way.copies);
    if (problem !== null) return { problem, sent: posts.length * way.copies, events: [] };
  }
  if (way.backwards) transactionId = await register();
  if (way.lost) {
    const problem = await askProvider(props, transactionId);
    if (problem !== null) return { problem, sent: 0, events: [] };
  }
  return follow(props, made, transactionId, posts.length * way.copies);
}

/** Posts one callback, and looks at how it was answered. */
async function send(
  { stage, scenario, say }: Props,
  { channel, callback }: Post,
  copies: number,
): Promise<string | null> {
  if (scenario.by !== "callback") return null;
  const url = stage.connection.callback_urls[channel]!;
  say("posted", `POST ${safePath(new URL(url).pathname)}${copies > 1 ? `, ${copies} times at once` : ""}`, {
    channel,
    copies,
  });
  const answers = await Promise.all(Array.from({ length: copies }, () => post(url, callback)));
  const { status, body, ms } = answers[0]!;
  say("answered", `${status} ${body.slice(0, 100)} (${ms.toFixed(1)} ms)`, { status, body: body.slice(0, 500) });
  const wrong = answers.find(each => !isAsExpected(each, scenario.answered));
  if (wrong === undefined) return null;
  if (wrong.status === 0)
    return `the callback URL could not be reached (${wrong.body}): is HAKIKA_PUBLIC_URL right, as seen from here?`;
  return `the provider was answered ${wrong.status} ${wrong.body.slice(0, 200)}, not ${scenario.answered.status}`;
}

function isAsExpected({ status, body }: Posted, expected: { status: number; words?: string }): boolean {
  return status === expected.status && body.replaceAll('": ', '":').includes(expected.words ?? "");
}

async function askProvider({ api, say }: Props, transactionId: string | null): Promise<string | null> {
  const request = { method: "POST", path: `/v1/transactions/${transactionId}/poll` } as const;
  const { status, bytes } = await api.send(request);
  say("asked", `the provider's status call: ${status}`, { status });
  return status === 200 ? null : `asking the provider answered ${status}: ${bytes.toString().slice(0, 300)}`;
}

/** Waits for the events, and then for everything to be read: there must be no more of them. */
async function follow(props: Props, made: Sample, known: string | null, sent: number): Promise<Played> {
  const { api, stage, scenario, say } = props;
  const wanted = scenario.events;
  const got = () => eventsAbout(stage, made).filter(({ type }) => isOutcome(type));
  const postedMs = performance.now();
  const came = await stage.merchant.until(() => got().length >= wanted.length, eventPatienceMs);
  const transactionId = known ?? got()[0]?.data.transaction?.id ?? null;
  if (!came) {
    tell(eventsAbout(stage, made), say);
    const problem = await whereItStopped(api, stage, transactionId);
    return {
      problem: `no event within ${eventPatienceMs / 1000} s. ${problem}`,
      sent,
      events: eventsAbout(stage, made).map(e => e.type),
    };
  }
  const unread = await untilRead(api, stage, postedMs);
  const untold = unread ?? (await untilTold(api, stage, made, transactionId));
  const all = eventsAbout(stage, made);
  tell(all, say);
  const problem = untold ?? judge(scenario, all, await lastState(props));
  return { problem, sent, events: all.map(({ type }) => type) };
}

/** The events about it, each once. */
export function eventsAbout(stage: Setup, made: Sample): ReceivedEvent[] {
  const about = stage.merchant.received.filter(({ body }) => body.includes(made.mark));
  return [...new Map(about.map(event => [event.id, event])).values()];
}

function tell(events: ReceivedEvent[], say: ReportStep): void {
  for (const event of events) {
    const { type, id, problem, atMs, data, timestamp } = event;
    const settledMs = performance.now() - (Date.now() - Date.parse(timestamp));
    const transaction = data.transaction;
    if (transaction && !type.startsWith("transaction.review")) {
      const { status, status_source, version } = transaction;
      say(
        "settled",
        `${status} by ${status_source}, version ${version}`,
        { ...transaction },
        Math.min(settledMs, atMs),
      );
    }
    say("delivered", `${type} ${id}`, { type, event_id: id, body: JSON.parse(event.body) }, atMs);
    say(
      "verified",
      problem ?? "its signature holds (Standard Webhooks)",
      { event_id: id, valid: problem === null },
      atMs,
    );
  }
}

async function untilRead(api: ApiClient, stage: Setup, sinceMs: number): Promise<string | null> {
  const query = { connection_id: stage.connection.id, state: "pending", limit: "1" };
  while (performance.now() - sinceMs < eventPatienceMs) {
    const { data } = await callApi<ApiPage<unknown>>(api, { method: "GET", path: "/v1/callbacks", query });
    if (data.length === 0) return null;
    await pause(lookEveryMs);
  }
  return "callbacks are still unread: does a worker run? (hakika doctor)";
}

/** Every event that was made of it is to arrive, and there is to be no more to come: reviews too. */
async function untilTold(
  api: ApiClient,
  stage: Setup,
  made: Sample,
  transactionId: string | null,
): Promise<string | null> {
  if (transactionId === null) return null;
  const query = { transaction_id: transactionId, limit: "200" };
  const { data } = await callApi<ApiPage<{ type: string }>>(api, { method: "GET", path: "/v1/events", query });
  const came = await stage.merchant.until(() => eventsAbout(stage, made).length >= data.length, eventPatienceMs);
  return came
    ? null
    : `of ${data.length} events the merchant got ${eventsAbout(stage, made).length} within ${eventPatienceMs / 1000} s`;
}

async function lastState({ api, stage, scenario, say }: Props): Promise<string | null> {
  if (scenario.by !== "callback" || scenario.events.length > 0) return null;
  const query = { connection_id: stage.connection.id, channel: scenario.channel, limit: "1" };
  type Callback = { id: string; state: string; problems: { path: string; message: string }[] };
  const { data } = await callApi<ApiPage<Callback>>(api, { method: "GET", path: "/v1/callbacks", query });
  const [last] = data;
  if (!last) return null;
  const why = last.problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; ");
  say("kept", `${last.id} is ${last.state}${why === "" ? "" : `: ${why}`}`, { ...last });
  return last.state;
}

function judge(scenario: Scenario, all: ReceivedEvent[], state: string | null): string | null {
  const types = all.map(({ type }) => type);
  const events = types.filter(isOutcome);
  const forged = all.find(({ problem }) => problem !== null);
  if (forged) return `${forged.type} ${forged.id}: ${forged.problem}`;
  const twice = types.find((type, at) => types.indexOf(type) !== at);
  if (twice !== undefined) return `the merchant was told ${twice} twice`;
  if (events.toSorted().join() !== scenario.events.toSorted().join()) {
    return `the merchant was told ${events.join(", ") || "nothing"}, not ${scenario.events.join(", ") || "nothing"}`;
  }
  const ends = scenario.by === "callback" ? (scenario.ends ?? "processed") : null;
  return state !== null && ends !== null && state !== ends ? `the callback is ${state}, not ${ends}` : null;
}

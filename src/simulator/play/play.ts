import { setTimeout as pause } from "node:timers/promises";
import type { ListAnswer, ManagementApi } from "../management-api.ts";
import { type CallbackAnswer, sendCallback } from "../post-callback.ts";
import type { ProviderSimulator } from "../provider-simulator.ts";
import { whereItStopped } from "./explain.ts";
import { eventsAbout, isOutcome, judge, reportEvents } from "./judge.ts";
import type { ReportStep } from "./report.ts";
import { runUssd } from "./run-ussd.ts";
import { newSample, type Sample } from "./sample.ts";
import type { CallbackScenario, Scenario, ScenarioCallback } from "./scenario.ts";
import type { Setup } from "./setup.ts";
import { connectSimulator } from "./simulated-provider.ts";

/** What happens to callbacks on their way. */
export type Disturbance = {
  /** How often each arrives, at once. */
  copies: number;
  /** The last first, and all of them before the registration. */
  backwards: boolean;
  afterMs: number;
  /** None arrives: the provider has to be polled. */
  lost: boolean;
};

export const undisturbed: Disturbance = { copies: 1, backwards: false, afterMs: 0, lost: false };

export type Played = {
  /** What went wrong, in words; null where everything went as it should. */
  problem: string | null;
  sent: number;
  /** Types of the events that the merchant got; one `webhook-id` counts once. */
  events: string[];
};

export type PlayInput = {
  api: ManagementApi;
  setup: Setup;
  simulator: ProviderSimulator;
  scenario: Scenario;
  report: ReportStep;
};

const eventTimeoutMs = 30_000;
const readEveryMs = 25;

/**
 * Plays a scenario once and follows it to the merchant. Where the provider has to be polled, its API is simulated
 * meanwhile.
 */
export async function play(given: PlayInput, disturbance: Disturbance): Promise<Played> {
  const scenario = disturbance.backwards ? backwards(given.scenario) : given.scenario;
  const input = { ...given, scenario };
  const sample = newSample(new Date());
  if (scenario.by === "ussd") {
    const problem = await runUssd({ ...input, scenario, sample });
    return problem === null ? await follow(input, sample, null, 1) : { problem, sent: 1, events: [] };
  }
  return disturbance.lost || scenario.confirmed
    ? await playBesideApi(input, scenario, sample, disturbance)
    : await playCallbacks(input, scenario, sample, disturbance);
}

/** A scenario as it ends where its callbacks come in the opposite order. */
function backwards(scenario: Scenario): Scenario {
  if (scenario.by === "ussd" || scenario.eventsBackwards === undefined) return scenario;
  return { ...scenario, events: scenario.eventsBackwards };
}

async function playBesideApi(
  input: PlayInput,
  scenario: CallbackScenario,
  sample: Sample,
  disturbance: Disturbance,
): Promise<Played> {
  const provider = await connectSimulator(input.api, input.simulator, input.setup.connection.id);
  try {
    if (scenario.polledBy) provider.enter(scenario.polledBy(sample), sample, scenario.confirmed ?? scenario.polled);
    return await playCallbacks(input, scenario, sample, disturbance);
  } finally {
    await provider.close();
  }
}

async function playCallbacks(
  input: PlayInput,
  scenario: CallbackScenario,
  sample: Sample,
  { copies, backwards, afterMs, lost }: Disturbance,
): Promise<Played> {
  const inOrder = scenario.callbacks(sample);
  const callbacks = lost ? [] : backwards ? inOrder.toReversed() : inOrder;
  let transactionId = backwards ? null : await register(input, scenario, sample);
  if (afterMs > 0) await pause(afterMs);
  for (const each of callbacks) {
    const problem = await send(input, scenario, each, copies);
    if (problem !== null) return { problem, sent: callbacks.length * copies, events: [] };
  }
  if (backwards) transactionId = await register(input, scenario, sample);
  if (lost) {
    const problem = await pollProvider(input, transactionId);
    if (problem !== null) return { problem, sent: 0, events: [] };
  }
  return follow(input, sample, transactionId, callbacks.length * copies);
}

async function register(
  { api, setup, report }: PlayInput,
  scenario: CallbackScenario,
  sample: Sample,
): Promise<string | null> {
  if (!scenario.registration) return null;
  const registration = scenario.registration(sample);
  const { id, status } = await api.call<{ id: string; status: string }>({
    method: "POST",
    path: "/v1/transactions",
    body: { connection_id: setup.connection.id, ...registration },
  });
  const amount = registration.amount === undefined ? "" : ` of ${registration.amount}`;
  report("registered", `${id} ${registration.kind}${amount}, ${status}`, { transaction_id: id });
  return id;
}

/** Sends one callback and its copies; what is wrong with an answer, or null. */
async function send(
  { setup, report }: PlayInput,
  scenario: CallbackScenario,
  { channel, callback }: ScenarioCallback,
  copies: number,
): Promise<string | null> {
  const url = setup.connection.callback_urls[channel]!;
  const path = new URL(url).pathname.replace(/^(.*\/in\/[^/]+\/)[^/]+/, "$1[token]");
  const times = copies > 1 ? `, ${copies} times at once` : "";
  report("posted", `${callback.method ?? "POST"} ${path}${times}`, { channel, copies });
  const answers = await Promise.all(Array.from({ length: copies }, () => sendCallback(url, callback)));
  const { status, body, ms } = answers[0]!;
  report("answered", `${status} ${body.slice(0, 100)} (${ms.toFixed(1)} ms)`, { status, body: body.slice(0, 500) });
  const wrong = answers.find(each => !isAsExpected(each, scenario.answer));
  if (wrong === undefined) return null;
  if (wrong.status === 0)
    return `the callback URL could not be reached (${wrong.body}): is HAKIKA_PUBLIC_URL right, as seen from here?`;
  return `the provider was answered ${wrong.status} ${wrong.body.slice(0, 200)}, not ${scenario.answer.status}`;
}

function isAsExpected({ status, body }: CallbackAnswer, expected: CallbackScenario["answer"]): boolean {
  return status === expected.status && body.replaceAll('": ', '":').includes(expected.contains ?? "");
}

async function pollProvider({ api, report }: PlayInput, transactionId: string | null): Promise<string | null> {
  const { status, text } = await api.send({ method: "POST", path: `/v1/transactions/${transactionId}/poll` });
  report("polled", `the provider's status call: ${status}`, { status });
  return status === 200 ? null : `polling the provider answered ${status}: ${text.slice(0, 300)}`;
}

/** Waits for the expected events, then until everything is read: there must be no more of them. */
async function follow(input: PlayInput, sample: Sample, known: string | null, sent: number): Promise<Played> {
  const { api, setup, scenario, report } = input;
  const received = () => eventsAbout(setup, sample);
  const outcomes = () => received().filter(({ type }) => isOutcome(type));
  const postedMs = performance.now();
  const came = await setup.merchant.until(() => outcomes().length >= scenario.events.length, eventTimeoutMs);
  const transactionId = known ?? outcomes()[0]?.data.transaction?.id ?? null;
  const types = () => received().map(({ type }) => type);
  if (!came) {
    reportEvents(received(), report);
    const problem = await whereItStopped(api, setup, transactionId);
    return { problem: `no event within ${eventTimeoutMs / 1000} s. ${problem}`, sent, events: types() };
  }
  const unread = await untilRead(api, setup, postedMs);
  const missing = unread ?? (await untilDelivered(api, setup, sample, transactionId));
  reportEvents(received(), report);
  const problem = missing ?? judge(scenario, received(), await lastState(input));
  return { problem, sent, events: types() };
}

async function untilRead(api: ManagementApi, setup: Setup, sinceMs: number): Promise<string | null> {
  const query = { connection_id: setup.connection.id, state: "pending", limit: "1" };
  while (performance.now() - sinceMs < eventTimeoutMs) {
    const { data } = await api.call<ListAnswer<unknown>>({ method: "GET", path: "/v1/callbacks", query });
    if (data.length === 0) return null;
    await pause(readEveryMs);
  }
  return "callbacks are still unread: is a worker running? (hakika doctor)";
}

/** Waits until the merchant has every event of the transaction, reviews included. */
async function untilDelivered(
  api: ManagementApi,
  setup: Setup,
  sample: Sample,
  transactionId: string | null,
): Promise<string | null> {
  if (transactionId === null) return null;
  const query = { transaction_id: transactionId, limit: "200" };
  const { data } = await api.call<ListAnswer<{ type: string }>>({ method: "GET", path: "/v1/events", query });
  const received = () => eventsAbout(setup, sample).length;
  const came = await setup.merchant.until(() => received() >= data.length, eventTimeoutMs);
  return came ? null : `of ${data.length} events the merchant got ${received()} within ${eventTimeoutMs / 1000} s`;
}

/** State of the last callback, where a scenario has no event to judge by. */
async function lastState({ api, setup, scenario, report }: PlayInput): Promise<string | null> {
  if (scenario.by !== "callback" || scenario.events.length > 0) return null;
  const query = { connection_id: setup.connection.id, channel: scenario.channel, limit: "1" };
  type CallbackJson = { id: string; state: string; problems: { path: string; message: string }[] };
  const { data } = await api.call<ListAnswer<CallbackJson>>({ method: "GET", path: "/v1/callbacks", query });
  const [last] = data;
  if (!last) return null;
  const problems = last.problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; ");
  report("kept", `${last.id} is ${last.state}${problems === "" ? "" : `: ${problems}`}`, { ...last });
  return last.state;
}

import { setTimeout as pause } from "node:timers/promises";
import type { ListAnswer, ManagementApi } from "../management-api.ts";
import { sendCallback } from "../post-callback.ts";
import { eventsAbout } from "./judge.ts";
import { type Disturbance, type Played, type PlayInput, play, undisturbed } from "./play.ts";
import { newSample } from "./sample.ts";
import type { CallbackScenario, Scenario } from "./scenario.ts";
import type { Setup } from "./setup.ts";

/** A scenario played under one kind of disturbance. */
export type Trial = { kind: string; means: string } & (
  | { outcome: "held" | "broken"; played: Played }
  | { outcome: "not tried"; why: string }
);

const copies = 20;
const lateMs = 2_000;
const readTimeoutMs = 10_000;
const readEveryMs = 50;

const disturbances: Readonly<Record<string, { means: string; disturbance: Disturbance }>> = {
  duplicated: { means: `each callback ${copies} times at once`, disturbance: { ...undisturbed, copies } },
  reordered: {
    means: "callbacks backwards, and before the registration",
    disturbance: { ...undisturbed, backwards: true },
  },
  late: { means: `callbacks ${lateMs / 1000} s late`, disturbance: { ...undisturbed, afterMs: lateMs } },
  lost: { means: "no callback at all: the provider is polled", disturbance: { ...undisturbed, lost: true } },
};

/** Plays a scenario under every disturbance, one after the other, and at last beside forged callbacks. */
export async function playChaos(input: PlayInput): Promise<Trial[]> {
  const { scenario, report } = input;
  const trials: Trial[] = [];
  for (const [kind, { means, disturbance }] of Object.entries(disturbances)) {
    report("chaos", `${kind}: ${means}`, { kind });
    const why = whyNot(scenario, kind);
    if (why !== null) {
      report("skipped", why, { kind });
      trials.push({ kind, means, outcome: "not tried", why });
      continue;
    }
    trials.push(trialOf(input, kind, means, await play(input, disturbance)));
  }
  const means = "sent by a stranger";
  report("chaos", `forged: ${means}`, { kind: "forged" });
  trials.push(trialOf(input, "forged", means, await playForged(input)));
  return trials;
}

function trialOf({ report }: PlayInput, kind: string, means: string, played: Played): Trial {
  if (played.problem !== null) report("broken", played.problem, { kind });
  return { kind, means, outcome: played.problem === null ? "held" : "broken", played };
}

function whyNot(scenario: Scenario, kind: string): string | null {
  if (scenario.by === "ussd") return "a conversation has one order";
  const isValidation = scenario.channel.endsWith("validation");
  if (kind === "reordered" && isValidation) return "a validation is decided by what is registered when it arrives";
  if (kind === "lost" && scenario.polledBy === undefined) return "the provider cannot be polled about it";
  return null;
}

/**
 * A callback to a guessed URL is answered 404. One to the right URL about a transaction that is not registered settles
 * nothing, where its kind has to be registered. Then the scenario is played to its usual end.
 */
async function playForged(input: PlayInput): Promise<Played> {
  const { api, setup, scenario, report } = input;
  if (scenario.by === "ussd") return play(input, undisturbed);
  const sample = newSample(new Date());
  const forged = scenario.callbacks(sample);
  const [first] = forged;
  const { status } = await sendCallback(guessedUrl(setup.connection.callback_urls[first!.channel]!), first!.callback);
  report("forged", `to a guessed URL: answered ${status}`, { status });
  if (status !== 404) return { problem: `a guessed URL was answered ${status}`, sent: 1, events: [] };
  if (mustBeRegistered(scenario)) {
    for (const { channel, callback } of forged) await sendCallback(setup.connection.callback_urls[channel]!, callback);
    await untilNothingPends(api, setup);
    const believed = eventsAbout(setup, sample).find(({ type }) => scenario.events.includes(type));
    report("forged", "to the right URL, about a transaction that is not registered: kept, and settled nothing", {});
    if (believed) return { problem: `a forged callback was believed: ${believed.type}`, sent: 2, events: [] };
  }
  return play(input, undisturbed);
}

function guessedUrl(url: string): string {
  return url.replace(
    /(\/in\/[^/]+\/)([^/]+)/,
    (_, head: string, token: string) => head + token.split("").toReversed().join(""),
  );
}

/** C2B payments, texts and e-mails settle unregistered, and a validation settles nothing. */
function mustBeRegistered({ channel, registration, callbacks }: CallbackScenario): boolean {
  const sample = newSample(new Date());
  const kind = registration?.(sample).kind;
  if (kind === undefined || ["c2b", "sms", "email"].includes(kind) || channel.endsWith("validation")) return false;
  return !callbacks(sample).some(each => each.channel === "c2b/confirmation");
}

async function untilNothingPends(api: ManagementApi, setup: Setup): Promise<void> {
  const query = { connection_id: setup.connection.id, state: "pending", limit: "1" };
  const pending = async () =>
    (await api.call<ListAnswer<unknown>>({ method: "GET", path: "/v1/callbacks", query })).data.length;
  const until = Date.now() + readTimeoutMs;
  while ((await pending()) > 0 && Date.now() < until) await pause(readEveryMs);
}

import { callApi } from "../../api-client/call-api.ts";
import type { ApiClient, ApiPage } from "../../api-client/client.ts";
import { eventsAbout, type Played, play, type Transmission, undisturbed } from "./play.ts";
import { post } from "./post.ts";
import type { ReportStep } from "./report-step.ts";
import { newSample } from "./sample.ts";
import type { Scenario } from "./scenario.ts";
import type { Setup } from "./setup.ts";
import { openSimulatedProvider, type SimulatedProvider } from "./simulated-provider.ts";

type Props = { api: ApiClient; stage: Setup; provider: string; scenario: Scenario; say: ReportStep; json: boolean };

/** What a trial of misfortune came to. */
export type Trial = { kind: string; means: string } & (
  | { outcome: "held" | "broken"; played: Played }
  | { outcome: "not tried"; why: string }
);

const copies = 20;
const lateMs = 2_000;
const readPatienceMs = 10_000;

/** The misfortunes that are ways of travelling; being forged is none. */
const ways: Readonly<Record<string, { means: string; way: Transmission }>> = {
  duplicated: { means: `each callback ${copies} times at once`, way: { ...undisturbed, copies } },
  reordered: { means: "callbacks backwards, and before the registration", way: { ...undisturbed, backwards: true } },
  late: { means: `callbacks ${lateMs / 1000} s late`, way: { ...undisturbed, afterMs: lateMs } },
  lost: { means: "no callback at all: the provider is asked", way: { ...undisturbed, lost: true } },
};

/** Plays a scenario through every misfortune that callbacks meet, one after the other. */
export async function playChaos(props: Props): Promise<Trial[]> {
  const { api, stage, provider, scenario, say } = props;
  const trials: Trial[] = [];
  for (const [kind, { means, way }] of Object.entries(ways)) {
    say("chaos", `${kind}: ${means}`, { kind });
    const why = whyNot(scenario, kind);
    if (why !== null) {
      say("skipped", why, { kind });
      trials.push({ kind, means, outcome: "not tried", why });
      continue;
    }
    const played = way.lost
      ? await withBooks(api, provider, stage, books => playBooked(props, way, books))
      : await play(props, way);
    trials.push(trialOf(kind, means, played, say));
  }
  const means = "posted by somebody who has no business to";
  say("chaos", `forged: ${means}`, { kind: "forged" });
  trials.push(trialOf("forged", means, await playForged(props), say));
  return trials;
}

function trialOf(kind: string, means: string, played: Played, say: ReportStep): Trial {
  if (played.problem !== null) say("broken", played.problem, { kind });
  return { kind, means, outcome: played.problem === null ? "held" : "broken", played };
}

function whyNot(scenario: Scenario, kind: string): string | null {
  if (scenario.by === "dialling") return "a conversation goes one way";
  const isQuestion = scenario.channel.endsWith("validation");
  if (kind === "reordered" && isQuestion) return "a question is answered by what is registered when it is asked";
  if (kind === "lost" && scenario.booked === undefined) return "the provider cannot be asked about it";
  return null;
}

async function withBooks<T>(
  api: ApiClient,
  provider: string,
  stage: Setup,
  work: (books: SimulatedProvider) => Promise<T>,
): Promise<T> {
  const books = await openSimulatedProvider(api, provider, stage.connection.id);
  try {
    return await work(books);
  } finally {
    await books.close();
  }
}

function playBooked(props: Props, way: Transmission, books: SimulatedProvider): Promise<Played> {
  const { scenario } = props;
  return play(props, way, made => {
    if (scenario.by === "callback" && scenario.booked) books.enter(scenario.booked(made), made);
  });
}

/** A guessed URL is nobody's; a known URL with a transaction nobody registered settles nothing, where registering is the rule. */
async function playForged(props: Props): Promise<Played> {
  const { api, stage, scenario, say } = props;
  if (scenario.by === "dialling") return play(props, undisturbed);
  const made = newSample(new Date());
  const forged = scenario.posts(made);
  const [first] = forged;
  const url = stage.connection.callback_urls[first!.channel]!;
  const guessed = url.replace(
    /(\/in\/[^/]+\/)([^/]+)/,
    (_, head, token) => head + token.split("").toReversed().join(""),
  );
  const { status } = await post(guessed, first!.callback);
  say("forged", `to a guessed URL: answered ${status}`, { status });
  if (status !== 404) return { problem: `a guessed URL was answered ${status}`, sent: 1, events: [] };
  const kind = scenario.register?.(made).kind;
  const isMoneyIn = forged.some(({ channel }) => channel === "c2b/confirmation");
  if (
    kind !== undefined &&
    !isMoneyIn &&
    !["c2b", "sms", "email"].includes(kind) &&
    !scenario.channel.endsWith("validation")
  ) {
    for (const { channel, callback } of forged) await post(stage.connection.callback_urls[channel]!, callback);
    await untilNothingPends(api, stage);
    const believed = eventsAbout(stage, made).find(({ type }) => scenario.events.includes(type));
    say("forged", "to the right URL, about a transaction nobody registered: kept, and not believed", {});
    if (believed) return { problem: `a forged callback was believed: ${believed.type}`, sent: 2, events: [] };
  }
  return play(props, undisturbed);
}

async function untilNothingPends(api: ApiClient, stage: Setup): Promise<void> {
  const query = { connection_id: stage.connection.id, state: "pending", limit: "1" };
  const look = async () =>
    (await callApi<ApiPage<unknown>>(api, { method: "GET", path: "/v1/callbacks", query })).data.length;
  const until = Date.now() + readPatienceMs;
  while ((await look()) > 0 && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 50));
}

import { setTimeout as pause } from "node:timers/promises";
import type { UssdSettings } from "../../connections/ussd-settings.ts";
import { ussdChars } from "../../domain/gsm.ts";
import { digestUuid } from "../../domain/ids.ts";
import type { UssdAnsweredBy } from "../../domain/ussd-session.ts";
import { ussdUnavailable } from "../../providers/kit/ussd-input.ts";
import type { MerchantCall } from "../ask-merchant.ts";
import type { Deadline } from "../deadlines.ts";
import { type AnswerDeps, type DecisionRequest, leftMs } from "../decision.ts";
import type { LookUp } from "../look-up.ts";
import { readMessage } from "../merchant-answers.ts";
import { type Hop, hopJson } from "./hop.ts";
import { answerOf, claimHop, type HopClaim, type StoredScreen } from "./hop-store.ts";
import { walk } from "./menu.ts";
import { screenOf } from "./screen.ts";

/** How often the answer of a copy that another process works on is looked for, in ms. */
const othersEveryMs = 50;

/** What a subscriber sees next. `warning` says why it came to the fallback too. `isOld`: there is nothing to keep of it. */
export type UssdScreen = { text: string; by: UssdAnsweredBy; warning: string | null; isOld: boolean };

export type ConverseDeps = Pick<AnswerDeps, "sql"> & { lookUp: LookUp; ask: MerchantCall };

/**
 * Answers one screen: claims it, so that each is worked on once, then asks the menu or the merchant. Every wait is bounded; whatever
 * cannot be known in time is the fallback `END`.
 */
export async function converse(
  deps: ConverseDeps,
  asking: DecisionRequest,
  hop: Hop,
  deadline: Deadline,
): Promise<UssdScreen> {
  const settings = asking.connection.settings.ussd;
  if (settings === undefined) return fallback(undefined, "the connection has no ussd settings that can be used");
  const { connection } = asking;
  const ms = Math.min(deadline.lookUpMs, leftMs(asking));
  const claim = await deps.lookUp(ms, () => claimHop(deps.sql, connection, hop));
  if (claim.kind !== "done") return fallback(settings, "the database did not answer");
  const earlier = await settled(deps, asking, hop, claim.value, settings);
  return earlier ?? next(deps, asking, hop, settings, deadline);
}

/** The answer where it is not ours to find; null where it is. */
async function settled(
  deps: ConverseDeps,
  asking: DecisionRequest,
  hop: Hop,
  claim: HopClaim,
  settings: UssdSettings,
): Promise<UssdScreen | null> {
  switch (claim.kind) {
    case "mine":
      return null;
    case "answered":
      return old(claim.shown);
    case "ended":
      return { ...fallback(settings, "the session is over"), isOld: true };
    case "others": {
      const shown = await othersAnswer(deps, asking, hop);
      return shown ? old(shown) : { ...fallback(settings, "another process did not answer in time"), isOld: true };
    }
  }
}

function old({ answer, answeredBy }: StoredScreen): UssdScreen {
  return { text: answer, by: answeredBy, warning: null, isOld: true };
}

/** Another process has it: what that one says is said here. */
async function othersAnswer(deps: ConverseDeps, asking: DecisionRequest, hop: Hop): Promise<StoredScreen | null> {
  while (leftMs(asking) > othersEveryMs) {
    await pause(othersEveryMs);
    const found = await deps.lookUp(leftMs(asking), () => answerOf(deps.sql, asking.connection, hop));
    if (found.kind === "done" && found.value !== null) return found.value;
  }
  return null;
}

async function next(
  deps: ConverseDeps,
  asking: DecisionRequest,
  hop: Hop,
  settings: UssdSettings,
  deadline: Deadline,
): Promise<UssdScreen> {
  if (settings.mode === "menu") {
    if (settings.menu === undefined) return fallback(settings, "the ussd settings have no menu");
    const { text, end } = walk(settings.menu, hop.inputs);
    return shown(settings, "menu", text, end);
  }
  if (settings.url === undefined) return fallback(settings, "the ussd settings have no url");
  const { connection } = asking;
  const answer = await deps.ask({
    connectionId: connection.id,
    url: settings.url,
    secret: connection.forwardSecret,
    id: `msg_${digestUuid(`${connection.id}|${hop.sessionId}|${hop.text}`).replaceAll("-", "")}`,
    type: "ussd.input",
    data: hopJson(hop),
    timeoutMs: Math.min(settings.timeout_ms ?? deadline.merchantMs, leftMs(asking)),
    read: readMessage,
  });
  if (!answer.ok) return fallback(settings, answer.problem);
  return shown(settings, "merchant", answer.value.message, answer.value.end);
}

function shown(settings: UssdSettings, by: UssdAnsweredBy, message: string, end: boolean): UssdScreen {
  const made = screenOf(message, end);
  if (!made.ok) return fallback(settings, made.problem);
  const { text, characters } = made.screen;
  const warning =
    characters > ussdChars.safaricom
      ? `the message has ${characters} characters; Safaricom shows ${ussdChars.safaricom}`
      : null;
  return { text, by, warning, isOld: false };
}

/** The connection's own `END`, or one that says as little. */
export function fallback(settings: UssdSettings | undefined, problem: string): UssdScreen {
  const own = settings?.fallback === undefined ? null : screenOf(settings.fallback.slice("END ".length), true);
  const text = own?.ok ? own.screen.text : ussdUnavailable;
  return { text, by: "fallback", warning: problem, isOld: false };
}

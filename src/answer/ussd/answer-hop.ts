import { setTimeout as pause } from "node:timers/promises";
import type { UssdSettings } from "../../connections/ussd-settings.ts";
import { ussdChars } from "../../domain/gsm.ts";
import type { AnswerContext } from "../answer-context.ts";
import { askMerchant, questionId } from "../ask-merchant.ts";
import { type DecisionRequest, leftMs } from "../decision.ts";
import { readMessage } from "../merchant-answers.ts";
import { type Hop, type HopAnswer, hopJson } from "./hop.ts";
import { claimHop, findHopAnswer, type HopClaim, type StoredAnswer } from "./hop-store.ts";
import { walkMenu } from "./menu.ts";
import { fallbackAnswer, screenOf } from "./screen.ts";

/** Interval between two look-ups of the answer that another process is working on, in ms. */
const pollEveryMs = 50;

/**
 * `needsWriting`: false for an answer that is stored already, that another process writes, or that comes after the end.
 */
export type HopResult = HopAnswer & { needsWriting: boolean };

/**
 * Claims a hop, so that each is answered once, then asks the menu or the merchant. Every wait is bounded; without an
 * answer in time the fallback `END` answers.
 */
export async function answerHop(context: AnswerContext, request: DecisionRequest, hop: Hop): Promise<HopResult> {
  const { connection } = request;
  const settings = connection.settings.ussd;
  if (settings === undefined) {
    return { ...fallbackAnswer(undefined, "the connection has no ussd settings that can be used"), needsWriting: true };
  }
  const ms = Math.min(context.deadlines["ussd.input"].lookUpMs, leftMs(request));
  const claim = await context.lookUps.run(ms, () => claimHop(context.sql, connection, hop));
  if (claim.kind !== "done") return { ...fallbackAnswer(settings, "the database did not answer"), needsWriting: true };
  const answer =
    (await unclaimedAnswer(context, request, hop, settings, claim.value)) ??
    (await claimedAnswer(context, request, hop, settings));
  return { ...answer, needsWriting: claim.value.kind === "claimed" };
}

/** The answer of a hop that this process could not claim; null where it could. */
async function unclaimedAnswer(
  context: AnswerContext,
  request: DecisionRequest,
  hop: Hop,
  settings: UssdSettings,
  claim: HopClaim,
): Promise<HopAnswer | null> {
  switch (claim.kind) {
    case "claimed":
      return null;
    case "answered":
      return { ...claim.answer, warning: null };
    case "session ended":
      return fallbackAnswer(settings, "the session is over");
    case "claimed elsewhere": {
      const answer = await waitForAnswer(context, request, hop);
      return answer ? { ...answer, warning: null } : fallbackAnswer(settings, "another process did not answer in time");
    }
  }
}

/** The answer that another process writes before the deadline; null without one. */
async function waitForAnswer(context: AnswerContext, request: DecisionRequest, hop: Hop): Promise<StoredAnswer | null> {
  while (leftMs(request) > pollEveryMs) {
    await pause(pollEveryMs);
    const find = () => findHopAnswer(context.sql, request.connection, hop);
    const found = await context.lookUps.run(leftMs(request), find);
    if (found.kind === "done" && found.value !== null) return found.value;
  }
  return null;
}

async function claimedAnswer(
  context: AnswerContext,
  request: DecisionRequest,
  hop: Hop,
  settings: UssdSettings,
): Promise<HopAnswer> {
  if (settings.mode === "forward") return merchantAnswer(context, request, hop, settings);
  if (settings.menu === undefined) return fallbackAnswer(settings, "the ussd settings have no menu");
  const { text, end } = walkMenu(settings.menu, hop.inputs);
  return messageAnswer(settings, "menu", text, end);
}

async function merchantAnswer(
  context: AnswerContext,
  request: DecisionRequest,
  hop: Hop,
  settings: UssdSettings,
): Promise<HopAnswer> {
  if (settings.url === undefined) return fallbackAnswer(settings, "the ussd settings have no url");
  const { connection } = request;
  const timeoutMs = settings.timeout_ms ?? context.deadlines["ussd.input"].merchantMs;
  const answer = await askMerchant(context, {
    connection,
    url: settings.url,
    id: questionId(`${connection.id}|${hop.sessionId}|${hop.text}`),
    type: "ussd.input",
    data: hopJson(hop),
    timeoutMs: Math.min(timeoutMs, leftMs(request)),
    read: readMessage,
  });
  if (!answer.ok) return fallbackAnswer(settings, answer.problem);
  return messageAnswer(settings, "merchant", answer.value.message, answer.value.end);
}

function messageAnswer(settings: UssdSettings, by: HopAnswer["by"], message: string, end: boolean): HopAnswer {
  const made = screenOf(message, end);
  if (!made.ok) return fallbackAnswer(settings, made.problem);
  const { text, characters } = made.screen;
  if (characters <= ussdChars.safaricom) return { text, by, warning: null };
  return { text, by, warning: `the message has ${characters} characters; Safaricom shows ${ussdChars.safaricom}` };
}

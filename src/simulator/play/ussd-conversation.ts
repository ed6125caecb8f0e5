import { createInterface } from "node:readline";
import { type SimulatedCallback, sendCallback } from "../post-callback.ts";
import type { UssdCaller, UssdGateway } from "./ussd-gateway.ts";

/** Gateways give up after 10 s (Africa's Talking's documentation). */
const timeoutMs = 10_000;

export type UssdConversation = {
  gateway: UssdGateway;
  /** The connection's callback URL of channel `ussd`. */
  url: string;
  /** The one of `ussd/events`, where the gateway reports the end; left out where it reports none. */
  eventsUrl?: string;
  /** E.164; an invented one by default. */
  phone?: string;
  serviceCode?: string;
  networkCode?: string;
  sessionId?: string;
  /** What is typed, in order; without it lines are read from `input`. The subscriber hangs up after the last. */
  script?: readonly string[];
  /** One line of JSON for each screen, in place of what a phone shows. */
  json?: boolean;
  input?: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
};

/**
 * Holds a USSD conversation with a callback URL as the gateway would: typed by a person at the terminal, or scripted.
 * Answers the exit code: 0 once the session ended or the subscriber hung up, 1 where an answer would break the session
 * off.
 */
export async function holdUssdConversation(conversation: UssdConversation): Promise<0 | 1> {
  const { gateway, url, json = false, output } = conversation;
  const caller: UssdCaller = {
    sessionId: conversation.sessionId ?? gateway.newSessionId(),
    phone: conversation.phone ?? "+254711330021",
    serviceCode: conversation.serviceCode ?? gateway.serviceCode,
    networkCode: conversation.networkCode ?? "63902",
  };
  const write = (line: Record<string, unknown>, text: string) =>
    output.write(json ? `${JSON.stringify(line)}\n` : text);
  const typed: string[] = [];
  const startedMs = performance.now();
  const lines = linesOf(conversation);
  try {
    for (let hop = 1; ; hop += 1) {
      const screen = await showScreen(url, gateway.screen(caller, typed));
      const line = { session_id: caller.sessionId, hop, input: typed.at(-1) ?? "", ...screen };
      if (!screen.ok) {
        write(line, `The gateway would break this session off: ${screen.problem}\n`);
        return 1;
      }
      write(line, `${screen.message}\n`);
      const end = (completed: boolean) => {
        const durationMs = performance.now() - startedMs;
        return sendEnd(conversation, caller, { typed, hops: hop, durationMs, lastAnswer: screen.answer, completed });
      };
      if (screen.end) return await end(true);
      if (!json) output.write("> ");
      const next = await lines.next();
      if (next.done) {
        if (!json) output.write("(hung up)\n");
        return await end(false);
      }
      typed.push(next.value);
    }
  } finally {
    await lines.return(undefined);
  }
}

type ScreenAnswer =
  | { ok: true; status: number; answer: string; message: string; end: boolean; latency_ms: number }
  | { ok: false; problem: string; latency_ms: number };

async function showScreen(url: string, callback: SimulatedCallback): Promise<ScreenAnswer> {
  const { status, body: answer, ms } = await sendCallback(url, callback, timeoutMs);
  const latency_ms = Math.round(ms);
  if (status === 0) return { ok: false, problem: `the URL could not be reached: ${answer}`, latency_ms };
  const screen = /^(CON|END)\s?(.*)$/s.exec(answer);
  if (status !== 200 || !screen) {
    const problem = `status ${status}, ${answer.slice(0, 200) || "an empty answer"}`;
    return { ok: false, problem, latency_ms };
  }
  return { ok: true, status, answer, message: screen[2]!, end: screen[1] === "END", latency_ms };
}

async function sendEnd(
  { gateway, eventsUrl, output }: UssdConversation,
  caller: UssdCaller,
  end: Parameters<NonNullable<UssdGateway["end"]>>[1],
): Promise<0 | 1> {
  if (eventsUrl === undefined || gateway.end === undefined) return 0;
  const { status, body } = await sendCallback(eventsUrl, gateway.end(caller, end, new Date()), timeoutMs);
  if (status === 200) return 0;
  output.write(`The end of the session was refused: ${status === 0 ? body : `status ${status}`}\n`);
  return 1;
}

async function* linesOf({ script, input }: UssdConversation): AsyncGenerator<string> {
  if (script !== undefined) {
    yield* script;
    return;
  }
  if (input === undefined) return;
  const lines = createInterface({ input });
  try {
    for await (const line of lines) yield line.trim();
  } finally {
    lines.close();
  }
}

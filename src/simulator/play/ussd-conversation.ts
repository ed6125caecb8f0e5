import { createInterface } from "node:readline";
import { gateways, sessionEnd, type UssdCaller, type UssdGatewayName } from "./ussd-gateway.ts";

/** Gateways give up after 10 s (Africa's Talking's documentation). */
const patienceMs = 10_000;

export type UssdConversation = {
  gateway: UssdGatewayName;
  /** The connection's callback URL of channel `ussd`. */
  url: string;
  /** The one of `ussd/events`, where the gateway tells the end; Kyanda has none. */
  eventsUrl?: string;
  /** E.164; an invented one by default. */
  phone?: string;
  serviceCode?: string;
  networkCode?: string;
  sessionId?: string;
  /** What is typed, in order; without it lines are read from `input`. Hangs up where there are no more. */
  script?: readonly string[];
  /** One line of JSON for each screen, in place of what a phone shows. */
  json?: boolean;
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
};

/**
 * A USSD conversation with a callback URL, as the gateway would have it: typed by a person at the terminal, or scripted. Answers the
 * exit code: 0 once the session ended or was hung up, 1 where an answer would have broken it off.
 */
export async function holdUssdConversation(simulation: UssdConversation): Promise<0 | 1> {
  const { gateway, url, json = false, output } = simulation;
  const shape = gateways[gateway];
  const dialling: UssdCaller = {
    sessionId: simulation.sessionId ?? shape.newSessionId(),
    phone: simulation.phone ?? "+254711330021",
    serviceCode: simulation.serviceCode ?? shape.serviceCode,
    networkCode: simulation.networkCode ?? "63902",
  };
  const say = (line: Record<string, unknown>, text: string) => output.write(json ? `${JSON.stringify(line)}\n` : text);
  const typed: string[] = [];
  const startedMs = performance.now();
  const lines = linesOf(simulation);
  try {
    for (let hop = 1; ; hop += 1) {
      const shown = await show(url, shape.screen(dialling, typed));
      const line = { session_id: dialling.sessionId, hop, input: typed.at(-1) ?? "", ...shown };
      if (!shown.ok) {
        say(line, `The gateway would break this session off: ${shown.problem}\n`);
        return 1;
      }
      say(line, `${shown.message}\n`);
      const end = (completed: boolean) =>
        tellEnd(
          simulation,
          sessionEnd(dialling, {
            typed,
            hops: hop,
            durationMs: performance.now() - startedMs,
            last: shown.answer,
            completed,
          }),
        );
      if (shown.end) return await end(true);
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

type Shown =
  | { ok: true; status: number; answer: string; message: string; end: boolean; latency_ms: number }
  | { ok: false; problem: string; latency_ms: number };

async function show(url: string, request: { contentType: string; body: string }): Promise<Shown> {
  const startedMs = performance.now();
  const answered = await post(url, request);
  const latency_ms = Math.round(performance.now() - startedMs);
  if ("problem" in answered) return { ok: false, problem: answered.problem, latency_ms };
  const { status, body: answer } = answered;
  const screen = /^(CON|END)\s?(.*)$/s.exec(answer);
  if (status !== 200 || !screen) {
    const problem = `status ${status}, ${answer.slice(0, 200) || "nothing in it"}`;
    return { ok: false, problem, latency_ms };
  }
  return { ok: true, status, answer, message: screen[2]!, end: screen[1] === "END", latency_ms };
}

async function tellEnd(
  { eventsUrl, output }: UssdConversation,
  end: { contentType: string; body: string },
): Promise<0 | 1> {
  if (eventsUrl === undefined) return 0;
  const answered = await post(eventsUrl, end);
  if (!("problem" in answered) && answered.status === 200) return 0;
  const problem = "problem" in answered ? answered.problem : `status ${answered.status}`;
  output.write(`The end of the session was not taken: ${problem}\n`);
  return 1;
}

async function post(
  url: string,
  { contentType, body }: { contentType: string; body: string },
): Promise<{ status: number; body: string } | { problem: string }> {
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
      signal,
      redirect: "manual",
    });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    const late = (error as Error).name === "TimeoutError";
    return { problem: late ? `no answer within ${patienceMs / 1000} s` : "the URL could not be reached" };
  }
}

async function* linesOf({ script, input }: UssdConversation): AsyncGenerator<string> {
  if (script !== undefined) {
    yield* script;
    return;
  }
  const lines = createInterface({ input });
  try {
    for await (const line of lines) yield line.trim();
  } finally {
    lines.close();
  }
}

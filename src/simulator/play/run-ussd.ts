import { Writable } from "node:stream";
import type { ReportStep } from "./report-step.ts";
import type { Sample } from "./sample.ts";
import type { Scenario } from "./scenario.ts";
import type { Setup } from "./setup.ts";
import { holdUssdConversation } from "./ussd-conversation.ts";

type UssdRun = Extract<Scenario, { by: "dialling" }>;

/** Holds the USSD conversation of a scenario; why it broke off, or null. */
export async function runUssd(props: {
  stage: Setup;
  scenario: UssdRun;
  made: Sample;
  say: ReportStep;
}): Promise<string | null> {
  const { stage, scenario, made, say } = props;
  const { ussd, "ussd/events": eventsUrl } = stage.connection.callback_urls;
  let last = "";
  const output = new Writable({
    write(chunk, _, done) {
      for (const line of String(chunk).split("\n").filter(Boolean)) last = show(line, say);
      done();
    },
  });
  const code = await holdUssdConversation({
    gateway: scenario.gateway,
    url: ussd!,
    ...(eventsUrl !== undefined && { eventsUrl }),
    phone: `+${made.phone}`,
    sessionId: made.mark,
    script: scenario.typed,
    json: true,
    input: process.stdin,
    output,
  });
  return code === 0 ? null : `the gateway would break this session off: ${last}`;
}

/** A screen is told as it is shown; other lines are news of trouble. */
function show(line: string, say: ReportStep): string {
  try {
    const screen = JSON.parse(line) as { input: string; answer?: string; problem?: string; latency_ms: number };
    const text = screen.answer ?? screen.problem ?? "";
    if (screen.input !== "") say("typed", screen.input);
    say("answered", `${text.replaceAll("\n", " / ")} (${screen.latency_ms} ms)`, screen);
    return text;
  } catch {
    say("trouble", line);
    return line;
  }
}

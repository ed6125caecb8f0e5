import { Writable } from "node:stream";
import type { PlayInput } from "./play.ts";
import type { ReportStep } from "./report.ts";
import type { Sample } from "./sample.ts";
import type { UssdScenario } from "./scenario.ts";
import { holdUssdConversation } from "./ussd-conversation.ts";

/** Holds the USSD conversation of a scenario; why it broke off, or null. */
export async function runUssd({
  setup,
  simulator,
  scenario,
  sample,
  report,
}: Omit<PlayInput, "scenario"> & { scenario: UssdScenario; sample: Sample }): Promise<string | null> {
  const { ussd: gateway } = simulator;
  if (!gateway) return "the provider has no simulated USSD gateway";
  const { ussd: url, "ussd/events": eventsUrl } = setup.connection.callback_urls;
  let last = "";
  const output = new Writable({
    write(chunk, _, done) {
      for (const line of String(chunk).split("\n").filter(Boolean)) last = reportScreen(line, report);
      done();
    },
  });
  const code = await holdUssdConversation({
    gateway,
    url: url!,
    ...(eventsUrl !== undefined && { eventsUrl }),
    phone: `+${sample.phone}`,
    sessionId: sample.mark,
    script: scenario.typed,
    json: true,
    output,
  });
  return code === 0 ? null : `the gateway would break this session off: ${last}`;
}

/** Reports a screen; a line that is no screen is a problem in words. */
function reportScreen(line: string, report: ReportStep): string {
  try {
    const screen = JSON.parse(line) as { input: string; answer?: string; problem?: string; latency_ms: number };
    const text = screen.answer ?? screen.problem ?? "";
    if (screen.input !== "") report("typed", screen.input);
    report("answered", `${text.replaceAll("\n", " / ")} (${screen.latency_ms} ms)`, screen);
    return text;
  } catch {
    report("problem", line);
    return line;
  }
}

import { Command } from "commander";
import { playChaos, type Trial } from "../../simulator/play/chaos.ts";
import { type Played, play, undisturbed } from "../../simulator/play/play.ts";
import type { ReportStep } from "../../simulator/play/report-step.ts";
import type { Scenario } from "../../simulator/play/scenario.ts";
import { scenarios } from "../../simulator/play/scenarios.ts";
import { prepareSetup } from "../../simulator/play/setup.ts";
import { connectApi } from "../connect-api.ts";
import { printJson, printLine } from "../print.ts";
import { tableOf } from "../table.ts";
import { withResource } from "../with-resource.ts";
import { ensureNoWorker } from "./ensure-no-worker.ts";
import { stepReporter } from "./report.ts";

type Options = { chaos?: boolean; json?: boolean };

/** `hakika simulate`: a realistic callback, followed to the merchant; the proof that everything between works. */
export function simulateCommand(): Command {
  const command = new Command("simulate")
    .description(
      "sends what a provider would send, and follows it to the merchant (without arguments: lists what there is)",
    )
    .argument("[provider]", Object.keys(scenarios).join(", "))
    .argument("[scenario]", "one of those that are listed without arguments")
    .option("--chaos", "the same again duplicated, reordered, late, lost and forged")
    .option("--json", "print JSON: a line for each step")
    .addHelpText(
      "after",
      "\nExamples:\n  hakika simulate daraja stk-success\n  hakika simulate kyanda payout-success --chaos",
    );
  return command.action(async (provider: string | undefined, name: string | undefined, options: Options) => {
    if (provider !== undefined && !Object.hasOwn(scenarios, provider)) {
      command.error(`error: no provider ${provider}: there are ${Object.keys(scenarios).join(", ")}`, {
        exitCode: 2,
        code: "commander.provider",
      });
    }
    if (provider === undefined || name === undefined) return list(provider, options.json === true);
    const scenario = Object.hasOwn(scenarios[provider]!, name) ? scenarios[provider]![name] : undefined;
    if (!scenario) {
      const known = Object.keys(scenarios[provider]!).join(", ");
      return command.error(`error: ${provider} has no scenario ${name}: it has ${known}`, {
        exitCode: 2,
        code: "commander.scenario",
      });
    }
    if (options.chaos && scenario.by === "dialling") {
      command.error("error: --chaos is for callbacks, and this is a conversation", {
        exitCode: 2,
        code: "commander.chaos",
      });
    }
    await simulate(provider, name, scenario, options);
  });
}

function list(only: string | undefined, json: boolean): void {
  const rows = Object.entries(scenarios)
    .filter(([provider]) => only === undefined || provider === only)
    .flatMap(([provider, named]) => Object.entries(named).map(([name, scenario]) => ({ provider, name, scenario })));
  if (json) {
    printJson(
      rows.map(({ provider, name, scenario: { channel, means, events } }) => ({
        provider,
        name,
        channel,
        means,
        events,
      })),
    );
    return;
  }
  printLine(
    tableOf(rows, [
      { heading: "PROVIDER", of: r => r.provider },
      { heading: "SCENARIO", of: r => r.name },
      { heading: "CHANNEL", of: r => r.scenario.channel },
      { heading: "WHAT HAPPENS", of: r => r.scenario.means },
    ]),
  );
  printLine("\nhakika simulate <provider> <scenario> [--chaos]");
}

async function simulate(provider: string, name: string, scenario: Scenario, options: Options): Promise<void> {
  const json = options.json === true;
  const say = stepReporter(json, performance.now());
  await withResource(
    () => connectApi(ensureNoWorker),
    async api => {
      say(
        "ready",
        api.startedHere ? `no server runs: one was started in this process at ${api.url}` : `the server at ${api.url}`,
        { url: api.url, own: api.startedHere },
      );
      await withResource(
        () => prepareSetup(api, provider, scenario),
        async stage => {
          const { merchantId, connection, merchant } = stage;
          say("stage", `${merchantId}, ${connection.id}, events to ${merchant.url}`, {
            merchant_id: merchantId,
            connection_id: connection.id,
          });
          const props = { api, stage, provider, scenario, json, say: stepReporter(json, performance.now()) };
          const holds = options.chaos
            ? chaosVerdict(await playChaos(props), props.say)
            : verdict(await play(props, undisturbed), `${provider} ${name}`, props.say);
          if (!holds) process.exitCode = 1;
        },
      );
    },
  );
}

function verdict({ problem, sent, events }: Played, title: string, say: ReportStep): boolean {
  const told =
    events.length === 0
      ? "no event, as it must be"
      : `${events.length === 1 ? "one event" : `${events.length} events`} (${events.join(", ")})`;
  const text = problem ?? `${title}: ${sent} sent, ${told}`;
  say(problem === null ? "passed" : "failed", text, { passed: problem === null, sent, events });
  return problem === null;
}

function chaosVerdict(trials: Trial[], say: ReportStep): boolean {
  const broken = trials.filter(({ outcome }) => outcome === "broken");
  const words = trials.map(trial =>
    trial.outcome === "not tried"
      ? `${trial.kind}: not tried (${trial.why})`
      : `${trial.kind}: ${trial.played.sent} sent, told ${trial.played.events.join(", ") || "nothing"}${trial.outcome === "broken" ? `, BROKEN: ${trial.played.problem}` : ""}`,
  );
  const text = `${words.join("; ")}. ${broken.length === 0 ? "One event for each change, whatever happened." : ""}`;
  say(broken.length === 0 ? "passed" : "failed", text.trim(), { passed: broken.length === 0, trials });
  return broken.length === 0;
}

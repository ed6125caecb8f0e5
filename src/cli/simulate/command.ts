import { Command } from "commander";
import type { Provider } from "../../providers/provider.ts";
import { providers } from "../../providers/registry.ts";
import { playChaos, type Trial } from "../../simulator/play/chaos.ts";
import { type Played, play, undisturbed } from "../../simulator/play/play.ts";
import type { ReportStep } from "../../simulator/play/report.ts";
import type { Scenario } from "../../simulator/play/scenario.ts";
import { prepareSetup } from "../../simulator/play/setup.ts";
import type { ProviderSimulator } from "../../simulator/provider-simulator.ts";
import { connectApi } from "../connect-api.ts";
import { printJson, printLine } from "../print.ts";
import { tableOf } from "../table.ts";
import { withResource } from "../with-resource.ts";
import { ensureNoWorker } from "./ensure-no-worker.ts";
import { managementApi } from "./management-api.ts";
import { stepReporter } from "./report.ts";

type SimulateOptions = { chaos?: boolean; json?: boolean };

/**
 * `hakika simulate`: sends a realistic callback and follows it to the merchant, which proves that everything between
 * works.
 */
export function simulateCommand(): Command {
  const simulated = [...providers.values()].filter(provider => provider.simulator !== undefined);
  const ids = simulated.map(provider => provider.id).join(", ");
  const command = new Command("simulate")
    .description(
      "sends what a provider would send, and follows it to the merchant (without arguments: lists the scenarios)",
    )
    .argument("[provider]", ids)
    .argument("[scenario]", "one of those that are listed without arguments")
    .option("--chaos", "the same again duplicated, reordered, late, lost and forged")
    .option("--json", "print JSON: a line for each step")
    .addHelpText(
      "after",
      "\nExamples:\n  hakika simulate daraja stk-success\n  hakika simulate kyanda payout-success --chaos",
    );
  const usageError = (message: string, about: string): never =>
    command.error(`error: ${message}`, { exitCode: 2, code: `commander.${about}` });

  return command.action(async (id: string | undefined, name: string | undefined, options: SimulateOptions) => {
    const provider = simulated.find(each => each.id === id);
    if (id !== undefined && !provider) return usageError(`no provider ${id}: there are ${ids}`, "provider");
    if (!provider || name === undefined) return await list(provider ? [provider] : simulated, options.json === true);
    const simulator = await provider.simulator!();
    const { scenarios } = simulator;
    const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
    if (!scenario) {
      const known = Object.keys(scenarios).join(", ");
      return usageError(`${id} has no scenario ${name}: it has ${known}`, "scenario");
    }
    if (options.chaos && scenario.by === "ussd") {
      return usageError("--chaos is for callbacks, and this is a conversation", "chaos");
    }
    await simulate(provider, simulator, name, scenario, options);
  });
}

async function list(simulated: Provider[], json: boolean): Promise<void> {
  const simulators = await Promise.all(simulated.map(async ({ id, simulator }) => ({ id, ...(await simulator!()) })));
  const rows = simulators.flatMap(({ id, scenarios }) =>
    Object.entries(scenarios).map(([name, { channel, means, events }]) => ({
      provider: id,
      name,
      channel,
      means,
      events,
    })),
  );
  if (json) return printJson(rows);
  printLine(
    tableOf(rows, [
      { heading: "PROVIDER", of: row => row.provider },
      { heading: "SCENARIO", of: row => row.name },
      { heading: "CHANNEL", of: row => row.channel },
      { heading: "WHAT HAPPENS", of: row => row.means },
    ]),
  );
  printLine("\nhakika simulate <provider> <scenario> [--chaos]");
}

async function simulate(
  provider: Provider,
  simulator: ProviderSimulator,
  name: string,
  scenario: Scenario,
  options: SimulateOptions,
): Promise<void> {
  const json = options.json === true;
  const report = stepReporter(json, performance.now());
  await withResource(
    () => connectApi(ensureNoWorker),
    async client => {
      const where = client.startedHere
        ? `no server runs: one was started in this process at ${client.url}`
        : `the server at ${client.url}`;
      report("ready", where, { url: client.url, own: client.startedHere });
      const api = managementApi(client);
      await withResource(
        () => prepareSetup(api, provider.id, scenario),
        async setup => {
          const { merchantId, connection, merchant } = setup;
          const ids = { merchant_id: merchantId, connection_id: connection.id };
          report("setup", `${merchantId}, ${connection.id} (sandbox), events to ${merchant.url}`, ids);
          if (setup.productionOnly.length > 0) report("note", productionOnlyText(setup.productionOnly));
          const input = { api, setup, simulator, scenario, report: stepReporter(json, performance.now()) };
          const passed = options.chaos
            ? reportTrials(await playChaos(input), input.report)
            : reportPlayed(await play(input, undisturbed), `${provider.id} ${name}`, input.report);
          if (!passed) process.exitCode = 1;
        },
      );
    },
  );
}

function productionOnlyText(endpointIds: string[]): string {
  const names = endpointIds.join(", ");
  return `${names}: takes production events alone, so nothing of this; PATCH its environment to sandbox or any`;
}

function reportPlayed({ problem, sent, events }: Played, title: string, report: ReportStep): boolean {
  const count = events.length === 1 ? "one event" : `${events.length} events`;
  const received = events.length === 0 ? "no event, as expected" : `${count} (${events.join(", ")})`;
  const text = problem ?? `${title}: ${sent} sent, ${received}`;
  report(problem === null ? "passed" : "failed", text, { passed: problem === null, sent, events });
  return problem === null;
}

function reportTrials(trials: Trial[], report: ReportStep): boolean {
  const passed = trials.every(({ outcome }) => outcome !== "broken");
  const conclusion = passed ? "One event for each change, under every disturbance." : "";
  const text = `${trials.map(trialText).join("; ")}. ${conclusion}`;
  report(passed ? "passed" : "failed", text.trim(), { passed, trials });
  return passed;
}

function trialText(trial: Trial): string {
  if (trial.outcome === "not tried") return `${trial.kind}: not tried (${trial.why})`;
  const { sent, events, problem } = trial.played;
  const broken = trial.outcome === "broken" ? `, BROKEN: ${problem}` : "";
  return `${trial.kind}: ${sent} sent, events ${events.join(", ") || "none"}${broken}`;
}

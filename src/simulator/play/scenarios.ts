import { africasTalkingScenarios } from "../../providers/africastalking/simulator/scenarios.ts";
import { codianScenarios } from "../../providers/codian/simulator/scenarios.ts";
import { darajaScenarios } from "../../providers/daraja/simulator/scenarios.ts";
import { kodipayScenarios } from "../../providers/kodipay/simulator/scenarios.ts";
import { kyandaScenarios } from "../../providers/kyanda/simulator/scenarios.ts";
import type { Scenario } from "./scenario.ts";

/** What can be simulated, by provider: for each of its channels at least one that goes well and one that does not. */
export const scenarios: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = {
  daraja: darajaScenarios,
  codian: codianScenarios,
  kyanda: kyandaScenarios,
  africastalking: africasTalkingScenarios,
  kodipay: kodipayScenarios,
};

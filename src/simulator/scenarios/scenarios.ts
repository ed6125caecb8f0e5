import { africasTalkingScenarios } from "./africastalking.ts";
import { codianScenarios } from "./codian.ts";
import { darajaScenarios } from "./daraja.ts";
import { kodipayScenarios } from "./kodipay.ts";
import { kyandaScenarios } from "./kyanda.ts";
import type { Scenario } from "./scenario.ts";

/** What can be simulated, by provider: for each of its channels at least one that goes well and one that does not. */
export const scenarios: Readonly<Record<string, Readonly<Record<string, Scenario>>>> = {
  daraja: darajaScenarios,
  codian: codianScenarios,
  kyanda: kyandaScenarios,
  africastalking: africasTalkingScenarios,
  kodipay: kodipayScenarios,
};

import type { ProviderSimulator } from "../../../simulator/provider-simulator.ts";
import { africasTalkingScenarios } from "./scenarios.ts";
import { simulateAfricasTalking } from "./server.ts";
import { ussdGateway } from "./ussd-gateway.ts";

export const simulator: ProviderSimulator = {
  async open() {
    const { url, ledger, close } = await simulateAfricasTalking();
    return {
      url,
      credentials: { username: "sandbox", api_key: "api-key" },
      enter: (id, { amount, phone }) =>
        ledger.add(id, { outcome: "completed", steps: [], value: `KES ${amount}`, phone: `+${phone}` }),
      close,
    };
  },
  scenarios: africasTalkingScenarios,
  ussd: ussdGateway,
};

import type { ProviderSimulator } from "../../../simulator/provider-simulator.ts";
import { kodipayScenarios } from "./scenarios.ts";
import { simulateKodipay } from "./server.ts";

export const simulator: ProviderSimulator = {
  async open() {
    const { url, ledger, close } = await simulateKodipay();
    return {
      url,
      credentials: { client_id: "client", client_secret: "client-secret" },
      enter: (id, { amount }) => ledger.add(id, { outcome: "completed", steps: [], amount, currency: "USD" }),
      close,
    };
  },
  scenarios: kodipayScenarios,
};

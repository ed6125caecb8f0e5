import type { ProviderSimulator } from "../../../simulator/provider-simulator.ts";
import { kyandaScenarios } from "./scenarios.ts";
import { simulateKyanda } from "./server.ts";
import { ussdGateway } from "./ussd-gateway.ts";

export const simulator: ProviderSimulator = {
  async open() {
    const { url, ledger, close } = await simulateKyanda();
    return {
      url,
      credentials: { merchant_id: "MERCHANT", api_key: "api-key" },
      enter: (id, { amount, phone, mark }) =>
        ledger.add(id, { outcome: "completed", steps: [], amount, phone, receipt: mark }),
      close,
    };
  },
  scenarios: kyandaScenarios,
  ussd: ussdGateway,
};

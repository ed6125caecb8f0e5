import type { ProviderSimulator } from "../../../simulator/provider-simulator.ts";
import { codianScenarios } from "./scenarios.ts";
import { simulateCodian } from "./server.ts";

export const simulator: ProviderSimulator = {
  async open() {
    const { url, ledger, close } = await simulateCodian();
    return {
      url,
      credentials: { client_id: "client", client_secret: "client-secret", experimental_status: "on" },
      enter: (id, { amount, phone, mark }) =>
        ledger.add(id, { outcome: "completed", steps: [], amount, phone, receipt: mark }),
      close,
    };
  },
  scenarios: codianScenarios,
};

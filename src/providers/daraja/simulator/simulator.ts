import type { ProviderSimulator } from "../../../simulator/provider-simulator.ts";
import { darajaScenarios } from "./scenarios.ts";
import { simulateDaraja } from "./server.ts";

export const simulator: ProviderSimulator = {
  async open() {
    const { url, ledger, close } = await simulateDaraja();
    return {
      url,
      credentials: { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" },
      enter: (id, { amount, phone, mark }) =>
        ledger.add(id, { outcome: "completed", steps: [], amount, phone, receipt: mark }),
      close,
    };
  },
  scenarios: darajaScenarios,
};

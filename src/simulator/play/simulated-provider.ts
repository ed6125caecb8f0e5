import type { ManagementApi } from "../management-api.ts";
import type { ProviderSimulator, SimulatedApi } from "../provider-simulator.ts";

/**
 * Puts a simulated provider behind a connection until it is closed; then the connection is as it was, without
 * credentials.
 */
export async function connectSimulator(
  api: ManagementApi,
  simulator: ProviderSimulator,
  connectionId: string,
): Promise<Pick<SimulatedApi, "enter" | "close">> {
  const { url, credentials, enter, close } = await simulator.open();
  const path = `/v1/connections/${connectionId}`;
  await api.call({ method: "PATCH", path, body: { base_url: url, credentials } });
  return {
    enter,
    async close() {
      await api.send({ method: "PATCH", path, body: { base_url: null, credentials: null } }).catch(() => {});
      await close();
    },
  };
}

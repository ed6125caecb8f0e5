import { callApi } from "../../api-client/call-api.ts";
import type { ApiClient } from "../../api-client/client.ts";
import { simulateAfricasTalking } from "../../providers/africastalking/simulator/server.ts";
import { simulateCodian } from "../../providers/codian/simulator/server.ts";
import { simulateDaraja } from "../../providers/daraja/simulator/server.ts";
import { simulateKodipay } from "../../providers/kodipay/simulator/server.ts";
import { simulateKyanda } from "../../providers/kyanda/simulator/server.ts";
import type { Sample } from "./sample.ts";

/** A provider that can be asked: what it has in its books, while it is there. */
export type SimulatedProvider = { enter(id: string, made: Sample): void; close(): Promise<void> };

type Opened = {
  url: string;
  credentials: Record<string, string>;
  enter(id: string, made: Sample): void;
  close(): Promise<void>;
};

const paid = { outcome: "completed", steps: [] } as const;

/** How each provider is opened; its status call finds what was entered. */
const open: Readonly<Record<string, () => Promise<Opened>>> = {
  async daraja() {
    const { url, ledger, close } = await simulateDaraja();
    const credentials = { consumer_key: "key", consumer_secret: "secret", shortcode: "174379", passkey: "passkey" };
    const enter = (id: string, { amount, phone, mark }: Sample) =>
      ledger.add(id, { ...paid, steps: [], amount, phone, receipt: mark });
    return { url, credentials, enter, close };
  },
  async codian() {
    const { url, ledger, close } = await simulateCodian();
    const credentials = { client_id: "client", client_secret: "client-secret", experimental_status: "on" };
    const enter = (id: string, { amount, phone, mark }: Sample) =>
      ledger.add(id, { ...paid, steps: [], amount, phone, receipt: mark });
    return { url, credentials, enter, close };
  },
  async kyanda() {
    const { url, ledger, close } = await simulateKyanda();
    const credentials = { merchant_id: "MERCHANT", api_key: "api-key" };
    const enter = (id: string, { amount, phone, mark }: Sample) =>
      ledger.add(id, { ...paid, steps: [], amount, phone, receipt: mark });
    return { url, credentials, enter, close };
  },
  async africastalking() {
    const { url, ledger, close } = await simulateAfricasTalking();
    const credentials = { username: "sandbox", api_key: "api-key" };
    const enter = (id: string, { amount, phone }: Sample) =>
      ledger.add(id, { ...paid, steps: [], value: `KES ${amount}`, phone: `+${phone}` });
    return { url, credentials, enter, close };
  },
  async kodipay() {
    const { url, ledger, close } = await simulateKodipay();
    const credentials = { client_id: "client", client_secret: "client-secret" };
    const enter = (id: string, { amount }: Sample) => ledger.add(id, { ...paid, steps: [], amount, currency: "USD" });
    return { url, credentials, enter, close };
  },
};

/** Puts a simulated provider behind a connection, until closed: then the connection is as it was, and asks nobody. */
export async function openSimulatedProvider(
  api: ApiClient,
  provider: string,
  connectionId: string,
): Promise<SimulatedProvider> {
  const { url, credentials, enter, close } = await open[provider]!();
  const path = `/v1/connections/${connectionId}`;
  await callApi(api, { method: "PATCH", path, body: { base_url: url, credentials } });
  return {
    enter,
    async close() {
      await api.send({ method: "PATCH", path, body: { base_url: null, credentials: null } }).catch(() => {});
      await close();
    },
  };
}

import { isDeepStrictEqual } from "node:util";
import type { ListAnswer, ManagementApi } from "../management-api.ts";
import { type MerchantServer, startMerchant } from "./merchant-server.ts";
import type { Scenario } from "./scenario.ts";

type MerchantJson = { id: string; name: string };
type ConnectionJson = {
  id: string;
  name: string;
  callback_urls: Record<string, string>;
  settings: Record<string, unknown>;
};
type EndpointJson = { id: string; environment: string; description: string | null; created_at: string };

/** What a simulation plays on: a merchant, a connection, and an endpoint that leads to this process. */
export type Setup = {
  merchantId: string;
  connection: ConnectionJson;
  merchant: MerchantServer;
  endpointId: string;
  /** Other endpoints of the merchant that take no sandbox events, and so get nothing of a simulation. */
  productionOnly: string[];
  close(): Promise<void>;
};

const merchantName = "Simulation";
const endpointDescription = "hakika simulate";
const pagesMax = 5;
/** An endpoint of that age was left behind by a simulation that was killed. */
const leftBehindMs = 10 * 60_000;

/** Makes the merchant and the connection, or uses those of an earlier simulation. Closing deletes the endpoint only. */
export async function prepareSetup(api: ManagementApi, provider: string, scenario: Scenario): Promise<Setup> {
  const merchantId =
    (await findMerchant(api)) ?? (await create<MerchantJson>(api, "/v1/merchants", { name: merchantName })).id;
  const connection = await connectionFor(api, merchantId, provider, scenario);
  const others = await removeLeftBehind(api, merchantId);
  let secret = "";
  const merchant = await startMerchant(() => secret);
  try {
    const endpoint = await createEndpoint(api, merchantId, merchant.url);
    secret = endpoint.secret;
    return {
      merchantId,
      connection,
      merchant,
      endpointId: endpoint.id,
      productionOnly: others.filter(({ environment }) => environment === "production").map(({ id }) => id),
      async close() {
        await api.send({ method: "DELETE", path: `/v1/endpoints/${endpoint.id}` }).catch(() => {});
        await merchant.close();
      },
    };
  } catch (error) {
    await merchant.close();
    throw error;
  }
}

async function findMerchant(api: ManagementApi): Promise<string | null> {
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const query = { limit: "200", cursor };
    const { data, next_cursor } = await api.call<ListAnswer<MerchantJson>>({
      method: "GET",
      path: "/v1/merchants",
      query,
    });
    const found = data.find(({ name }) => name === merchantName);
    if (found) return found.id;
    if (next_cursor === null) return null;
    cursor = next_cursor;
  }
  return null;
}

async function connectionFor(
  api: ManagementApi,
  merchantId: string,
  provider: string,
  scenario: Scenario,
): Promise<ConnectionJson> {
  const name = `${merchantName} ${provider}`;
  const query = { merchant_id: merchantId, provider, limit: "200" };
  const { data } = await api.call<ListAnswer<ConnectionJson>>({ method: "GET", path: "/v1/connections", query });
  const settings = scenario.settings ?? {};
  const known = data.find(each => each.name === name);
  if (!known) {
    const body = { merchant_id: merchantId, provider, name, environment: "sandbox", settings };
    return create<ConnectionJson>(api, "/v1/connections", body);
  }
  if (isDeepStrictEqual({ ...known.settings, ...settings }, known.settings)) return known;
  return api.call<ConnectionJson>({ method: "PATCH", path: `/v1/connections/${known.id}`, body: { settings } });
}

async function createEndpoint(
  api: ManagementApi,
  merchantId: string,
  url: string,
): Promise<{ id: string; secret: string }> {
  try {
    return await create(api, "/v1/endpoints", {
      merchant_id: merchantId,
      url,
      environment: "sandbox",
      description: endpointDescription,
    });
  } catch (error) {
    if ((error as { status?: unknown }).status !== 422) throw error;
    throw new Error(
      [
        `the server at ${api.url} may not send events to this machine's loopback, where the simulated merchant ` +
          `listens (${url}).`,
        "Either start it with HAKIKA_EGRESS_ALLOW=127.0.0.0/8 (only where it serves nothing but simulations),",
        "or stop it: with no server running, simulate starts one in its own process, which may.",
        `The server answered: ${(error as Error).message}`,
      ].join("\n"),
    );
  }
}

/** Deletes the endpoints of simulations that were killed; resolves to the merchant's other endpoints. */
async function removeLeftBehind(api: ManagementApi, merchantId: string): Promise<EndpointJson[]> {
  const query = { merchant_id: merchantId, limit: "200" };
  const { data } = await api.call<ListAnswer<EndpointJson>>({ method: "GET", path: "/v1/endpoints", query });
  const old = data.filter(
    e => e.description === endpointDescription && Date.now() - Date.parse(e.created_at) > leftBehindMs,
  );
  for (const { id } of old) await api.send({ method: "DELETE", path: `/v1/endpoints/${id}` });
  return data.filter(each => !old.includes(each));
}

function create<T>(api: ManagementApi, path: string, body: object): Promise<T> {
  return api.call<T>({ method: "POST", path, body });
}

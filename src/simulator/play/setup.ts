import { isDeepStrictEqual } from "node:util";
import { ApiRefusal, callApi } from "../../api-client/call-api.ts";
import type { ApiClient, ApiPage } from "../../api-client/client.ts";
import { type MerchantServer, startMerchant } from "./merchant-server.ts";
import type { Scenario } from "./scenario.ts";

type Merchant = { id: string; name: string };
type Connection = {
  id: string;
  name: string;
  callback_urls: Record<string, string>;
  settings: Record<string, unknown>;
};
type Endpoint = { id: string; description: string | null; created_at: string };

/** What a simulation plays on: a merchant of its own, a connection, and an endpoint that leads to this process. */
export type Setup = {
  merchantId: string;
  connection: Connection;
  merchant: MerchantServer;
  endpointId: string;
  close(): Promise<void>;
};

const merchantName = "Simulation";
const endpointMark = "hakika simulate";
const pagesMax = 5;
/** An endpoint this old was left behind by a simulation that was killed. */
const leftBehindMs = 10 * 60_000;

/** Makes the stage, or takes up what an earlier simulation left: the merchant and the connection stay, the endpoint goes. */
export async function prepareSetup(api: ApiClient, provider: string, scenario: Scenario): Promise<Setup> {
  const merchantId =
    (await findMerchant(api)) ?? (await create<Merchant>(api, "/v1/merchants", { name: merchantName })).id;
  const connection = await connectionFor(api, merchantId, provider, scenario);
  await removeLeftBehind(api, merchantId);
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

async function findMerchant(api: ApiClient): Promise<string | null> {
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { data, next_cursor } = await callApi<ApiPage<Merchant>>(api, {
      method: "GET",
      path: "/v1/merchants",
      query: { limit: "200", cursor },
    });
    const found = data.find(({ name }) => name === merchantName);
    if (found) return found.id;
    if (next_cursor === null) return null;
    cursor = next_cursor;
  }
  return null;
}

async function connectionFor(
  api: ApiClient,
  merchantId: string,
  provider: string,
  scenario: Scenario,
): Promise<Connection> {
  const name = `${merchantName} ${provider}`;
  const { data } = await callApi<ApiPage<Connection>>(api, {
    method: "GET",
    path: "/v1/connections",
    query: { merchant_id: merchantId, provider, limit: "200" },
  });
  const settings = scenario.settings ?? {};
  const known = data.find(each => each.name === name);
  if (!known) {
    const body = { merchant_id: merchantId, provider, name, environment: "sandbox", settings };
    return create<Connection>(api, "/v1/connections", body);
  }
  if (isDeepStrictEqual({ ...known.settings, ...settings }, known.settings)) return known;
  return callApi<Connection>(api, { method: "PATCH", path: `/v1/connections/${known.id}`, body: { settings } });
}

async function createEndpoint(
  api: ApiClient,
  merchantId: string,
  url: string,
): Promise<{ id: string; secret: string }> {
  try {
    return await create(api, "/v1/endpoints", { merchant_id: merchantId, url, description: endpointMark });
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.status !== 422) throw error;
    throw new Error(
      [
        `the server at ${api.url} may not send events to this machine's loopback, where the simulated merchant listens (${url}).`,
        "Either start it with HAKIKA_EGRESS_ALLOW=127.0.0.0/8 (where nothing but trials runs),",
        "or stop it: with no server running, simulate starts one in its own process, which may.",
        `What it said: ${error.message}`,
      ].join("\n"),
    );
  }
}

async function removeLeftBehind(api: ApiClient, merchantId: string): Promise<void> {
  const { data } = await callApi<ApiPage<Endpoint>>(api, {
    method: "GET",
    path: "/v1/endpoints",
    query: { merchant_id: merchantId, limit: "200" },
  });
  const old = data.filter(e => e.description === endpointMark && Date.now() - Date.parse(e.created_at) > leftBehindMs);
  for (const { id } of old) await api.send({ method: "DELETE", path: `/v1/endpoints/${id}` });
}

function create<T>(api: ApiClient, path: string, body: object): Promise<T> {
  return callApi<T>(api, { method: "POST", path, body });
}

import { expect } from "vitest";
import { adminKey, api, type Json, newConnection, request } from "../support/hakika.ts";
import { shopBundle } from "../support/shop-bundle.ts";

/** A program with a shop, and the calls with which tests start transactions at a simulated provider. */
export function startBundle() {
  const bundle = shopBundle();
  let count = 0;

  const call = (method: string, path: string, body?: unknown): Promise<Json> => api(bundle.hakika, method, path, body);

  async function connect(connection: Record<string, unknown>): Promise<Json> {
    return await newConnection(bundle.hakika, bundle.shop.merchantId, connection);
  }

  /** Starts a transaction under a key of its own, unless one is given. */
  async function start(path: string, body: Record<string, unknown>, key?: string) {
    count += 1;
    const headers = { authorization: `Bearer ${adminKey}`, "idempotency-key": key ?? `key-${count}` };
    return await request("POST", `${bundle.hakika.url}/v1/${path}`, body, headers);
  }

  /** The event of this type about a transaction, once the merchant has it. */
  async function told(id: string, type: string): Promise<Json> {
    const isIt = (event: Json) => event.type === type && event.data.transaction?.id === id;
    return (await bundle.shop.merchant.until(events => events.some(isIt))).find(isIt)!.data.transaction;
  }

  /** Polls until the transaction has the status: an answer may come by callback. */
  async function polled(id: string, status: string): Promise<Json> {
    const ask = async () => {
      const { status: code } = await request("POST", `${bundle.hakika.url}/v1/transactions/${id}/poll`, undefined, {
        authorization: `Bearer ${adminKey}`,
      });
      expect(code).toBeLessThan(500);
      return (await call("GET", `/v1/transactions/${id}`)).status;
    };
    await expect.poll(ask, { timeout: 15_000, interval: 200 }).toBe(status);
    return await call("GET", `/v1/transactions/${id}`);
  }

  return { bundle, call, connect, start, told, polled };
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "../../src/providers/provider.ts";
import { newSample, type Sample } from "../../src/simulator/play/sample.ts";
import type { CallbackScenario, ScenarioCallback } from "../../src/simulator/play/scenario.ts";
import { type SimulatedCallback, sendCallback } from "../../src/simulator/post-callback.ts";
import type { SimulatedApi } from "../../src/simulator/provider-simulator.ts";
import { api, callbacksOf, type Json } from "../support/hakika.ts";
import { type Started, startWith } from "./invented/start.ts";

/** How a provider is followed from its callback to the merchant's event. */
type WholeWay = {
  /** Of the provider's simulator: one that is registered, goes well, and can be polled. */
  scenario: string;
  /** Signs a callback as the provider does, with the simulator's credentials; left out where nothing is signed. */
  sign?(callback: SimulatedCallback): SimulatedCallback;
  settings?: Record<string, unknown>;
  /** The channels whose URLs the provider takes by a call. */
  registers?: string[];
  /** Another callback about the sample's payment, which has to be told as the same payment. */
  alsoTold?(sample: Sample): ScenarioCallback;
  /** Of a provider that tells of disputes: a dispute of the sample's payment, and reminders of it. */
  disputes?(sample: Sample): SimulatedCallback[];
};

const wait = { timeout: 20_000 };

/** The behaviours that every provider has, through the real rooms over HTTP. */
export function wholeWay(
  provider: Provider,
  { scenario: name, sign, settings = {}, registers, alsoTold, disputes }: WholeWay,
): void {
  describe(`${provider.name}, from the callback to the event`, () => {
    let scenario: CallbackScenario;
    let simulated: SimulatedApi;
    let started: Started;

    beforeAll(async () => {
      const simulator = await provider.simulator!();
      scenario = simulator.scenarios[name] as CallbackScenario;
      simulated = await simulator.open();
      const { url, credentials } = simulated;
      started = await startWith(provider, { base_url: url, credentials, settings });
    });

    afterAll(async () => {
      await started.stop();
      await simulated.close();
    });

    const register = (sample: Sample): Promise<Json> =>
      api(started.hakika, "POST", "/v1/transactions", {
        connection_id: started.shop.connection.id,
        ...scenario.registration!(sample),
      });
    const transaction = (id: string): Promise<Json> => api(started.hakika, "GET", `/v1/transactions/${id}`);
    const kept = (sample: Sample): Promise<Json[]> =>
      callbacksOf(started.hakika, started.shop.connection.id).then(all =>
        all.filter(({ id }: { id: string }) => idsOf.get(sample)?.has(id) ?? false),
      );
    const idsOf = new Map<Sample, Set<string>>();

    /** Sends the scenario's callbacks, and resolves to the HTTP statuses of the answers. */
    async function send(sample: Sample, change = sign ?? ((callback: SimulatedCallback) => callback)) {
      const before = new Set((await callbacksOf(started.hakika, started.shop.connection.id)).map(({ id }) => id));
      const statuses: number[] = [];
      for (const { channel, callback } of scenario.callbacks(sample)) {
        statuses.push((await sendCallback(started.shop.connection.callback_urls[channel]!, change(callback))).status);
      }
      const fresh = (await callbacksOf(started.hakika, started.shop.connection.id)).filter(({ id }) => !before.has(id));
      idsOf.set(sample, new Set([...(idsOf.get(sample) ?? []), ...fresh.map(({ id }) => id as string)]));
      return statuses;
    }

    const heardOf = (sample: Sample) =>
      [...started.shop.merchant.events.values()].filter(({ data }) => data.transaction?.reference === sample.mark);
    const typesOf = (sample: Sample) => heardOf(sample).map(({ type }) => type);
    const settled = (sample: Sample) =>
      started.shop.merchant.until(() => scenario.events.every(type => typesOf(sample).includes(type)));
    const isRead = (sample: Sample) =>
      expect.poll(async () => (await kept(sample)).map(({ state }) => state), wait).not.toContain("pending");
    const enter = (sample: Sample, outcome: "completed" | "pending") =>
      simulated.enter(scenario.polledBy!(sample), sample, outcome);

    const sampled = newSample(new Date());

    test.runIf(registers)("its callback URLs are registered by a call", async () => {
      const { id, callback_urls } = started.shop.connection;
      const { registered } = await api(started.hakika, "POST", `/v1/connections/${id}/register`);
      expect(registered).toEqual(Object.fromEntries(registers!.map(name => [name, callback_urls[name]])));
    });

    test("a callback becomes the merchant's signed event", async () => {
      enter(sampled, "completed");
      const { id } = await register(sampled);
      for (const status of await send(sampled)) expect(status).toBe(200);
      await settled(sampled);
      expect(typesOf(sampled)).toEqual(scenario.events);
      expect(heardOf(sampled)[0]!.data.transaction).toMatchObject({ id, registered: true, review: null });
      expect(started.shop.merchant.wrongs).toEqual([]);
    });

    test("its replay is counted and says nothing more", async () => {
      const [before] = await kept(sampled);
      await send(sampled);
      await expect.poll(async () => (await kept(sampled))[0]?.copies, wait).toBe(before.copies + 1);
      await isRead(sampled);
      expect(typesOf(sampled)).toEqual(scenario.events);
    });

    test.runIf(alsoTold)("another callback about the same payment says nothing more", async () => {
      const [{ transaction_ids: ids }] = await kept(sampled);
      const { channel, callback } = alsoTold!(sampled);
      const url = started.shop.connection.callback_urls[channel]!;
      expect((await sendCallback(url, sign!(callback))).status).toBe(200);
      const read = async () => (await callbacksOf(started.hakika, started.shop.connection.id))[0];
      await expect.poll(async () => (await read()).state, wait).toBe("processed");
      expect((await read()).transaction_ids).toEqual(ids);
      expect(typesOf(sampled)).toEqual(scenario.events);
    });

    test.runIf(disputes)("a dispute asks for a review once, and changes no status", async () => {
      const [{ transaction_ids: ids }] = await kept(sampled);
      for (const callback of disputes!(sampled)) {
        const url = Object.values(started.shop.connection.callback_urls)[0]!;
        expect((await sendCallback(url, sign!(callback))).status).toBe(200);
        await expect.poll(async () => (await transaction(ids[0])).review?.reason, wait).toBe("conflict");
      }
      const isUnread = async () =>
        (await callbacksOf(started.hakika, started.shop.connection.id)).some(({ state }) => state === "pending");
      await expect.poll(isUnread, wait).toBe(false);
      await started.shop.merchant.until(() => typesOf(sampled).includes("transaction.review_required"));
      expect(typesOf(sampled)).toEqual([...scenario.events, "transaction.review_required"]);
      const { status, details } = await transaction(ids[0]);
      expect([status, details]).toEqual(["completed", expect.objectContaining({ dispute_reason: "fraud" })]);
    });

    test("a lost callback is made good by a poll", async () => {
      const sample = newSample(new Date());
      enter(sample, "completed");
      const { id } = await register(sample);
      const polled = await api(started.hakika, "POST", `/v1/transactions/${id}/poll`);
      expect(polled).toMatchObject({ status: "completed", status_source: "poll", review: null });
      await settled(sample);
      expect(typesOf(sample)).toEqual(scenario.events);
    });

    test("a forged callback settles nothing", async () => {
      const sample = newSample(new Date());
      enter(sample, "pending");
      const { id } = await register(sample);
      const signedOther = sign?.(scenario.callbacks(newSample(new Date()))[0]!.callback);
      const forgeries: ((callback: SimulatedCallback) => SimulatedCallback)[] = [
        callback => callback,
        ...(signedOther ? [(callback: SimulatedCallback) => ({ ...signedOther, body: callback.body })] : []),
      ];
      const isRefused = sign !== undefined && provider.withoutProof !== "poll";
      for (const [at, forge] of forgeries.entries()) {
        const expected = isRefused || at > 0 ? 401 : 200;
        for (const status of await send(sample, forge)) expect(status).toBe(expected);
      }
      await isRead(sample);
      const polled = await api(started.hakika, "POST", `/v1/transactions/${id}/poll`);
      expect(["pending", "processing"]).toContain(polled.status);
      expect(typesOf(sample).filter(type => scenario.events.includes(type))).toEqual([]);
    });

    test("a callback that comes before its registration waits for it", async () => {
      const sample = newSample(new Date());
      enter(sample, "completed");
      await send(sample);
      await isRead(sample);
      const { id } = await register(sample);
      await settled(sample);
      await expect.poll(async () => (await transaction(id)).registered, wait).toBe(true);
      expect(await transaction(id)).toMatchObject({ status: "completed", review: null });
      expect(typesOf(sample).filter(type => scenario.events.includes(type))).toEqual(scenario.events);
    });
  });
}

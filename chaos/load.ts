import { setTimeout as pause } from "node:timers/promises";
import { darajaStkCallback } from "../src/providers/daraja/simulator/callbacks.ts";
import { sendCallback } from "../src/simulator/post-callback.ts";
import { callApi } from "./api.ts";
import type { Payment } from "./judge.ts";
import { receivers } from "./plan.ts";
import type { Connection, World } from "./world.ts";

/** What happens to callbacks now. */
export type CallbackWeather = "well" | "duplicated" | "reordered" | "lost" | "forged";

export type Load = {
  payments: Payment[];
  weather: CallbackWeather;
  /** Makes no new payments; resolves once those under way are registered, and asked about no more. */
  stop(): Promise<void>;
};

const everyMs = 150;
const againMs = 250;
/** So often a provider sends a callback that is not answered 200. */
const callbackTriesMax = 8;
const reconcileEveryMs = 3_000;
/** Registrations that no receiver takes are repeated for so long after the load. */
const registerMaxMs = 60_000;

/**
 * Makes payments at a steady rate, in turns at the two connections and the two receivers: each is registered until
 * that is answered, and its callback sent as a provider would.
 */
export function startLoad(world: World, seed: number): Load {
  const { connections, programs, adminKey } = world;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const load: Load = {
    payments: [],
    weather: "well",
    async stop() {
      stopping.abort();
      clearInterval(reconciling);
      await making;
      await Promise.all(running);
    },
  };
  const urlOf = (turn: number) => programs[receivers[turn % receivers.length]!].url;
  const callTurn = (turn: number, path: string, body: object) => callApi(urlOf(turn), adminKey, "POST", path, body);

  async function register(payment: Payment, { id }: Connection, turn: number): Promise<void> {
    const body = {
      ...{ connection_id: id, kind: "stk_push", amount: "50.00", currency: "KES" },
      provider_refs: { checkout_request_id: payment.checkoutId },
    };
    const giveUpMs = performance.now() + registerMaxMs;
    for (let tries = turn; performance.now() < giveUpMs; tries += 1) {
      try {
        await callTurn(tries, "/v1/transactions", body);
        payment.registered = true;
        return;
      } catch {
        await pause(againMs);
      }
    }
  }

  async function send(payment: Payment, connection: Connection, turn: number): Promise<void> {
    const entry = { outcome: "completed" as const, steps: [], amount: "50.00", phone: "254711330021", receipt: "" };
    const receipt = `SC${payment.checkoutId.split("_").at(-1)!.padStart(8, "0")}`;
    const callback = darajaStkCallback(payment.checkoutId, { ...entry, receipt }, "completed", new Date());
    for (let tries = 0; tries < callbackTriesMax; tries += 1) {
      const { status } = await sendCallback(urlOf(turn + tries) + connection.callbackUrl, callback, 10_000);
      if (status === 200) payment.called = true;
      if (status === 200) return;
      await pause(againMs * (tries + 1));
    }
  }

  async function pay(turn: number): Promise<void> {
    const connection = connections[turn % connections.length]!;
    const { weather } = load;
    // What a stranger says of a connection whose callbacks settle by themselves is believed: its URL is the secret.
    const isForged = weather === "forged" && connection.name === "B";
    const payment = { checkoutId: `ws_CO_${seed}_${turn}`, registered: false, called: false, forged: isForged };
    load.payments.push(payment);
    if (isForged) return send(payment, connection, turn);
    const receipt = `SC${String(turn).padStart(8, "0")}`;
    const entry = { outcome: "completed" as const, steps: [], amount: "50.00", phone: "254711330021", receipt };
    connection.daraja.ledger.add(payment.checkoutId, entry);
    if (weather === "reordered") {
      await send(payment, connection, turn);
      return register(payment, connection, turn);
    }
    await register(payment, connection, turn);
    if (weather === "lost") return;
    const copies = weather === "duplicated" ? [0, 1, 2] : [0];
    await Promise.all(copies.map(copy => send(payment, connection, turn + copy)));
  }

  async function make(): Promise<void> {
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const paying = pay(turn).finally(() => running.delete(paying));
      running.add(paying);
      await pause(everyMs);
    }
  }

  const making = make();
  let passes = 0;
  const reconciling = setInterval(() => {
    void callTurn(passes++, "/v1/reconcile", {}).catch(() => {});
  }, reconcileEveryMs);
  return load;
}

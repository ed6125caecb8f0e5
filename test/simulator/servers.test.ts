import { describe, expect, onTestFinished, test } from "vitest";
import type { Kind, ProviderRefs } from "../../src/domain/kinds.ts";
import { simulateAfricasTalking } from "../../src/providers/africastalking/simulator/server.ts";
import type { CallContext, Send } from "../../src/providers/call.ts";
import { simulateCodian } from "../../src/providers/codian/simulator/server.ts";
import { simulateDaraja } from "../../src/providers/daraja/simulator/server.ts";
import { simulateKodipay } from "../../src/providers/kodipay/simulator/server.ts";
import { simulateKyanda } from "../../src/providers/kyanda/simulator/server.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import type { ScriptOutcome, ScriptStep } from "../../src/simulator/script.ts";
import type { SimulatedServer } from "../../src/simulator/server.ts";
import { accountOf, questionOf, sendTo } from "../providers/poll-over-http.ts";

/** A simulated provider with one transaction, and how Hakika asks about it. */
type Scene = {
  server: SimulatedServer & {
    ledger: { settle(id: string, outcome: ScriptOutcome): void; outage(step: ScriptStep | null): void };
  };
  provider: Provider;
  kind: Kind;
  id: string;
  refs: ProviderRefs;
};
const phone = "254712345678";

/**
 * What asks and is answered in one call; Daraja's transaction status, whose answer comes later, has a test of its own.
 */
const scenes: Record<string, (outcome: ScriptOutcome, steps: ScriptStep[]) => Promise<Scene>> = {
  async daraja(outcome, steps) {
    const server = await simulateDaraja();
    const id = "ws_CO_18102025233026712345678";
    server.ledger.add(id, { outcome, steps, amount: "50", phone, receipt: "TJIKQ7V33N" });
    return { server, provider: providers.get("daraja")!, kind: "stk_push", id, refs: { checkout_request_id: id } };
  },
  async kyanda(outcome, steps) {
    const server = await simulateKyanda();
    const id = "KYAAPI1089772";
    server.ledger.add(id, { outcome, steps, amount: "1500", phone: "0712345678", receipt: "RA124646488" });
    return { server, provider: providers.get("kyanda")!, kind: "mobile_payout", id, refs: { transaction_ref: id } };
  },
  async kodipay(outcome, steps) {
    const server = await simulateKodipay();
    const id = "20260415A7K9P2XM1140";
    server.ledger.add(id, { outcome, steps, amount: "10.50", currency: "USD" });
    return { server, provider: providers.get("kodipay")!, kind: "checkout", id, refs: { order_number: id } };
  },
  async africastalking(outcome, steps) {
    const server = await simulateAfricasTalking();
    const id = "ATQid_b4d9e6a7";
    server.ledger.add(id, { outcome, steps, value: "KES 100.0000", phone: `+${phone}`, nested: true });
    return { server, provider: providers.get("africastalking")!, kind: "airtime", id, refs: { request_id: id } };
  },
  async codian(outcome, steps) {
    const server = await simulateCodian();
    const id = "ws_CO_18102025233026798765432";
    server.ledger.add(id, { outcome, steps, amount: "50", phone, receipt: "TJIKQ7V33M" });
    return { server, provider: providers.get("codian")!, kind: "stk_push", id, refs: { checkout_request_id: id } };
  },
};

/** Asks the question of a scene; each call of the returned function asks once more, over one `send`. */
async function asking(
  name: string,
  outcome: ScriptOutcome,
  steps: ScriptStep[] = [],
  account: CallContext = accountOf(),
) {
  const scene = await scenes[name]!(outcome, steps);
  onTestFinished(scene.server.close);
  const send: Send = sendTo(scene.server.url, scene.provider, account);
  const question = questionOf({ ...account, kind: scene.kind, refs: scene.refs, provisionalSince: new Date(0) });
  return { ...scene, ask: () => scene.provider.status!.poll(question, send) };
}

describe.each(Object.keys(scenes))("simulated %s", name => {
  test("tells the truth, and what changes of it", async () => {
    const { ask, server, id } = await asking(name, "pending");
    expect((await ask()).kind).toBe("not-yet");
    server.ledger.settle(id, "completed");
    expect(await ask()).toMatchObject({ kind: "evidence", findings: [{ says: "completed" }] });
  });

  test("tells of a failure", async () => {
    const { ask } = await asking(name, "failed");
    expect(await ask()).toMatchObject({ kind: "evidence", findings: [{ says: "failed" }] });
  });

  test("follows its script call by call, then tells the truth", async () => {
    const { ask } = await asking(name, "completed", [
      { do: "deny" },
      { do: "say", outcome: "failed" },
      { do: "throttle", retryAfterS: 7 },
      { do: "throttle", as: "spike-arrest" },
      { do: "refuse-token" },
      { do: "break", status: 502 },
      { do: "raw", status: 200, body: "<html></html>" },
      { do: "late", ms: 1, step: { do: "say", outcome: "pending" } },
    ]);
    expect((await ask()).kind).toBe("not-found");
    expect(await ask()).toMatchObject({ kind: "evidence", findings: [{ says: "failed" }] });
    expect(await ask()).toEqual({ kind: "throttled", retryAfterS: 7 });
    expect((await ask()).kind).toBe("throttled");
    expect((await ask()).kind).toBe("credentials-refused");
    expect((await ask()).kind).toBe("unavailable");
    expect((await ask()).kind).toBe("unavailable");
    expect((await ask()).kind).toBe("not-yet");
    expect(await ask()).toMatchObject({ kind: "evidence", findings: [{ says: "completed" }] });
  });

  test("hangs or cuts the connection, and logs that there was no answer", async () => {
    const { ask, server, id } = await asking(name, "completed", [{ do: "cut" }, { do: "hang" }]);
    expect((await ask()).kind).toBe("unavailable");
    const hung = ask();
    const statusCalls = () => server.calls.filter(call => call.what === "status");
    await server.until(() => statusCalls().length === 2);
    expect(statusCalls().map(call => [call.about, call.status])).toEqual([
      [id, null],
      [id, null],
    ]);
    expect(statusCalls()[1]!.endedMs).toBeNull();
    await server.close();
    expect((await hung).kind).toBe("unavailable");
  });

  test("gives every call the outage for as long as there is one", async () => {
    const { ask, server } = await asking(name, "completed", [{ do: "say", outcome: "failed" }]);
    server.ledger.outage({ do: "break", status: 503 });
    expect((await ask()).kind).toBe("unavailable");
    expect((await ask()).kind).toBe("unavailable");
    server.ledger.outage(null);
    expect(await ask()).toMatchObject({ findings: [{ says: "failed" }] });
  });

  test("refuses wrong credentials", async () => {
    const credentials = { consumer_secret: "no", api_key: "no", client_secret: "no" };
    const { ask } = await asking(name, "completed", [], accountOf({ credentials }));
    expect(await ask()).toMatchObject({ kind: "credentials-refused", token: false });
  });
});

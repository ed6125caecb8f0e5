import { expect, test } from "vitest";
import { registerUrls } from "../../src/reconcile/register-urls.ts";
import { reconcileBundle } from "../support/reconcile-bundle.ts";
import { testReconciler } from "../support/test-reconciler.ts";

const bundle = reconcileBundle();
const { addPush, registerPush, backdate, pass } = bundle;

test("regression: a call and its repetition with a new token share one deadline", async () => {
  addPush({ steps: [{ do: "refuse-token" }] });
  await registerPush();
  await backdate(31);
  const { egress } = bundle.reconciler.deps;
  const signals: unknown[] = [];
  const watched = testReconciler(bundle.sql, {
    egress: {
      send(request) {
        if (request.url.endsWith("/mpesa/stkpushquery/v1/query")) signals.push(request.signal);
        return egress.send(request);
      },
    },
  });
  expect(await watched.pass({ connectionId: bundle.connection.id })).toMatchObject({ polled: 1, settled: 1 });
  expect(signals).toHaveLength(2);
  expect(signals[0]).toBeInstanceOf(AbortSignal);
  expect(signals[1]).toBe(signals[0]);
  await watched.close();
});

test("a registration of URLs whose token is refused is repeated with a new token", async () => {
  addPush();
  await registerPush();
  await backdate(31);
  await pass();
  bundle.daraja.tokens.invalidate();
  const callbackUrls = {
    "c2b/confirmation": "https://pay.example.com/in/daraja/abc/c2b/confirmation",
    "c2b/validation": "https://pay.example.com/in/daraja/abc/c2b/validation",
  };
  const { shard, id } = bundle.connection;
  const result = await registerUrls(bundle.reconciler.deps, { shard, connectionId: id, callbackUrls });
  expect(result).toMatchObject({ kind: "registered", urls: callbackUrls });
  expect(bundle.daraja.tokens.issued()).toBe(2);
});

test("the URLs of a provider without a call for it are not registered", async () => {
  const connection = await bundle.connect({ provider: "africastalking", credentials: {} });
  const scope = { shard: connection.shard, connectionId: connection.id, callbackUrls: {} };
  expect(await registerUrls(bundle.reconciler.deps, scope)).toMatchObject({ kind: "unsupported" });
});

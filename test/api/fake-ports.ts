import type { Ports } from "../../src/api/ports.ts";
import type { Sql } from "../../src/database/connect.ts";
import { newUuid } from "../../src/domain/ids.ts";

/** What was asked of another room. */
export type Asked = { port: string; input: unknown };

/** Other rooms as the API sees them: they note what they are asked and answer plainly; tests replace single ones. */
export function fakePorts(_sql: Sql): Ports & { asked: Asked[] } {
  const asked: Asked[] = [];
  const note = (port: string, input: unknown) => {
    asked.push({ port, input });
  };
  return {
    asked,
    async changed() {},
    settle: {
      async register(input) {
        note("register", input);
        return { transactionId: newUuid(input.shard), created: true };
      },
      async resolve(input) {
        note("resolve", input);
      },
      async reprocess(input) {
        note("reprocess", input);
        return "queued";
      },
    },
    async poll(input) {
      note("poll", input);
      return { kind: "polled" };
    },
    deliver: {
      async enqueueTest(input) {
        note("enqueueTest", input);
        return { eventId: newUuid(input.shard), deliveryId: newUuid(input.shard) };
      },
      async retry(input) {
        note("retry", input);
        return "queued";
      },
      async recover(input) {
        note("recover", input);
        return 3;
      },
      async replay(input) {
        note("replay", input);
        return 5;
      },
    },
    async registerUrls(input) {
      note("registerUrls", input);
      return { kind: "registered", urls: input.callbackUrls, detail: "The provider took the URLs." };
    },
    async reconcile(input) {
      note("reconcile", input);
      const at = "2025-10-18T20:30:26.000Z";
      const counts = {
        polled: 0,
        settled: 0,
        pending: 0,
        unresolved: 0,
        errors: 0,
        rate_limited: 0,
        already_running: 0,
      };
      return { started_at: at, finished_at: at, ...counts };
    },
    sessions: {
      async find() {
        return null;
      },
      async page() {
        return [];
      },
    },
  };
}

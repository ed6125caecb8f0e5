import { expect, test } from "vitest";
import { providers } from "../../src/providers/registry.ts";
import { newSample } from "../../src/simulator/play/sample.ts";
import { scenarios } from "../../src/simulator/play/scenarios.ts";
import { openSimulatedProvider } from "../../src/simulator/play/simulated-provider.ts";

const at = new Date("2026-11-20T08:00:00Z");

test("every channel of every provider has a scenario that goes well and one that does not", () => {
  for (const provider of providers.values()) {
    const named = Object.values(scenarios[provider.id] ?? {});
    for (const channel of Object.keys(provider.channels)) {
      const about = named.filter(scenario => scenario.channel === channel);
      expect(about.length, `${provider.id} ${channel}`).toBeGreaterThanOrEqual(2);
      const ends = new Set(
        about.map(s => `${s.events.join()} ${s.by === "callback" ? JSON.stringify(s.answered) + s.ends : s.typed}`),
      );
      expect(ends.size, `${provider.id} ${channel}`).toBeGreaterThanOrEqual(2);
    }
  }
});

test("every posted callback has a channel of the provider, and the mark that identifies it", () => {
  for (const [provider, named] of Object.entries(scenarios)) {
    for (const [name, scenario] of Object.entries(named)) {
      if (scenario.by !== "callback") continue;
      const made = newSample(at);
      for (const { channel, callback } of scenario.posts(made)) {
        expect(providers.get(provider)!.channels[channel], `${provider} ${name}`).toBeDefined();
        expect(callback.body, `${provider} ${name}`).toContain(made.mark);
      }
    }
  }
});

test("two simulated transactions have nothing in common", () => {
  const marks = Array.from({ length: 1000 }, () => newSample(at).mark);
  expect(new Set(marks).size).toBe(1000);
});

test("a connection is restored after a simulation, whatever its provider answered", async () => {
  const patches: unknown[] = [];
  const api = {
    url: "",
    startedHere: true,
    close: async () => {},
    send: async (request: { body?: unknown }) => {
      patches.push(request.body);
      return { status: 200, headers: { get: () => null }, bytes: Buffer.from("{}") };
    },
  };
  for (const provider of providers.keys()) {
    patches.length = 0;
    const books = await openSimulatedProvider(api, provider, "con_1");
    books.enter("1", newSample(at));
    await books.close();
    expect(patches).toEqual([
      expect.objectContaining({ base_url: expect.any(String) }),
      { base_url: null, credentials: null },
    ]);
  }
});

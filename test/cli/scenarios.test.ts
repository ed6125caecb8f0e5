import { beforeAll, expect, test } from "vitest";
import type { Kind } from "../../src/domain/kinds.ts";
import { providers } from "../../src/providers/registry.ts";
import { newSample } from "../../src/simulator/play/sample.ts";
import { connectSimulator } from "../../src/simulator/play/simulated-provider.ts";
import type { ProviderSimulator } from "../../src/simulator/provider-simulator.ts";

const at = new Date("2026-11-20T08:00:00Z");

let simulators: [id: string, simulator: ProviderSimulator][];

beforeAll(async () => {
  simulators = await Promise.all([...providers].map(async ([id, { simulator }]) => [id, await simulator!()] as const));
});

test("every channel of every provider has a scenario that goes well and one that does not", () => {
  for (const [id, { scenarios }] of simulators) {
    for (const channel of Object.keys(providers.get(id)!.channels)) {
      const about = Object.values(scenarios).filter(scenario => scenario.channel === channel);
      expect(about.length, `${id} ${channel}`).toBeGreaterThanOrEqual(2);
      const ends = new Set(
        about.map(s => `${s.events.join()} ${s.by === "callback" ? JSON.stringify(s.answer) + s.ends : s.typed}`),
      );
      expect(ends.size, `${id} ${channel}`).toBeGreaterThanOrEqual(2);
    }
  }
});

test("every callback goes to a channel of its provider, and carries the mark it is recognised by", () => {
  for (const [id, { scenarios }] of simulators) {
    for (const [name, scenario] of Object.entries(scenarios)) {
      if (scenario.by !== "callback") continue;
      const sample = newSample(at);
      for (const { channel, callback } of scenario.callbacks(sample)) {
        expect(providers.get(id)!.channels[channel], `${id} ${name}`).toBeDefined();
        expect(callback.body, `${id} ${name}`).toContain(sample.mark);
      }
    }
  }
});

test("regression: every scenario of one event that can be polled can lose its callback", () => {
  // Daraja and others doubt a failure that is polled for the first time, so those scenarios are played with callbacks.
  const seeds = ["daraja", "codian", "kyanda", "africastalking", "kodipay"];
  for (const [id, { scenarios }] of simulators.filter(([id]) => !seeds.includes(id))) {
    const polled = providers.get(id)!.status?.kinds ?? {};
    for (const [name, scenario] of Object.entries(scenarios)) {
      if (scenario.by !== "callback" || scenario.events.length !== 1 || scenario.channel.endsWith("validation"))
        continue;
      const { kind, provider_refs: refs } = scenario.registration?.(newSample(at)) ?? {};
      const needs = polled[kind as Kind];
      if (!needs?.refs.some(ref => refs![ref]) || needs.optIn !== undefined) continue;
      expect(scenario.polledBy, `${id} ${name}`).toBeDefined();
    }
  }
});

test("every provider with a USSD scenario has a gateway for it", () => {
  for (const [id, { scenarios, ussd }] of simulators) {
    const isNeeded = Object.values(scenarios).some(({ by }) => by === "ussd");
    expect(ussd !== undefined, id).toBe(isNeeded);
  }
});

test("two samples have no mark in common", () => {
  const marks = Array.from({ length: 1000 }, () => newSample(at).mark);
  expect(new Set(marks).size).toBe(1000);
});

test("a connection is given back as it was, whatever the provider behind it answered", async () => {
  const patches: unknown[] = [];
  const api = {
    url: "",
    call: async <T>(request: { body?: unknown }) => patches.push(request.body) as T,
    send: async (request: { body?: unknown }) => {
      patches.push(request.body);
      return { status: 200, text: "{}" };
    },
  };
  for (const [id, simulator] of simulators) {
    patches.length = 0;
    const connected = await connectSimulator(api, simulator, "con_1");
    connected.enter("1", newSample(at));
    await connected.close();
    expect(patches, id).toEqual([
      expect.objectContaining({ base_url: expect.any(String) }),
      { base_url: null, credentials: null },
    ]);
  }
});

import { expect, test } from "vitest";
import { eventExamples } from "../../docs/event-examples.ts";
import { eventTypes } from "../../src/api/endpoints/event-types.ts";
import { webhooks } from "../../src/api/openapi/webhooks.ts";
import { kinds, statuses } from "../../src/domain/kinds.ts";

test("every event type has an example, which is just what its schema says", () => {
  const examples = eventExamples();
  expect(examples.map(({ type }) => type)).toEqual(eventTypes);
  for (const { type, when, event } of examples) {
    const { schema } = Object.values(webhooks).find(each => each.schema.shape.type.safeParse(type).success)!;
    // Zod drops what a schema does not name.
    expect(schema.parse(event), type).toEqual(event);
    expect(when.length, type).toBeGreaterThan(10);
    expect(JSON.stringify(event), type).not.toContain(':"text"');
  }
});

test("the example of a status is a transaction of that family and status", () => {
  for (const { type, event } of eventExamples()) {
    const [family, what] = type.split(".");
    if (family === "standing_order" || !(statuses as readonly string[]).includes(what!)) continue;
    const { transaction } = event.data as {
      transaction: { kind: keyof typeof kinds; status: string; direction: string };
    };
    expect([kinds[transaction.kind].family, kinds[transaction.kind].direction, transaction.status]).toEqual([
      family,
      transaction.direction,
      what,
    ]);
  }
});

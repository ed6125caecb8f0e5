import { expect, test } from "vitest";
import { createForwardedForWarning } from "../../src/receive/forwarded-for-warning.ts";

test("requests through a proxy that is not trusted are told of once an hour", () => {
  const lines: unknown[] = [];
  let nowMs = 0;
  const warn = createForwardedForWarning({ warn: (line: unknown) => void lines.push(line) }, () => nowMs);
  warn();
  nowMs += 3_599_999;
  warn();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("HAKIKA_TRUSTED_PROXIES");
  nowMs += 1;
  warn();
  expect(lines).toHaveLength(2);
});
